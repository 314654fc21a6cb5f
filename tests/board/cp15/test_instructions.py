# SPDX-License-Identifier: Apache-2.0
"""CP15 and the MMU by instructions: MCR and MRC in both sets, what is UNDEFINED, aborts of translation (ARM B1.9)."""

import struct

import pytest

from ovm.arm import cp15
from ovm.board import state
from ovm.board.cp15.control import SCTLR_RESET
from ovm.board.processor import status
from ovm.board.run import loop
from ovm.board.shortcuts.slots import drop_records
from ovm.metal import Cp15, offsetof, sizeof
from tests.board.processor import Processor

CODE, VBAR, TABLE = 0x8000, 0x4000, 0x10_0000
SVC, USR = 0x1D3, 0x1D0
UNDEFINED, PREFETCH, DATA = 0x4, 0xC, 0x10
SECTION = 0x1C0E


def mcr(register: Cp15, target: int, load: bool = False) -> int:
    selected = register.op1 << 21 | register.crn << 16 | register.op2 << 5 | register.crm
    return 0xEE00_0F10 | load << 20 | target << 12 | selected


def mrc(register: Cp15, target: int) -> int:
    return mcr(register, target, True)


@pytest.fixture(scope="module")
def processor() -> Processor:
    return Processor()


@pytest.fixture
def core(processor: Processor) -> Processor:
    processor.reset()
    for world in (0, 1):
        for field, value in (("vbar", VBAR), ("sctlr", SCTLR_RESET)):
            processor.memory.store(banked(processor, world, field), 4, value)
    return processor


def banked(core: Processor, world: int, field: str) -> int:
    where = offsetof(state.Cpu, "world") + world * sizeof(state.WorldRegisters)
    return core.cpu + where + offsetof(state.WorldRegisters, field)


def place(core: Processor, physical: int, *words: int) -> None:
    """Write instructions where others may have been executed."""
    core.write(physical, struct.pack(f"<{len(words)}I", *words))
    for index in range(len(words)):
        core.call(drop_records, physical + 4 * index, 4)


def run(core: Processor, *words: int, count: int = 0, psr: int = SVC, **registers: int) -> tuple[int, ...]:
    values = [0] * 15
    for name, value in registers.items():
        values[int(name[1:])] = value
    place(core, CODE, *words)
    core.call(status.return_to, psr)
    core.registers = tuple(values)
    core.start(CODE)
    core.step(count or len(words))
    return core.registers


def exception(core: Processor) -> int:
    return core.get("exception")


def test_write_and_read_back(core: Processor) -> None:
    found = run(core, mcr(cp15.TPIDRURW, 2), mrc(cp15.TPIDRURW, 3), mrc(cp15.MIDR, 4), r2=0x1234)
    assert found[3:5] == (0x1234, 0x413F_C090)
    assert core.pc == CODE + 12


def test_condition(core: Processor) -> None:
    unless = mrc(cp15.MIDR, 4) & 0x0FFF_FFFF
    assert run(core, unless, psr=SVC)[4] == 0
    assert run(core, unless | 1 << 28, psr=SVC)[4] != 0


def test_thumb(core: Processor) -> None:
    words = (mcr(cp15.TPIDRURW, 2), mrc(cp15.TPIDRURW, 3))
    found = run(core, *(word >> 16 | (word & 0xFFFF) << 16 for word in words), psr=SVC | 0x20, r2=77)
    assert found[3] == 77
    assert core.pc == CODE + 8


def test_flags(core: Processor) -> None:
    run(core, mcr(cp15.TPIDRURW, 2), mrc(cp15.TPIDRURW, 15), r2=0xA000_0123)
    assert core.call(status.cpsr) >> 28 == 0xA


@pytest.mark.parametrize(
    "word, psr",
    (
        (mrc(cp15.SCTLR, 0), USR),
        (mcr(cp15.TPIDRURO, 0), USR),
        (mcr(cp15.MIDR, 0), SVC),
        (0xEE1B_0F10, SVC),  # c11: no preload engine
        (0xEC41_0F12, SVC),  # MCRR p15
        (0xFE11_0F10, SVC),  # MRC2
        (0xEE01_0F02, SVC),  # CDP p15
        (0xEE19_0F10, SVC),  # c9,0,c0,0
        (0xEE10_0E35, SVC),  # CP14 debug: DBGBVR-like
    ),
)
def test_undefined(core: Processor, word: int, psr: int) -> None:
    run(core, word, psr=psr)
    assert exception(core) == UNDEFINED
    assert core.registers[14] == CODE + 4


