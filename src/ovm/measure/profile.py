# SPDX-License-Identifier: Apache-2.0
"""Profiles of stays in OVM: the cycles, found by single steps, by function and by cold line.

Steps change neither what the machine does nor its time, so the stay is the same as without them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ovm.board.api import Board
from ovm.machines import virtual
from ovm.machines.errors import MachineError
from ovm.machines.running import Driven, RunOptions
from ovm.machines.stream import Event
from ovm.metal.build.elf import Elf
from ovm.system.archive import Archive

_TIMEOUT_SECONDS = 3600.0
# A run may pass its budget by the rest of a quantum: stop this far before a stay, and step.
_MARGIN = 20_000
_MOST_STEPS = 1_000_000
_LINE = 32
_REASON = "measured"


@dataclass
class Function:
    """One function's part: instructions, cycles, device accesses, and lines that L1 did not have, by their source."""

    instructions: int = 0
    cycles: int = 0
    devices: int = 0
    code_level2: int = 0
    code_memory: int = 0
    data_level2: int = 0
    data_memory: int = 0

    def __add__(self, other: "Function") -> "Function":
        return Function(*(a + b for a, b in zip(vars(self).values(), vars(other).values(), strict=True)))


@dataclass
class Profile:
    """One stay or several: by function, and the lines of code that came from memory."""

    functions: dict[str, Function] = field(default_factory=dict)
    cold: frozenset[tuple[str, int]] = frozenset()

    def __add__(self, other: "Profile") -> "Profile":
        names = {**self.functions, **other.functions}
        functions = {name: self.functions.get(name, Function()) + other.functions.get(name, Function()) for name in names}
        return Profile(functions, self.cold | other.cold)

    @property
    def whole(self) -> Function:
        """Return all functions together."""
        return sum(self.functions.values(), Function())


def profile_stays(archive: Archive, core: int, begins: Iterable[int]) -> Mapping[int, Profile]:
    """Run an archive once more and step through the stays that begin at these cycles."""
    found: dict[int, Profile] = {}
    elf = Elf(archive.core.content)

    def drive(machine: Driven) -> str:
        for begin in sorted(set(begins)):
            _reach(machine.board, core, begin)
            found[begin] = _step_through(machine.board, core, elf)
        return _REASON

    virtual.run(archive, _hear_nothing, RunOptions(timeout_seconds=_TIMEOUT_SECONDS, drive=drive))
    return found


def _reach(board: Board, core: int, begin: int) -> None:
    """Run to the first instruction of Monitor mode from a cycle on."""
    if begin - board.now > _MARGIN:
        board.run(cycles=begin - board.now - _MARGIN)
    seen = board.cores[core]
    for _ in range(_MOST_STEPS):
        if seen.cycles >= begin and seen.mode == "mon":
            return
        if board.step(core).reason != "step":
            break
    raise MachineError("R105", "the measured run did not come back to where it was", found=f"cycle {board.now}")


def _step_through(board: Board, core: int, elf: Elf) -> Profile:
    profile = Profile()
    seen = board.cores[core]
    for _ in range(_MOST_STEPS):
        if seen.mode != "mon":
            break
        pc, cycles, counts = seen.pc, seen.cycles, seen.counts
        board.step(core)
        after = seen.counts
        _book(profile, elf, pc, seen.cycles - cycles, {name: after[name] - counts[name] for name in after})
    return profile


def _book(profile: Profile, elf: Elf, pc: int, cycles: int, counts: Mapping[str, int]) -> None:
    symbol = elf.symbol_at(pc)
    name = symbol.name if symbol else f"{pc:#x}"
    # An instruction can miss with its own line and with data; of two misses, one in L2, the line is taken to be the colder.
    code = counts["fetch_misses"]
    code_memory = min(code, counts["level2_misses"])
    data_memory = min(counts["data_misses"], counts["level2_misses"] - code_memory)
    level2 = counts["level2_hits"]
    code_level2 = min(code - code_memory, level2)
    data_level2 = min(counts["data_misses"], level2 - code_level2)
    part = Function(1, cycles, counts["device_accesses"], code_level2, code_memory, data_level2, data_memory)
    profile.functions[name] = profile.functions.get(name, Function()) + part
    if code_memory:
        profile.cold |= {(name, pc & -_LINE)}


def _hear_nothing(event: Event) -> None:
    """Ignore console output."""
