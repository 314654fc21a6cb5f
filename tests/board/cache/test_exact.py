# SPDX-License-Identifier: Apache-2.0
"""Short cuts change nothing: with every access and instruction on the long way, results and cycles are the same."""

import random
import struct

import pytest

from ovm.board import events, parameters, state
from ovm.board.processor import status
from ovm.board.processor.status import set_mode
from ovm.board.shortcuts import lines
from ovm.metal import offsetof, sizeof
from tests.board.cache import driver
from tests.board.cache.rig import LATENCIES, PRIVILEGED, Rig, store
from tests.board.processor import Processor
from tests.board.test_programs import CODE, compiled

RAM = 0x40_0000
PIPELINE = {"issue_window": 8, "level1_load": 4, "load_forwarded": 2, "load_result": 3, "shift_result": 2, "multiply_result": 4}
WAITING = {"level2_refill": 7, "memory_fills": 2, "miss_window": 40, "level1_load": 4, "store_miss": 12, "prefetch_streams": 2}
ACCESSES = 300_000


@pytest.fixture(scope="module")
def rig() -> Rig:
    return Rig()


@pytest.fixture(scope="module")
def core() -> Processor:
    return Processor()


@pytest.mark.parametrize("span", [8, 64, 900])
def test_random_accesses(rig: Rig, span: int) -> None:
    """Two cores, two worlds' lines, two modes, maintenance of TLBs and caches, code among data, exclusives."""
    outcomes = []
    for long_way in (0, 1):
        rig.reset(long_way=long_way, **WAITING)
        rig.write(0xF60, 0x7000_0001 if span == 64 else 0)  # level 2 looks ahead
        digest = rig.call(driver.random_accesses, span, ACCESSES, span)
        times = (rig.cpu("stalled", 8), rig.cpu("number"))
        outcomes.append((digest, times, rig.counts(0), rig.counts(1), rig.state()))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][2][events.COUNT_DATA_MISSES] > 1000


def test_rights_are_those_of_the_mode(rig: Rig) -> None:
    rig.reset()
    for mode, fault in ((0x13, 0), (0x10, 1), (0x13, 0), (0x10, 1)):
        rig.call(set_mode, mode)
        for _ in range(3):
            assert rig.value(PRIVILEGED) >> 32 == fault
            place = rig.program.address_of("ovm.board.state.CPU") + offsetof(state.Cpu, "fault")
            rig.memory.store(place, 4, 0)


def test_rights_change_with_the_domain(rig: Rig) -> None:
    """A page that an access has been to is no more open than another when DACR changes: to other lines of it neither."""
    rig.reset()
    dacr = offsetof(state.Cpu, "world") + offsetof(state.WorldRegisters, "dacr")
    for line in range(4):
        assert rig.value(line * 32) >> 32 == 0
        rig.store(line * 32)
    rig.memory.store(rig.program.address_of("ovm.board.state.CPU") + dacr, 4, 0)
    rig.call(lines.drop_lines)
    assert rig.value(4 * 32) >> 32 == 1
    rig.memory.store(rig.program.address_of("ovm.board.state.CPU") + offsetof(state.Cpu, "fault"), 4, 0)
    assert rig.call(store, 5 * 32, 1) == 1


def outcome(core: Processor, code: bytes, thumb: bool, long_way: int) -> tuple[object, ...]:
    """Registers, cycles and counters after a program that ends in WFI."""
    core.reset()
    core.map(RAM)
    place = core.program.address_of("ovm.board.parameters.PARAMETERS")
    values = {**LATENCIES, **PIPELINE, "random_seed": 3, "long_way": long_way, "micro_tlb_miss": 11, "walk_base": 13}
    values |= {"mispredict": 9, "branch_history": 12}
    for name, value in values.items():
        core.memory.store(place + offsetof(parameters.Parameters, name), 4, value)
    core.write(CODE, code)
    core.call(status.return_to, 0x1D3 | thumb << 5)
    core.registers = (0,) * 15
    core.start(CODE)
    core.run(50_000_000)
    assert core.get("stopped") == state.STOP_WAIT
    place = core.program.address_of("ovm.board.events.CORE_COUNTS")
    counts = struct.unpack(f"<{events.COUNTS}Q", core.memory.read(place, sizeof(events.Counts)))
    times = tuple(core.get(field) for field in ("slots", "stalled", "instructions"))
    return core.registers, times, counts, core.call(status.cpsr)


