# SPDX-License-Identifier: Apache-2.0
"""Exceptions, modes and Monitor rules, each expectation from the manual section that its test names."""

import struct

import pytest

from ovm.board import state
from ovm.board.processor import status
from ovm.metal import offsetof
from tests.board.processor import TABLES, Processor

VBAR = 0x4000
MVBAR = 0x6000
CODE = 0x8000
NOP = 0xE320F000
WFI = 0xE320F003


@pytest.fixture(scope="module")
def processor() -> Processor:
    return Processor()


@pytest.fixture
def core(processor: Processor) -> Processor:
    processor.reset()
    processor.set("mvbar", MVBAR)
    for world in (0, 1):
        set_world(processor, world, "vbar", VBAR)
    return processor


def world_place(core: Processor, world: int, name: str) -> int:
    base = core.cpu + offsetof(state.Cpu, "world")
    return base + world * len_of_world() + offsetof(state.WorldRegisters, name)


def len_of_world() -> int:
    return 21 * 4


def set_world(core: Processor, world: int, name: str, value: int) -> None:
    core.memory.store(world_place(core, world, name), 4, value)


def get_world(core: Processor, world: int, name: str) -> int:
    return int(core.memory.load(world_place(core, world, name), 4))


def array(core: Processor, name: str, index: int) -> int:
    return int(core.memory.load(core.cpu + offsetof(state.Cpu, name) + 4 * index, 4))


def load(core: Processor, *words: int, at: int = CODE) -> None:
    core.write(at, struct.pack(f"<{len(words)}I", *words))
    core.start(at)


def enter(core: Processor, psr: int) -> None:
    core.call(status.return_to, psr)


def test_svc_saves_and_banks(core: Processor) -> None:  # ARM B1.9.4
    enter(core, 0x6000_0010)
    core.registers = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 0x1234, 0x5678)
    load(core, 0xEF000000)
    core.step(2)
    assert core.get("exception") == 8
    assert core.pc == VBAR + 8
    assert core.get("mode") == 0x13
    assert core.registers[14] == CODE + 4
    assert array(core, "spsr", state.BANK_SVC) == 0x6000_0010
    assert array(core, "r13", state.BANK_USR) == 0x1234
    assert array(core, "r14", state.BANK_USR) == 0x5678
    assert core.get("masks") == 0x80


@pytest.mark.parametrize(("thumb", "link"), [(0, 4), (1, 2)])
def test_undefined_link(core: Processor, thumb: int, link: int) -> None:  # ARM B1.9.2
    enter(core, 0x1D3 | thumb << 5)
    load(core, 0xDE00DE00 if thumb else 0xE7F000F0)
    core.step(2)
    assert core.get("exception") == 4
    assert core.get("mode") == 0x1B
    assert core.registers[14] == CODE + link
    assert core.get("thumb") == 0


def test_data_abort_status(core: Processor) -> None:  # ARM B1.9.8, B4.1.52
    core.registers = (0, 0x5F00_0000, *[0] * 13)
    load(core, 0xE5810000)  # str r0, [r1]
    core.step(2)
    assert core.get("exception") == 0x10
    assert core.get("mode") == 0x17
    assert core.registers[14] == CODE + 8
    assert get_world(core, 0, "dfsr") == 0x808
    assert get_world(core, 0, "dfar") == 0x5F00_0000


def test_prefetch_abort_link(core: Processor) -> None:  # ARM B1.9.7
    core.registers = (0x5F00_0000, *[0] * 14)
    load(core, 0xE12FFF10)  # bx r0
    core.step(2)
    assert core.get("exception") == 0x0C
    assert core.registers[14] == 0x5F00_0004
    assert get_world(core, 0, "ifar") == 0x5F00_0000