def test_user_registers(core: Processor) -> None:
    barrier = 0xEE07_0FBA  # DMB as CP15 operation
    found = run(core, mcr(cp15.TPIDRURW, 2), barrier, mrc(cp15.TPIDRURW, 3), psr=USR, r2=9)
    assert (exception(core), found[3]) == (0, 9)


def tables(core: Processor, **sections: int) -> None:
    """Identity sections in the first 16 MiB; `s<index>` replaces one."""
    words = [index << 20 | SECTION if index < 16 else 0 for index in range(4096)]
    for name, value in sections.items():
        words[int(name[1:], 16)] = value
    core.write(TABLE, struct.pack("<4096I", *words))


def turn_on(core: Processor) -> None:
    words = (mcr(cp15.TTBR0, 0), mcr(cp15.DACR, 1), mcr(cp15.SCTLR, 2))
    run(core, *words, r0=TABLE, r1=0x5555_5555, r2=SCTLR_RESET | 1)
    assert exception(core) == 0
    assert core.pc == CODE + 12


LDR, STR = 0xE590_1000, 0xE580_1000
DOMAIN_5 = 5 << 5


def test_data_aborts_of_translation(core: Processor) -> None:
    tables(core, s020=0x0200_0002 | DOMAIN_5, s008=0x0080_8402 | DOMAIN_5)
    turn_on(core)
    for word, address, expected in ((LDR, 0x0300_0000, 0x05), (STR, 0x0300_0000, 0x805), (STR, 0x80_0004, 0x85D)):
        run(core, word, r0=address)
        assert exception(core) == DATA
        assert core.memory.load(banked(core, 0, "dfsr"), 4) == expected
        assert core.memory.load(banked(core, 0, "dfar"), 4) == address
        assert core.registers[14] == CODE + 8
    run(core, LDR, r0=0x80_0004)
    assert exception(core) == 0


def test_prefetch_aborts_of_translation(core: Processor) -> None:
    tables(core, s00E=0x00E0_0000 | SECTION | 0x10)
    turn_on(core)
    branch = 0xE12F_FF10  # BX r0
    for target, expected in ((0x00E0_0040, 0xD), (0x0300_0000, 0x5)):
        run(core, branch, count=2, r0=target)
        assert exception(core) == PREFETCH
        assert core.memory.load(banked(core, 0, "ifsr"), 4) == expected
        assert core.memory.load(banked(core, 0, "ifar"), 4) == target
        assert core.registers[14] == target + 4


def test_new_map_counts_from_the_next_fetch(core: Processor) -> None:
    """Code at another virtual address than its own, after TLBIALL: the next instruction is the new one's."""
    tables(core, s00D=SECTION)
    turn_on(core)
    place(core, CODE, mcr(cp15.TLBIALL, 0), mcr(cp15.TLBIALL, 0), 0xE3A0_5001)
    place(core, 0x30_0000 + CODE, 0, 0, 0xE3A0_5002)
    core.call(loop.start, 0xD0_0000 + CODE)
    core.step(1)
    core.write(TABLE + 4 * 0xD, struct.pack("<I", 0x0030_0000 | SECTION))
    core.step(2)
    assert core.registers[5] == 2


def test_maintenance_by_address_aborts(core: Processor) -> None:
    tables(core)
    turn_on(core)
    run(core, mcr(cp15.DCCMVAC, 0), r0=0x0300_0000)
    assert exception(core) == DATA
    assert core.memory.load(banked(core, 0, "dfsr"), 4) == 0x805
    run(core, mcr(cp15.DCCMVAC, 0), r0=0x0030_0000)
    assert exception(core) == 0


def test_what_was_read_before_dacr_is_judged_by_dacr(core: Processor) -> None:
    tables(core, s008=0x0080_0000 | SECTION | DOMAIN_5)
    turn_on(core)
    run(core, LDR, mcr(cp15.DACR, 2), LDR, r0=0x80_0000, r2=0x5555_5555 ^ 1 << 10)
    assert exception(core) == DATA
    assert core.registers[14] == CODE + 16
    assert core.memory.load(banked(core, 0, "dfsr"), 4) == 0x59


def test_new_tables_count_once_the_entry_is_gone(core: Processor) -> None:
    tables(core)
    turn_on(core)
    core.write(0x80_0000, struct.pack("<I", 1))
    core.write(0x90_0000, struct.pack("<I", 2))
    found = run(
        core,
        0xE590_1000,
        0xE584_3000,
        0xE590_5000,
        mcr(cp15.TLBIMVA, 0),
        0xE590_6000,
        r0=0x80_0000,
        r3=0x90_0000 | SECTION,
        r4=TABLE + 4 * 8,
    )
    assert (found[1], found[5], found[6]) == (1, 1, 2)
    assert core.read(TABLE + 4 * 8, 4) == struct.pack("<I", 0x90_0000 | SECTION)