@pytest.mark.parametrize("instruction_set", ["arm", "thumb"])
def test_c_program(core: Processor, instruction_set: str) -> None:
    code, thumb = compiled(instruction_set), instruction_set == "thumb"
    assert outcome(core, code, thumb, 0) == outcome(core, code, thumb, 1)


def wide_code(thumb: bool, size: int, turns: int) -> bytes:
    """Return a loop over more code than the instruction cache holds, with branches over parts of it; r0 counts."""
    source = random.Random(size)
    words: list[int] = []
    if thumb:
        words += [0xF240, turns]  # movw r0, #turns
        while len(words) < size // 2:
            # adds r1, r1, r2; eors r2, r1; a wide eor.w r1, r1, r2, lsl #3; a branch over nops
            choice = source.randrange(8)
            if choice < 3:
                words += [source.choice((0x1889, 0x404A))]
            elif choice < 6:
                words += [0xEA81, 0x01C2]
            else:
                # Over more than a line at times, so that some lines are only the second half of a wide branch.
                length = source.randrange(40)
                branch = [0xE000 | (length - 1) & 0x7FF] if source.randrange(2) else [0xF000, 0xB800 | length]
                words += [*branch, *[0xBF00] * length]
        words += [0x3801, 0xD001]  # subs r0, #1; beq over the branch back
        distance = 4 - (2 * len(words) + 4)
        words += [0xF000 | distance >> 12 & 0x3FF | (distance < 0) << 10, 0xB800 | distance >> 1 & 0x7FF]  # b.w
        words += [0xBF30]
        return struct.pack(f"<{len(words)}H", *words)
    words += [0xE300_0000 | (turns & 0xF000) << 4 | turns & 0xFFF]
    while len(words) < size // 4:
        if source.randrange(8) < 6:
            words += [source.choice((0xE0911002, 0xE0222001, 0x10811002, 0xE2511003))]
        else:
            length = source.randrange(15)
            words += [0xEA000000 | (length - 1) & 0xFF_FFFF, *[0xE320F000] * length]
    words += [0xE2500001, 0x1A000000 | (1 - (len(words) + 3)) & 0xFF_FFFF, 0xE320F003]
    return struct.pack(f"<{len(words)}I", *words)


@pytest.mark.parametrize("thumb", [False, True])
@pytest.mark.parametrize("size", [3 << 10, 30 << 10, 48 << 10, 90 << 10])
def test_code_larger_than_the_cache(core: Processor, thumb: bool, size: int) -> None:
    code = wide_code(thumb, size, 5)
    short = outcome(core, code, thumb, 0)
    assert short == outcome(core, code, thumb, 1)
    counts = short[2]
    assert isinstance(counts, tuple)
    misses = counts[events.COUNT_FETCH_MISSES]
    assert misses >= len(code) // 32 * (2 if size > 64 << 10 else 0.5)
    if size < 32 << 10:
        assert misses <= len(code) // 32 + 2


@pytest.mark.parametrize("order", [(0xE3C0_0A01, 0xE380_0A01), (0xE380_0A01, 0xE3C0_0A01)])
def test_code_with_the_instruction_cache_on_and_off(core: Processor, order: tuple[int, int]) -> None:
    """Decoded with SCTLR.I set and executed with it clear, and the other way round."""
    words = [0xE3A0_6002]  # mov r6, #2
    for change in order:
        # mrc SCTLR to r0; bic or orr bit 12; mcr; bl to the loop
        words += [0xEE11_0F10, change, 0xEE01_0F10, 0xEB00_0000]
    words += [0xE256_6001, 0x1A00_0000 | (-11) & 0xFF_FFFF, 0xE320_F003]  # again; wfi
    loop = [0xE3A0_1014, *[0xE282_2001] * 20, 0xE251_1001, 0x1A00_0000 | (-23) & 0xFF_FFFF, 0xE12F_FF1E]
    for place in (4, 8):
        words[place] |= len(words) - place - 2
    code = struct.pack(f"<{len(words) + len(loop)}I", *words, *loop)
    short = outcome(core, code, False, 0)
    assert short == outcome(core, code, False, 1)
    counts = short[2]
    assert isinstance(counts, tuple)
    assert counts[events.COUNT_UNCACHED] > 2 * 20 * 2
