# SPDX-License-Identifier: Apache-2.0
"""A campaign that corrupts one guest of a running system at random, many times, and checks that no other guest notices.

A trial begins with the machine at the same moment, corrupts the guest (`corruption`) some cycles later, and compares the end
with that of the undisturbed run: OVM's program, the memory of guests as far as time alone doesn't change it, the guests'
output, which guests still live, how many calls an SRT guest made, and for an HRT guest every word and the cycle of every
interrupt. A trial depends on its seed alone: the same seed does the same.
"""

import hashlib
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from ovm.abi.config import FRAME_BYTES, GuestState, Level
from ovm.board.api import Board, Event
from ovm.board.api.wiring import UARTS
from ovm.machines.inspect import Inspection
from ovm.machines.inspect_ovm import Ovm
from ovm.machines.stream import ConsoleLine, parse_line
from ovm.measure.corruption import Corrupter
from ovm.metal.build.elf import Elf, Segment
from ovm.system.archive import Archive
from ovm.system.core_layout import CoreMemory
from ovm.system.plan import GuestPlan

BEGIN_SECONDS = 0.35  # all guests are at their work by then
BEFORE_SECONDS, AFTER_SECONDS = 0.004, 0.012
_INSPECTED = 8  # after this many trials tables and keys are checked too
_MOST_LEFT, _LEFT_CYCLES = 1000, 100
_HARD_CORE = 1
_PART_BYTES = 256
_LIVING = (GuestState.READY.to_bits(), GuestState.WAITING.to_bits())
# A guest that shares its CPU makes about as many calls as in the undisturbed run.
_CALLS_PART, _CALLS_SLACK = 0.05, 4


@dataclass(frozen=True)
class Trial:
    """The corruption by a seed, and the differences in others: none, if all is well.

    `ended` says whether the corrupted guest has ended.
    """

    seed: int
    kinds: tuple[str, ...]
    noticed: tuple[str, ...]
    ended: bool


@dataclass
class _Facts:
    """A machine at the end of a trial, without the corrupted guest."""

    exact: dict[str, object] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    memory: dict[str, dict[int, bytes]] = field(default_factory=dict)


def _text(content: bytes) -> Segment:
    """Return the code of a program."""
    return next(each for each in Elf(content).segments if each.executable)