@pytest.mark.parametrize("never", [0, 1])
def test_both_halves_of_an_instruction_need_the_right_to_execute(core: Processor, never: int) -> None:  # ARM B3.7.2
    core.map(0x2_0000)
    core.write(TABLES + 0x4000 + 4 * 9, struct.pack("<I", 0x907E | never))
    core.write(0x8FFE, struct.pack("<HH", 0xF240, 0x0001))  # movw r0, #1
    core.set("thumb", 1)
    core.start(0x8FFE)
    core.run(2)
    if never:
        assert (core.pc, core.registers[14], get_world(core, 0, "ifsr") & 0x40F) == (VBAR + 12, 0x9002, 0xF)
    else:
        assert (core.pc, core.registers[0]) == (0x9002, 1)


def test_interrupt_link_and_masks(core: Processor) -> None:  # ARM B1.9.10, B1.9.12
    enter(core, 0x13)
    load(core, NOP, NOP)
    core.set("lines", state.LINE_IRQ)
    core.set("attention", state.ATTEND_INTERRUPT)
    core.step(1)
    assert core.get("mode") == 0x12
    assert core.registers[14] == CODE + 4
    assert core.get("masks") == 0x180
    assert core.pc == VBAR + 0x18


def test_fiq_has_its_own_registers(core: Processor) -> None:  # ARM B1.3.2
    enter(core, 0x13)
    core.registers = tuple(range(15))
    load(core, NOP, NOP)
    core.set("lines", state.LINE_FIQ)
    core.set("attention", state.ATTEND_INTERRUPT)
    core.step(1)
    assert core.get("mode") == 0x11
    assert core.registers[8:13] == (0,) * 5
    assert core.registers[:8] == tuple(range(8))
    assert core.get("masks") == 0x1C0
    core.call(status.set_mode, 0x13)
    assert core.registers[8:15] == tuple(range(8, 15))


def test_fiq_cannot_be_masked_by_software(core: Processor) -> None:  # ARM B1.8.3, NMFI
    enter(core, 0x13)
    load(core, 0xF10C0040, NOP)  # cpsid f
    core.step(1)
    assert core.get("masks") == 0
    load(core, 0xE321F0D3, NOP, at=CODE + 0x100)  # msr cpsr_c, #0xd3
    core.step(1)
    assert core.get("masks") == 0x80


def test_fiq_can_be_unmasked(core: Processor) -> None:
    load(core, 0xF1080040, NOP)  # cpsie f
    core.step(1)
    assert core.get("masks") == 0x180


def test_smc_goes_to_monitor_and_keeps_ns(core: Processor) -> None:  # ARM B1.9.5
    core.set("scr", 1)
    load(core, 0xE1600070)
    core.step(2)
    assert core.get("mode") == 0x16
    assert core.pc == MVBAR + 8
    assert core.get("scr") == 1
    assert core.get("masks") == 0x1C0
    assert array(core, "spsr", state.BANK_MON) & 0x1F == 0x13


def test_smc_is_undefined_in_user_mode(core: Processor) -> None:  # ARM B9.3.14
    enter(core, 0x10)
    load(core, 0xE1600070)
    core.step(2)
    assert core.get("exception") == 4


def test_exception_in_monitor_clears_ns(core: Processor) -> None:  # ARM B1.8.10
    core.set("scr", 1)
    enter(core, 0x1D6)
    core.set("mode", 0x16)
    load(core, 0xEF000000)
    core.step(2)
    assert core.get("scr") == 0
    assert core.get("mode") == 0x13


@pytest.mark.parametrize(("aw", "fw", "masks"), [(0, 0, 0x80), (1, 0, 0x180), (0, 1, 0xC0), (1, 1, 0x1C0)])
def test_non_secure_fiq_masks(core: Processor, aw: int, fw: int, masks: int) -> None:  # ARM B1.8.5
    core.set("scr", 1 | aw << 5 | fw << 4)
    enter(core, 0x13)
    core.set("masks", 0)
    load(core, NOP, NOP)
    core.set("lines", state.LINE_FIQ)
    core.set("attention", state.ATTEND_INTERRUPT)
    core.step(1)
    assert core.get("masks") == masks


