# SPDX-License-Identifier: Apache-2.0
"""Address translation operations and the performance monitors (ARM B4.2.4, C12)."""

import pytest

from ovm.board import state
from ovm.board.clock import SLOTS_PER_CYCLE
from ovm.board.cp15 import monitors
from ovm.board.devices.gic_state import Gic
from ovm.metal import offsetof
from tests.board.mmu.bare import FETCH, MON, SVC, Bare
from tests.board.mmu.maps import LEVEL_2, SECTION, TABLE, lock, mapped, walks

MVA = 0x12_3456
SUPER = 0x3000_0000
INNER_ALLOCATE, OUTER_ALLOCATE = 0b101 << 4, 1 << 2
NORMAL = INNER_ALLOCATE | OUTER_ALLOCATE


@pytest.fixture(scope="module")
def shared() -> Bare:
    return Bare()


@pytest.fixture
def core(shared: Bare) -> Bare:
    shared.reset()
    return mapped(shared)


def par(core: Bare, operation: str, address: int) -> int:
    core.write(operation, address)
    return core.read("PAR")


def test_success(core: Bare) -> None:
    assert par(core, "ATS1CPR", MVA) == MVA & ~0xFFF | NORMAL
    assert par(core, "ATS1CPR", 0x1234_5678) == 0x1234_5000 | NORMAL
    for index in range(16):
        core.store(TABLE + 4 * ((SUPER >> 20) + index), 0x5500_0000 | SECTION | 1 << 18)
    assert par(core, "ATS1CPR", SUPER | 0x12_3456) == 0x5500_0000 | NORMAL | 2


def test_device_and_strongly_ordered(core: Bare) -> None:
    core.store(TABLE + 4 * 0x400, 0x4000_0000 | 0xC02 | 1 << 2)
    core.store(TABLE + 4 * 0x401, 0x4010_0000 | 0xC02)
    assert par(core, "ATS1CPR", 0x4000_0000) == 0x4000_0000 | 0b011 << 4 | 1 << 7
    assert par(core, "ATS1CPR", 0x4010_0000) == 0x4010_0000 | 0b001 << 4 | 1 << 7


def test_failures(core: Bare) -> None:
    core.store(LEVEL_2 + 4 * 3, 0)
    core.store(TABLE + 4 * 0x400, 0x4000_0000 | 1 << 10 | 2)
    assert par(core, "ATS1CPR", 0x3000) == 0x7 << 1 | 1
    assert par(core, "ATS1CPR", 0x4000_0000) & 1 == 0
    assert par(core, "ATS1CUR", 0x4000_0000) == 0xD << 1 | 1
    core.write("DACR", 0)
    assert par(core, "ATS1CPW", 0x4000_0000) == 0x9 << 1 | 1


def test_external_abort_of_the_walk_is_taken(core: Bare) -> None:
    core.write("TTBR0", 0xE000_0000)
    core.write("ATS1CPR", 0x1000_0000)
    assert core.get("fault") & 0xF == 0xC


def test_mmu_off_is_flat(core: Bare) -> None:
    core.write("SCTLR", 0)
    assert par(core, "ATS1CPR", 0x1234_5678) == 0x1234_5000 | 0b001 << 4 | 1 << 7


def test_other_world(core: Bare) -> None:
    core.enter(MON, 1)
    core.write("TTBR0", 0x4_0000)
    core.write("DACR", 1)
    core.write("SCTLR", 1)
    core.store(0x4_0000 + 4 * 0x300, 0x3300_0000 | SECTION)
    core.enter(SVC, 0)
    assert par(core, "ATS12NSOPR", 0x3000_0000) == 0x3300_0000 | NORMAL
    assert par(core, "ATS12NSOPR", 0x3100_0000) == 0x5 << 1 | 1
    assert par(core, "ATS1CPR", 0x3000_0000) == 0x3000_0000 | NORMAL


def test_result_is_the_banks_that_ns_selects(core: Bare) -> None:
    core.enter(MON, 1)
    core.write("ATS1CPR", MVA)
    assert core.read("PAR") == MVA & ~0xFFF | NORMAL
    core.enter(MON, 0)
    assert core.read("PAR") == 0


def test_operations_see_locked_entries(core: Bare) -> None:
    lock(core, 0, 0x7700_0000 | 1 << 9, 0x100_0000 | 1 << 6 | 3 << 1)
    assert par(core, "ATS1CPR", 0x7700_0000) & ~0xFFF == 0x100_0000