class Campaign:
    """Trials on one guest of a system."""

    def __init__(self, archive: Archive, victim: str, parameters: Mapping[str, int] | None = None) -> None:
        self._archive, self._plan = archive, archive.plan
        self._victim = next(each for each in archive.plan.guests if each.guest.name == victim)
        self.board = Board({**archive.plan.system.board.parameters, **(parameters or {})})
        self._core = CoreMemory(archive.core.content, self.board.read)
        self._ovm = Ovm(archive, self.board.read)
        self._text = _text(archive.core.content)
        self._said = bytearray()
        self._interrupts: list[tuple[int, int]] = []
        self.board.on_console(self._hear)
        self.board.subscribe(("acknowledge",), self._acknowledged)
        self.board.start(self.board.load(archive.boot))
        self.board.run(cycles=int(BEGIN_SECONDS * self.board.hz))
        self._begin = self.board.snapshot()
        self._first = self._facts("")
        self._end = self.board.now + int((BEFORE_SECONDS + AFTER_SECONDS) * self.board.hz)
        self._undisturbed = self._run(lambda: None)
        self._held = {each.guest.name: self._constant(each) for each in self._others() if each.guest.level is not Level.HRT}

    def trial(self, seed: int) -> Trial:
        """Do the trial of a seed."""
        chance = random.Random(seed)
        kinds: tuple[str, ...] = ()

        def disturb() -> None:
            nonlocal kinds
            self.board.run(cycles=chance.randrange(int(BEFORE_SECONDS * self.board.hz)))
            kinds = Corrupter(self.board, self._ovm, self._victim, chance).corrupt()

        noticed = tuple(self._differences(self._run(disturb)))
        if seed % _INSPECTED == 0:
            self._leave_ovm()
            seen = Inspection(self.board, self._archive)
            noticed += tuple(seen.problems()) + tuple(seen.unconfirmed())
        return Trial(seed, kinds, noticed, not self._lives(self._victim))

    def _leave_ovm(self) -> None:
        """Run until CPU 0 executes a guest: while OVM works, tables may be ahead of the TLB."""
        for _ in range(_MOST_LEFT):
            if self.board.cores[0].mode != "mon":
                return
            self.board.run(cycles=_LEFT_CYCLES)

    def _run(self, disturb: Callable[[], None]) -> _Facts:
        self.board.restore(self._begin)
        self._said.clear()
        self._interrupts.clear()
        disturb()
        stop = self.board.run_to(self._end)
        return self._facts(stop.reason)

    def _facts(self, reason: str) -> _Facts:
        found = _Facts({"end of the run": reason, "OVM's program": self._program()})
        lines = [parse_line(line) for line in bytes(self._said).split(b"\n")[:-1]]
        for guest in self._others():
            name = guest.guest.name
            found.exact[f"{name}'s life"] = self._lives(guest)
            found.exact[f"{name}'s lines"] = [each.text for each in lines if isinstance(each, ConsoleLine) and each.guest == name]
            if guest.guest.level is Level.HRT:
                found.exact[f"{name}'s memory"] = self._memory(guest)
                found.exact[f"{name}'s interrupts"] = list(self._interrupts)
                core = self.board.cores[_HARD_CORE]
                found.exact[f"{name}'s time"] = (core.cycles, core.instructions, core.registers, core.pc)
            else:
                found.memory[name] = self._memory(guest)
                found.calls[name] = self._core.get("vcpu.VCPUS", guest.guest.index, "counters", "supervisor_calls")
        return found

    def _differences(self, found: _Facts) -> Iterator[str]:
        """Yield the differences from the undisturbed run."""
        wanted = self._undisturbed
        yield from (what for what, value in found.exact.items() if value != wanted.exact[what])
        for name, held in self._held.items():
            if changed := held - found.memory[name].items():
                yield f"{name}'s memory at {min(changed)[0]:#x}"
        for guest in self._others():
            name = guest.guest.name
            if guest.guest.level is Level.SRT:
                made, usual = (each.calls[name] - self._first.calls[name] for each in (found, wanted))
                if abs(made - usual) > usual * _CALLS_PART + _CALLS_SLACK:
                    yield f"{name}'s calls: {made} instead of {usual}"

    def _others(self) -> list[GuestPlan]:
        return [each for each in self._plan.guests if each is not self._victim]

    def _lives(self, guest: GuestPlan) -> bool:
        return self._core.get("vcpu.VCPUS", guest.guest.index, "state") in _LIVING

    def _program(self) -> str:
        """Return OVM's code and constants, as they are now."""
        return hashlib.sha1(self.board.read(self._text.physical, len(self._text.data))).hexdigest()

    def _constant(self, guest: GuestPlan) -> set[tuple[int, bytes]]:
        """Return the parts of a guest's memory that time alone doesn't change; no other guest may change them either.

        The progress of an NRT guest that works depends on the time that others leave it, so only its program is compared.
        """
        name = guest.guest.name
        memory = self._undisturbed.memory[name]
        same = memory.items() & self._first.memory[name].items()
        if guest.guest.level is Level.SRT or len(same) == len(memory):
            return same
        text = _text(self._archive.images[name].content)
        return {(address, part) for address, part in same if text.physical <= address < text.physical + len(text.data)}

    def _memory(self, guest: GuestPlan) -> dict[int, bytes]:
        """Return a digest of each part of a guest's memory by its address, without the page that OVM writes to."""
        found = {}
        for gpa in range(guest.ram_gpa + FRAME_BYTES, guest.ram_gpa + guest.guest.memory, FRAME_BYTES):
            place = self._ovm.physical(guest.guest.index, gpa)
            if place is not None:
                page = self.board.read(place, FRAME_BYTES)
                for at in range(0, FRAME_BYTES, _PART_BYTES):
                    found[gpa + at] = page[at : at + _PART_BYTES]
        return found

    def _hear(self, uart: int, data: bytes) -> None:
        if uart == UARTS.index(self._plan.system.board.core.uart):
            self._said += data

    def _acknowledged(self, event: Event) -> None:
        if event.core == _HARD_CORE:
            self._interrupts.append((event.cycle, event.first))
