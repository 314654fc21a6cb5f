# SPDX-License-Identifier: Apache-2.0
"""What the debugger's server needs of a machine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

# Why a machine halted.
STEP = "step"
BREAKPOINT = "breakpoint"
WATCHPOINT = "watchpoint"
INTERRUPTED = "interrupted"
ILLEGAL = "illegal"  # the machine doesn't know what to do with an instruction
ASLEEP = "asleep"  # nothing will ever happen again
BEGINNING = "beginning"  # no history before this
FINISHED = "finished"  # the run is over


class TargetError(Exception):
    """Something that the machine can't do as asked; the text is for the user."""


@dataclass(frozen=True)
class Halt:
    """Where and why a machine halted; `address` is the access for a watchpoint."""

    reason: str
    core: int = 0
    address: int = 0
    text: str = ""


class Target(Protocol):
    """A machine with some cores, all halted or all running."""

    cores: int
    reversible: bool

    def register_names(self) -> Sequence[str]:
        """Every register that `get` knows, in the manual's names."""
        ...

    def get(self, core: int, name: str) -> int:
        """The value of a register."""
        ...

    def set(self, core: int, name: str, value: int) -> None:
        """Change a register."""
        ...

    def describe(self, core: int) -> str:
        """What a core is doing, in a few words."""
        ...

    def translate(self, core: int, address: int) -> int | None:
        """The physical address behind a virtual one as `core` sees it now."""
        ...

    def read(self, core: int, physical: int, size: int) -> bytes:
        """Physical memory as `core` sees it; `TargetError` where there is none."""
        ...

    def read_virtual(self, core: int, address: int, size: int) -> bytes:
        """Bytes of one page as `core` sees them now; `TargetError` where there are none."""
        ...

    def write(self, physical: int, data: bytes) -> None:
        """Change physical memory for every core; `TargetError` where there is none."""
        ...

    def add_breakpoint(self, address: int) -> int:
        """Stop any core before it executes what is at a virtual address; give a number for `remove_breakpoint`."""
        ...

    def remove_breakpoint(self, number: int) -> None:
        """Remove a breakpoint."""
        ...

    def add_watchpoint(self, address: int, size: int, *, read: bool, write: bool) -> int:
        """Stop any core after it accesses one of these bytes; give a number for `remove_watchpoint`."""
        ...

    def remove_watchpoint(self, number: int) -> None:
        """Remove a watchpoint."""
        ...

    def resume(self, step: int | None, interrupted: Callable[[], bool]) -> Halt:
        """Run until something stops the machine; with `step`, at the latest when this core has made one step."""
        ...

    def back(self, step: int | None, interrupted: Callable[[], bool]) -> Halt:
        """Go back: to where `step` was one instruction ago, or to the last breakpoint or watched access before now."""
        ...

    def reset(self) -> None:
        """Begin again."""
        ...

    def monitor(self, words: Sequence[str], core: int) -> str | None:
        """Answer a `monitor` command of the machine's own; None for one that it doesn't have."""
        ...

    def monitor_help(self) -> Sequence[str]:
        """One line for each such command."""
        ...
