# SPDX-License-Identifier: Apache-2.0
"""The guests' library under CPython: the console ring of an HRT guest, its devices, interrupt masking."""

from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ovm.abi.hypercalls import EXIT
from ovm.abi.vcpu_page import HrtPage, VcpuPage
from ovm.guests.lib import console, devices, hrt, vcpu
from ovm.guests.lib.line import Line, put_character
from ovm.metal import Ptr, VirtAddr, address, u8, u32
from ovm.metal.lang.errors import SimulationEnd
from ovm.metal.simulate import Simulation, simulate

PERIPHBASE = 0x1E00_0000
CALL = "ovm.guests.lib.call.call"


class Registers:
    """Device registers: they read as stored, or one after the other what `script` says; stores are kept in order."""

    def __init__(self, script: dict[int, list[int]] | None = None) -> None:
        self.script = script or {}
        self.stored: dict[int, int] = {}
        self.stores: list[tuple[int, int]] = []

    def read(self, offset: int, size: int) -> int:
        assert size == 4
        return self.script[offset].pop(0) if self.script.get(offset) else self.stored.get(offset, 0)

    def write(self, offset: int, size: int, value: int) -> None:
        assert size == 4
        self.stored[offset] = value
        self.stores.append((offset, value))


def test_the_timer_starts_last_and_with_a_clean_slate() -> None:
    registers = Registers()
    registers.stored[0x141C] = 0xAABB_CCDD
    with simulate(devices=((PERIPHBASE, 0x2000, registers),)):
        devices.start_periodic(VirtAddr(PERIPHBASE), u32(1000))
    # Interrupt 29 has byte 1 of priority word 7; the period is one more than what is loaded (DDI0407 4.1.1).
    assert registers.stores == [
        (0x141C, 0xAABB_00DD), (0x1280, 1 << 29), (0x1100, 1 << 29), (0x1000, 1), (0x104, 0xFF), (0x100, 1),
        (0x608, 0), (0x60C, 1), (0x600, 999), (0x608, 7),
    ]  # fmt: skip


@pytest.mark.parametrize(("identity", "ours"), [(29, True), (1 << 10 | 29, True), (30, False)])
def test_an_interrupt_ends_after_its_cause_is_gone(identity: int, ours: bool) -> None:
    registers = Registers({0x10C: [identity]})
    with simulate(devices=((PERIPHBASE, 0x2000, registers),)):
        assert devices.take_timer_interrupt(VirtAddr(PERIPHBASE)) is ours
    assert registers.stores == [(0x60C, 1), (0x110, identity)]


def test_a_spurious_interrupt_is_left_alone() -> None:
    registers = Registers({0x10C: [1023]})
    with simulate(devices=((PERIPHBASE, 0x2000, registers),)):
        assert devices.take_timer_interrupt(VirtAddr(PERIPHBASE)) is False
    assert registers.stores == []


def test_time_survives_a_carry_between_its_halves() -> None:
    registers = Registers({0x204: [7, 8, 8, 8], 0x200: [0xFFFF_FFFF, 3, 3]})
    with simulate(devices=((PERIPHBASE, 0x2000, registers),)):
        assert int(devices.global_time(VirtAddr(PERIPHBASE))) == 8 << 32 | 3


@settings(deadline=None)
@example(["a" * 118] * 80, 0xFFFF_FF00)
@given(st.lists(st.text(alphabet="abcdefghij", max_size=118), max_size=80), st.integers(0, 0xFFFF_FFFF))
def test_the_console_ring_gives_whole_lines_in_order(lines: list[str], start: int) -> None:
    """A reader that takes everything now and then; what doesn't fit is lost whole."""
    with simulate():
        page = HrtPage()
        hrt.use_page(address(page))
        page.console_head = page.console_tail = u32(start)
        sent = got = ""
        for number, text in enumerate(lines):
            line = Line()
            for character in text:
                put_character(line, u8(ord(character)))
            room = 4096 - ((int(page.console_head) - int(page.console_tail)) & 0xFFFF_FFFF)
            hrt.write_line(line)
            sent += f"{text}\n" if len(text) + 1 <= room else ""
            if number % 60 == 59:
                got += drain(page)
        assert got + drain(page) == sent


def drain(page: HrtPage) -> str:
    text = ""
    while int(page.console_tail) != int(page.console_head):
        place = int(page.console_tail) % 4096
        text += chr(int(page.console[place // 4]) >> 8 * (place % 4) & 0xFF)
        page.console_tail += 1
    return text


def test_a_report_is_there_before_it_is_valid() -> None:
    with simulate() as machine:
        page = HrtPage()
        hrt.use_page(address(page))
        hrt.report(u32(3), u32(77))
        assert (int(page.report[3]), int(page.report_valid)) == (77, 8)
        assert machine.names("barrier") == ["dmb"]


@pytest.fixture
def masked() -> Iterator[tuple[Simulation, VcpuPage]]:
    with simulate(functions={CALL: lambda *_: 0}) as machine:
        page = VcpuPage()
        vcpu.use_page(address(page))
        vcpu.mask()
        yield machine, page


@pytest.mark.parametrize(("pending", "enabled", "calls"), [(0, 1, 0), (2, 1, 0), (1, 1, 1), (3, 2, 1)])
def test_unmasking_enters_ovm_only_for_a_pending_interrupt(
    masked: tuple[Simulation, VcpuPage], pending: int, enabled: int, calls: int
) -> None:
    machine, page = masked
    assert int(page.irq_masked) == 1
    page.irq_pending, page.irq_enabled = u32(pending), u32(enabled)
    vcpu.unmask()
    assert int(page.irq_masked) == 0
    assert len(machine.names("call")) == calls


@pytest.mark.parametrize("code", [0, 9, 0xA, 0x1234_5678, 0xFFFF_0004])
def test_a_panic_prints_its_code_and_ends_with_it(code: int) -> None:
    printed = bytearray()
    status = []

    def write(_function: u32, length: u32, words: Ptr[u32]) -> int:
        printed.extend(b"".join(int(words[index]).to_bytes(4, "little") for index in range(6))[: int(length)])
        return 0

    def leave(function: u32, first: u32, *_: u32) -> int:
        status.append((int(function), int(first)))
        return 0

    functions = {"ovm.guests.lib.call.call_words": write, CALL: leave}
    with simulate(functions=functions, turns=1), pytest.raises(SimulationEnd):
        console.panicked(u32(code))
    assert printed.decode() == f"panic {code:#010x}\n"
    assert status == [(EXIT, code)]
