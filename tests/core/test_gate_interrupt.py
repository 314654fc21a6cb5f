# SPDX-License-Identifier: Apache-2.0
"""An interrupt that comes inside the gate is served, and the trap that was on its way is taken back; the guest traps again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ovm.abi.config import GuestState, Level
from ovm.arm.psr import MODE_ABT, MODE_FIQ, MODE_IRQ, MODE_SVC, MODE_SYS, MODE_UND, MODE_USR, PSR_T
from ovm.board.api import Board
from ovm.board.devices.due import DUE_SLOTS, Due
from ovm.core.emulate.outcome import it_advanced, it_before
from ovm.core.entry.gate import GATE_VA, GATE_WORDS
from ovm.core.trap.interrupt import gate_interrupt
from ovm.core.vcpu import PC
from ovm.machines.cause import first_cause
from ovm.metal import u32
from ovm.metal.build.elf import Elf
from ovm.system.build import build
from tests.core.machine import ENTRY, TICKS_PER_SECOND, Machine, machine, write

SYSTEM = Path(__file__).parent / "guests" / "trapper.toml"
SITES = (
    "arm_svc", "arm_undefined", "arm_prefetch", "arm_data", "thumb_svc", "thumb_svc_first", "thumb_svc_last",
    "thumb_undefined", "thumb_prefetch", "thumb_data",
)  # fmt: skip
# What the guest has counted at its end, and where what a kind of trap goes through: its vector, its stub.
COUNTED = 11
VECTORS = {0x04: 0x20, 0x08: 0x28, 0x0C: 0x30, 0x10: 0x38}
MODES = {0x04: MODE_UND, 0x08: MODE_SVC, 0x0C: MODE_ABT, 0x10: MODE_ABT}
ALARM = 29
N, Z = 1 << 31, 1 << 30


class Traps:
    """The guest on the board, stopped where it is about to trap."""

    def __init__(self) -> None:
        archive = build(SYSTEM, lambda step: None)
        self.board = Board(archive.plan.system.board.parameters)
        self.core = self.board.cores[0]
        self.due = self.board.static("devices.due.DUE", Due)
        self.symbols = Elf(archive.images["trapper"].content).symbols
        self.taken: list[int] = []
        self.board.subscribe(["exception"], lambda event: self.taken.append(event.first << 32 | event.second))
        self.board.start(self.board.load(archive.boot))

    def run_to(self, symbol: str) -> None:
        number = self.board.breakpoints.add(self.symbols[symbol].address & ~1)
        assert self.board.run(cycles=30_000_000).reason == "breakpoint"
        self.board.breakpoints.remove(number)

    def way(self) -> dict[int, int]:
        """Return the addresses of the gate that the coming trap goes through, and the cycles at which it is there."""
        found: dict[int, int] = {}
        while self.core.mode != "mon":
            self.board.step()
            if self.core.pc >= GATE_VA and self.core.mode != "mon":
                found[self.core.pc - GATE_VA] = self.core.cycles
        return found

    def alarm_at(self, cycle: int) -> None:
        """Let CPU 0's private timer expire then."""
        self.due.set(cycle, "at", 0)
        moments = [self.due.get("at", slot) for slot in range(DUE_SLOTS)]
        self.due.set(min(moment for moment in moments if moment), "first")

    def interrupted(self) -> list[int]:
        """Return where in the gate FIQs came."""
        found = [each & 0xFFFF_FFFF for each in self.taken if each >> 32 & 0xFF == 0x1C]
        return [link - 4 - GATE_VA for link in found if link - 4 >= GATE_VA]


def test_an_interrupt_at_every_instruction_of_the_gate() -> None:
    traps = Traps()
    covered: set[int] = set()
    for site in SITES:
        traps.run_to(site)
        before = traps.board.snapshot()
        way = traps.way()
        for place, cycle in way.items():
            traps.board.restore(before)
            traps.alarm_at(cycle)
            traps.taken.clear()
            traps.run_to("done")
            assert traps.interrupted() == [place], site
            assert traps.core.get("r5") == COUNTED, (site, hex(place))
        covered |= set(way)
        traps.board.restore(before)
    assert covered == {each for vector, stub in VECTORS.items() for each in (vector, stub, stub + 4)}


def test_a_guest_that_is_interrupted_there_again_and_again_goes_on() -> None:
    traps = Traps()
    traps.run_to("thumb_svc_first")
    for _ in range(20):
        before = traps.board.snapshot()
        *_, (place, cycle) = traps.way().items()
        traps.board.restore(before)
        traps.alarm_at(cycle)
        traps.taken.clear()
        traps.board.step()
        traps.run_to("thumb_svc_first")
        assert traps.interrupted() == [place]
    traps.run_to("done")
    assert traps.core.get("r5") == COUNTED


@pytest.fixture
def made() -> Iterator[Machine]:
    with machine(Level.SRT, Level.SRT) as prepared:
        yield prepared


def test_the_alarm_is_served(made: Machine) -> None:
    made.time(TICKS_PER_SECOND)
    write(made.vcpu(), timer_at=TICKS_PER_SECOND - 1)
    made.memory.write(0x1E00_010C, ALARM.to_bytes(4, "little"))
    made.call(gate_interrupt, made.vcpu(), MODE_SVC, GATE_VA + 0x08)
    assert int(made.page().irq_pending) != 0
    counters = made.vcpu().counters
    assert (int(counters.gate_interrupts), int(counters.supervisor_calls), int(counters.exceptions)) == (1, 0, 0)


@pytest.mark.parametrize("mode", [MODE_SVC, MODE_ABT, MODE_UND, MODE_FIQ, MODE_IRQ, MODE_SYS])
def test_what_is_not_the_gate_stops_the_guest(made: Machine, mode: int) -> None:
    """Every word of the page and its neighbours: only the true gate's places, in their modes, lead back to the guest."""
    own = {each for vector, stub in VECTORS.items() if MODES[vector] == mode for each in (vector, stub, stub + 4)}
    for offset in (*range(0, 4 * GATE_WORDS + 8, 4), 0x800, 0xFFC, -4, -GATE_VA, ENTRY - GATE_VA):
        vcpu = made.vcpu()
        write(vcpu, state=GuestState.READY)
        vcpu.registers[PC] = u32(ENTRY)
        made.call(gate_interrupt, vcpu, mode, (GATE_VA + offset) & 0xFFFF_FFFF)
        assert (vcpu.state == GuestState.READY) == (offset in own), hex(offset)


def test_the_report_names_who_can_change_the_gate() -> None:
    assert "an HRT guest" in first_cause({"why": "gate", "pc": GATE_VA, "address": GATE_VA, "status": MODE_SYS})


@pytest.mark.parametrize(("condition", "flags"), [(0, Z), (1, N), (4, N), (5, Z)])
@pytest.mark.parametrize("mask", range(1, 16))
def test_a_call_in_an_it_block_keeps_its_condition(condition: int, flags: int, mask: int) -> None:
    before = u32(flags | MODE_USR | PSR_T | (mask & 3) << 25 | (condition << 4 | mask) >> 2 << 10)
    behind = it_advanced(before)
    # The last one of a block leaves no state: without one it is made in any case, and leaves none.
    assert it_before(behind) == (before if mask & 7 else behind)
    assert it_advanced(it_before(behind)) == behind
