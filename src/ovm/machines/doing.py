# SPDX-License-Identifier: Apache-2.0
"""Texts about what each guest was doing when the run ended: asleep for ever, spinning in its vectors, never started.

On the virtual board everything is known: OVM's vCPUs for guests of CPU 0, the core itself for the HRT guest. That core is
looked at now and then during the run, since at the end OVM has the core. On other machines only OVM's records are known.
"""

from dataclasses import dataclass

from ovm.abi.config import Level
from ovm.board.api import Board
from ovm.machines.cause import VECTORS
from ovm.machines.places import Places
from ovm.machines.result import GuestResult, RunResult
from ovm.machines.stream import Value
from ovm.system.archive import Archive
from ovm.system.core_layout import CoreMemory

_HARD_CPU = 1
_PC = 15
_VECTOR_BYTES = 0x20
_NEVER = (1 << 64) - 1
_VCPUS = "vcpu.VCPUS"
_WHERE_UNKNOWN = "what and where is known on the virtual board alone"


@dataclass(frozen=True)
class Look:
    """The place of a guest and of its vectors; `waits` says what it sleeps for, and is empty while it doesn't sleep."""

    pc: int
    vectors: int
    waits: str = ""


class Watch:
    """A watcher of the HRT guest's core, which looks whenever it is called."""

    def __init__(self, board: Board) -> None:
        self._core = board.cores[_HARD_CPU] if len(board.cores) > _HARD_CPU else None
        self._before = -1
        self.last: Look | None = None

    def look(self) -> None:
        """Note the core's place, if the guest has it."""
        if self._core is None or self._core.secure:
            return
        count = self._core.instructions
        waits = "an interrupt or an event that doesn't come" if count == self._before else ""
        self._before = count
        self.last = Look(self._core.pc, self._core.get("VBAR_NS"), waits)


def tell_what_guests_do(board: Board, archive: Archive, watch: Watch, result: RunResult) -> None:
    """Write a text into the result of every guest that hasn't ended."""
    places = Places(archive)
    for guest in archive.plan.system.guests:
        found = result.guests[guest.name]
        if found.state == "running":
            look = watch.last if guest.level is Level.HRT else _of_vcpu(board, archive, guest.index, found)
            found.doing = doing(found, look, places)


def tell_what_is_known(result: RunResult) -> None:
    """Do the same from OVM's records alone, on a machine that can't be inspected."""
    for found in result.guests.values():
        if found.state == "running":
            found.doing = _by_records(found)


def _by_records(found: GuestResult) -> str:
    if found.core_state == "held" or (found.level != "hrt" and found.core_state and not found.counters.get("entries")):
        return f"never started: {_why_not(found)}"
    if found.core_state == "waiting":
        return f"asleep: waits for its timer or an interrupt; {_WHERE_UNKNOWN}"
    return f"still at work, or asleep; {_WHERE_UNKNOWN}"


def doing(found: GuestResult, look: Look | None, places: Places) -> str:
    """Return what a guest that hasn't ended is doing."""
    count = (found.use or {}).get("instructions", 0)
    if count == 0 or look is None:
        return f"never started: {_why_not(found)}"
    said = f"{count:,} instruction{'s' if count > 1 else ''}"
    where = f"{look.pc:#x}"
    place = places.place(found.name, look.pc)
    if look.waits:
        return f"{said}, asleep at {where}{f' ({place})' if place else ''}: waits for {look.waits}"
    offset = look.pc - look.vectors
    if 0 <= offset < _VECTOR_BYTES:
        return f"{said}, in its vectors at {where}: it takes {VECTORS.get(offset & ~3, 'an exception')} again and again"
    return f"{said}, still at work at {where}{f' ({place})' if place else ''}"


def remarks(found: GuestResult) -> list[str]:
    """Return further remarks about a guest, whether it has ended or not."""
    said = []
    if found.refusals:
        first = found.refusals[0]
        said.append(f"OVM refused it {len(found.refusals)} accesses or calls, first a {first.get('kind', 'call')}{_at(first)}")
    if not found.console:
        said.append("it printed nothing")
    return said


def _at(refusal: dict[str, Value]) -> str:
    found = [(word, refusal.get(key)) for word, key in (("of", "address"), ("at pc", "pc"))]
    return "".join(f" {word} {value:#x}" for word, value in found if isinstance(value, int))


def _why_not(found: GuestResult) -> str:
    if found.core_state == "held":
        return "it is held, and no manager started it"
    if found.level == "hrt":
        return "its CPU never came to it"
    return "it never got the CPU"


def _of_vcpu(board: Board, archive: Archive, index: int, found: GuestResult) -> Look | None:
    """Return the place of OVM's state of a deprivileged guest; None for an image without OVM's symbols."""
    core = CoreMemory(archive.core.content, lambda place, size: board.read(place, size, core=0))
    try:
        pc, vectors = core.get(_VCPUS, index, "registers", _PC), core.get(_VCPUS, index, "vbar")
        waits_console, timer = core.get(_VCPUS, index, "waits_console"), core.get(_VCPUS, index, "timer_at")
    except KeyError:
        return None
    waits = ""
    if waits_console:
        waits = "room in the console"
    elif found.core_state == "waiting":
        waits = "an interrupt, and has set no timer" if timer == _NEVER else "its timer"
    return Look(pc, vectors, waits)