def test_vcr_overrides_the_mask(core: Processor) -> None:  # A9 TRM 4.3.14
    core.set("scr", 1 | 2)
    enter(core, 0x93)
    load(core, NOP, NOP)
    core.set("lines", state.LINE_IRQ)
    core.set("attention", state.ATTEND_INTERRUPT)
    core.step(1)
    assert core.get("mode") == 0x13
    core.set("vcr", 1 << 7)
    core.set("attention", state.ATTEND_INTERRUPT)
    core.step(1)
    assert core.get("mode") == 0x16
    assert core.pc == MVBAR + 0x18


def test_monitor_cannot_be_entered_from_non_secure(core: Processor) -> None:  # ARM B1.5.1
    core.set("scr", 1)
    load(core, 0xF1020016)  # cps #0x16
    core.step(2)
    assert core.get("stopped") == state.STOP_UNPREDICTABLE
    assert core.get("mode") == 0x13


def test_exception_return(core: Processor) -> None:  # ARM B9.3.20
    core.memory.store(core.cpu + offsetof(state.Cpu, "spsr") + 4 * state.BANK_SVC, 4, 0xA000_0030)
    core.registers = (*[0] * 14, 0x9002)
    load(core, 0xE1B0F00E)  # movs pc, lr
    core.step(1)
    assert core.pc == 0x9002
    assert core.get("mode") == 0x10
    assert core.get("thumb") == 1
    assert core.call(status.cpsr) & 0xF000_0000 == 0xA000_0000


def test_store_return_state_uses_the_other_stack(core: Processor) -> None:  # ARM B9.3.16
    core.memory.store(core.cpu + offsetof(state.Cpu, "r13") + 4 * state.BANK_IRQ, 4, 0xA000)
    core.memory.store(core.cpu + offsetof(state.Cpu, "spsr") + 4 * state.BANK_SVC, 4, 0x1F0)
    core.registers = (*[0] * 14, 0x7777)
    load(core, 0xF96D0512)  # srsdb sp!, #0x12
    core.step(1)
    assert struct.unpack("<2I", core.read(0x9FF8, 8)) == (0x7777, 0x1F0)
    assert array(core, "r13", state.BANK_IRQ) == 0x9FF8


def test_user_registers_are_stored(core: Processor) -> None:  # ARM B9.3.17
    core.memory.store(core.cpu + offsetof(state.Cpu, "r13"), 4, 0x1111)
    core.registers = (0xA000, *[0] * 12, 0x2222, 0)
    load(core, 0xE8C02000)  # stmia r0, {sp}^
    core.step(1)
    assert struct.unpack("<I", core.read(0xA000, 4)) == (0x1111,)


def test_waiting(core: Processor) -> None:  # ARM B1.8.13, B1.8.14
    load(core, WFI, NOP)
    core.run(20)
    assert core.get("stopped") == state.STOP_WAIT
    assert core.pc == CODE + 4
    core.set("event_register", 1)
    load(core, 0xE320F002, NOP, WFI, at=CODE + 0x40)
    assert core.run(20) == 3
    assert core.get("event_register") == 0


def test_alignment_fault(core: Processor) -> None:  # ARM A3.2.1: LDM always, LDR with SCTLR.A
    core.registers = (0xA002, *[0] * 14)
    load(core, 0xE8900006)  # ldm r0, {r1, r2}
    core.step(2)
    assert get_world(core, 0, "dfsr") == 1
    assert get_world(core, 0, "dfar") == 0xA002


def test_big_endian_data(core: Processor) -> None:  # ARM A3.3
    core.write(0xA000, bytes((1, 2, 3, 4)))
    core.registers = (0xA000, *[0] * 14)
    load(core, 0xE5903000, 0xF1010200, 0xE5901000, 0xE1D020B0)  # ldr; setend be; ldr; ldrh
    core.step(4)
    assert core.registers[1:4] == (0x01020304, 0x0102, 0x04030201)