def test_cache_maintenance_faults_as_a_write(core: Bare) -> None:
    core.store(LEVEL_2 + 4 * 3, 0)
    core.write("DCCMVAC", 0x3000)
    assert core.get("fault") & 0xF == 0x7
    assert core.get("fault_write") == 1


def passed(core: Bare, cycles: int) -> None:
    place = core.cpu + offsetof(state.Cpu, "slots")
    core.memory.store(place, 8, core.memory.load(place, 8) + cycles * SLOTS_PER_CYCLE)


CYCLES, FIRST = 1 << 31, 1


def test_cycle_counter(core: Bare) -> None:
    core.write("PMCR", 1)
    core.write("PMCNTENSET", CYCLES)
    start = core.read("PMCCNTR")
    passed(core, 1000)
    assert core.read("PMCCNTR") - start == 1000
    core.write("PMCR", 1 | 8 | 4)
    passed(core, 100)
    assert core.read("PMCCNTR") == 1
    passed(core, 28)
    assert core.read("PMCCNTR") == 2
    core.write("PMCNTENCLR", CYCLES)
    passed(core, 6400)
    assert core.read("PMCCNTR") == 2


def test_counters_count_what_is_selected(core: Bare) -> None:
    core.write("PMCR", 1)
    core.write("PMSELR", 3)
    core.write("PMXEVTYPER", 0x05)
    core.write("PMXEVCNTR", 0)
    walks(core, 0x1000, 0x2000, 0x1000)
    assert core.read("PMXEVCNTR") == 0
    core.write("PMCNTENSET", 1 << 3)
    walks(core, 0x3000, 0x4000, 0x3000)
    assert core.read("PMXEVCNTR") == 2
    core.write("PMXEVTYPER", 0x0B)
    assert core.read("PMXEVCNTR") == 2
    core.write("CONTEXTIDR", 5)
    assert core.read("PMXEVCNTR") == 3
    core.write("PMSELR", 0)
    assert core.read("PMXEVCNTR") == 0


def test_cycles_of_waiting(core: Bare) -> None:
    core.parameter("walk_base", 7)
    core.parameter("micro_tlb_miss", 5)
    core.write("PMCR", 1)
    core.write("PMCNTENSET", 15)
    for index, event in enumerate((0x82, 0x83, 0x84, 0x85)):
        core.write("PMSELR", index)
        core.write("PMXEVTYPER", event)
    core.translate(0x1000)
    core.translate(0x2000, FETCH)
    core.translate(0x2000)
    core.translate(0x3000)
    seen = []
    for index in range(4):
        core.write("PMSELR", index)
        seen.append(core.read("PMXEVCNTR"))
    assert seen == [7, 14, 5, 15]


def test_software_increment_overflows(core: Bare) -> None:
    core.write("PMCR", 1)
    core.write("PMCNTENSET", FIRST)
    core.write("PMINTENSET", FIRST)
    core.write("PMXEVCNTR", 0xFFFF_FFFF)
    assert core.read("PMOVSR") == 0
    core.write("PMSWINC", FIRST | 2)
    assert (core.read("PMXEVCNTR"), core.read("PMOVSR")) == (0, FIRST)
    core.write("PMOVSR", FIRST)
    assert core.read("PMOVSR") == 0


def test_identity(core: Bare) -> None:
    assert core.read("PMCR") == 0x4109_3000


def test_overflow_reaches_the_interrupt_controller(core: Bare) -> None:
    """Interrupt 37 becomes pending when the monitors are next looked at, by the clock if by nobody else."""
    core.write("PMCR", 1)
    core.write("PMCNTENSET", CYCLES)
    core.write("PMINTENSET", CYCLES)
    core.write("PMCCNTR", 0xFFFF_FF00)
    passed(core, 0x200)
    level = core.program.address_of("ovm.board.devices.gic_state.GIC") + offsetof(Gic, "level")
    words = [core.memory.load(level + 4 * word, 4) for word in range(4)]
    core.call(monitors.monitors_expire, 0, 0)
    assert [core.memory.load(level + 4 * word, 4) for word in range(4)] != words
    core.write("PMOVSR", CYCLES)
    assert [core.memory.load(level + 4 * word, 4) for word in range(4)] == words
