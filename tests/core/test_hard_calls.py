# SPDX-License-Identifier: Apache-2.0
"""An HRT guest's CPU in Monitor: each answer to the register, each abort that goes on to the guest's own vectors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Never

import pytest

from ovm.abi import hypercalls
from ovm.arm.cp15 import DFAR, DFSR, IFAR, IFSR, SCR, SCTLR, VBAR
from ovm.core import hard_trap
from ovm.core.config import CONFIG
from ovm.core.cpu import CPUS, HARD_CPU
from ovm.core.entry import banks
from ovm.core.gic import SGI_PARK
from ovm.core.hard import CPU_PARKED, page_of_hard
from ovm.core.hard_trap import HardFrame
from ovm.core.vcpu import PC, VCPUS, Vcpu
from ovm.metal import simulate, symbol, u32
from ovm.metal.lang.memory import Device
from tests.core.machine import write

PAGE, FRAME = 0x8020_0000, 0x8030_0000
TIMER, GIC = 0xE000_2000, 0xE000_3000
# The HRT guest's vCPU: not the first, so that an index that is left out shows.
GUEST = 2
REGISTERS = tuple(0x1111_0000 + index for index in range(13))
LINK = 0x0010_0000
SECURE, NORMAL = 0b1100, 0b1101
SVC, ABORT, MONITOR = 0x13, 0x17, 0x16


Entered = tuple[simulate.Simulation, HardFrame]


class Parked(Exception):
    """The CPU stops for ever."""


class Counter:
    """The global timer, at more than 32 bits."""

    def read(self, offset: int, size: int) -> int:
        return {0: 0x89AB_CDEF, 4: 0x0123_4567}[offset]

    def write(self, offset: int, size: int, value: int) -> None:
        raise AssertionError("nothing here sets the time")


class Interface:
    """The CPU interface of the interrupt controller, with one interrupt pending (IHI0048 4.4)."""

    def __init__(self, pending: int) -> None:
        self.pending = pending
        self.writes: list[tuple[int, int]] = []

    def read(self, offset: int, size: int) -> int:
        assert offset == 0xC
        return self.pending

    def write(self, offset: int, size: int, value: int) -> None:
        self.writes.append((offset, value))


@contextmanager
def hard_guest(monkeypatch: pytest.MonkeyPatch, interface: Device | None = None) -> Iterator[Entered]:
    """Yield an HRT guest that has just come to Monitor."""

    def park() -> Never:
        raise Parked

    monkeypatch.setattr(hard_trap, "park", park)
    functions = {symbol(banks.abort_bank_set): lambda link, psr: None}
    registers = {SCTLR: 0, VBAR: 0x0010_0040, DFSR: 0x1008, DFAR: 0xE000_D000, IFSR: 0x1009, IFAR: 0x0030_0000, SCR: NORMAL}
    devices = [(TIMER, 0x10, Counter()), (GIC, 0x100, interface or Interface(0x3FF))]
    with simulate.simulate(cp15=registers, functions=functions, devices=devices) as machine:
        write(CONFIG, timer_hz=333_333_333, global_timer_phys=TIMER, gic_cpu_phys=GIC)
        write(CPUS[HARD_CPU], current=GUEST)
        write(VCPUS[u32(GUEST)], index=GUEST, page=PAGE)
        frame = HardFrame.refer(FRAME)
        for index, value in enumerate(REGISTERS):
            frame.registers[index] = value
        write(frame, link=LINK)
        yield machine, frame


def counted(vcpu: Vcpu) -> tuple[int, int, int]:
    counters = vcpu.counters
    return int(counters.monitor_calls), int(counters.refusals), int(counters.fast_interrupts)


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        (hypercalls.NULL, (0,)),
        (hypercalls.TIME, (0, 0x89AB_CDEF, 0x0123_4567, 333)),
        (hypercalls.REVISION, (0, 1)),
        (hypercalls.PSCI_VERSION, (2,)),
        (hypercalls.CONSOLE_WRITE, (0xFFFF_FFFF,)),
        (0x1234_5678, (0xFFFF_FFFF,)),
    ],
)
def test_each_answer_and_no_register_more(monkeypatch: pytest.MonkeyPatch, number: int, answer: tuple[int, ...]) -> None:
    with hard_guest(monkeypatch) as (_, frame):
        frame.registers[0] = number
        hard_trap.hard_call(frame)
        assert tuple(int(frame.registers[index]) for index in range(13)) == answer + REGISTERS[len(answer) :]
        assert frame.link == LINK
        assert counted(VCPUS[u32(GUEST)]) == (1, 0, 0)
        assert all(counted(VCPUS[u32(other)]) == (0, 0, 0) for other in range(GUEST))


def test_exit_leaves_its_status_and_parks(monkeypatch: pytest.MonkeyPatch) -> None:
    interface = Interface(0x3FF)
    with hard_guest(monkeypatch, interface) as (_, frame):
        frame.registers[0] = hypercalls.EXIT
        with pytest.raises(Parked):
            hard_trap.hard_call(frame)
        page = page_of_hard(VCPUS[u32(GUEST)])
        assert (page.finished, page.exit_status) == (1, REGISTERS[1])
        assert CPUS[HARD_CPU].state == CPU_PARKED
    # The CPU interface is off, or else an order to park would end WFI for ever.
    assert interface.writes == [(0, 0)]


@pytest.mark.parametrize(
    ("pending", "parks", "ended", "counts"),
    [
        (2 | 1 << 10, False, [(0x10, 2 | 1 << 10)], 1),
        (1020, False, [], 1),
        (1022, False, [], 1),
        (1023, False, [], 1),
        (SGI_PARK, True, [(0x10, SGI_PARK), (0, 0)], 0),
    ],
)
def test_an_interrupt_of_group_0(
    monkeypatch: pytest.MonkeyPatch, pending: int, parks: bool, ended: list[tuple[int, int]], counts: int
) -> None:
    interface = Interface(pending)
    with hard_guest(monkeypatch, interface):
        if parks:
            with pytest.raises(Parked):
                hard_trap.hard_interrupt()
        else:
            hard_trap.hard_interrupt()
        assert counted(VCPUS[u32(GUEST)]) == (0, 0, counts)
    assert interface.writes == ended


@pytest.mark.parametrize("vector", [0xC, 0x10])
def test_an_abort_that_the_guest_does_not_take_stops_it(monkeypatch: pytest.MonkeyPatch, vector: int) -> None:
    """Its report has the state of the abort: CPU 0 prints these words."""
    with hard_guest(monkeypatch) as (_, frame):
        with pytest.raises(Parked):
            hard_trap.hard_abort(frame, u32(vector), u32(0x6000_0000 | SVC))
        vcpu = VCPUS[u32(GUEST)]
        status, address = (0x1008, 0xE000_D000) if vector == 0x10 else (0x1009, 0x0030_0000)
        found = int(vcpu.registers[PC]), int(vcpu.psr), int(vcpu.dfsr), int(vcpu.dfar)
        assert found == (LINK, 0x6000_0000 | SVC, status, address)
        assert counted(vcpu) == (1, 0, 0)


def test_an_abort_of_monitor_itself_is_not_the_guests(monkeypatch: pytest.MonkeyPatch) -> None:
    with hard_guest(monkeypatch) as (_, frame):
        page_of_hard(VCPUS[u32(GUEST)]).takes_aborts = u32(1)
        with pytest.raises(Parked):
            hard_trap.hard_abort(frame, u32(0x10), u32(MONITOR))


@pytest.mark.parametrize(
    ("vector", "control", "entry"),
    [
        (0x10, 0, 0x0010_0050),
        (0x0C, 0, 0x0010_004C),
        (0x10, 1 << 13, 0xFFFF_0010),
        (0x0C, 1 << 13, 0xFFFF_000C),
    ],
)
def test_an_abort_goes_on_to_the_guests_vectors(monkeypatch: pytest.MonkeyPatch, vector: int, control: int, entry: int) -> None:
    with hard_guest(monkeypatch) as (machine, frame):
        page_of_hard(VCPUS[u32(GUEST)]).takes_aborts = u32(1)
        machine.cp15[SCTLR] = control
        before = [int(frame.registers[index]) for index in range(13)]
        hard_trap.hard_abort(frame, u32(vector), u32(0x2000_0000 | SVC))
        assert frame.link == entry
        assert [int(frame.registers[index]) for index in range(13)] == before
        assert counted(VCPUS[u32(GUEST)]) == (1, 1, 0)
        # Read in the Secure bank, written in the guest's, which stays chosen; the bank of Abort mode is set while SCR.NS is 0.
        names = [each for each in machine.log if each.action in ("cp15_write", "call", "barrier")]
        status, address = ("DFSR", "DFAR") if vector == 0x10 else ("IFSR", "IFAR")
        order = [(each.name, *each.values) for each in names]
        values = (0x1008, 0xE000_D000) if vector == 0x10 else (0x1009, 0x0030_0000)
        bank = (symbol(banks.abort_bank_set), LINK, 0x2000_0000 | SVC)
        changes = [("SCR", SECURE), ("isb",), bank, ("SCR", SECURE | 1), ("isb",), (status, values[0]), (address, values[1])]
        assert order == changes


@pytest.mark.parametrize("control", [0, 1 << 30, 1 << 25, 1 << 30 | 1 << 25])
@pytest.mark.parametrize("psr", [SVC, 0xF90F_0200 | SVC, 0x0600_FC20 | 0x10, 0x0100_0020 | 0x1F])
def test_the_psr_after_an_abort(monkeypatch: pytest.MonkeyPatch, control: int, psr: int) -> None:
    """ARM B1.8.3 with SCR.AW = FW = 0: Abort mode, I set; A and F stay; T and E from SCTLR; no IT, no J; flags and GE stay."""
    expected = psr & 0xF80F_0140 | ABORT | 1 << 7
    expected |= (control >> 30 & 1) << 5 | (control >> 25 & 1) << 9
    with hard_guest(monkeypatch) as (machine, frame):
        page_of_hard(VCPUS[u32(GUEST)]).takes_aborts = u32(1)
        machine.cp15[SCTLR] = control
        assert hard_trap.hard_abort(frame, u32(0x10), u32(psr)) == expected
