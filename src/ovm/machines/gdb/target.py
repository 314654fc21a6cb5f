# SPDX-License-Identifier: Apache-2.0
"""The interface of a machine to the debugger's server."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

# Reasons of a halt.
STEP = "step"
BREAKPOINT = "breakpoint"
WATCHPOINT = "watchpoint"
INTERRUPTED = "interrupted"
ILLEGAL = "illegal"  # the machine doesn't know what to do with an instruction
ASLEEP = "asleep"  # no core can ever wake again
BEGINNING = "beginning"  # no history before this
FINISHED = "finished"  # the run is over


class TargetError(Exception):
    """A request that the machine can't fulfil; the text is for the user."""


@dataclass(frozen=True)
class Halt:
    """The place of and the reason for a halt; `address` is the access for a watchpoint."""

    reason: str
    core: int = 0
    address: int = 0
    text: str = ""


class Target(Protocol):
    """A machine with some cores, all halted or all running."""

    cores: int
    reversible: bool

    def register_names(self) -> Sequence[str]:
        """Return every register that `get` knows, in the manual's names."""
        ...

    def get(self, core: int, name: str) -> int:
        """Return the value of a register."""
        ...

    def set(self, core: int, name: str, value: int) -> None:
        """Change a register."""
        ...

    def describe(self, core: int) -> str:
        """Return what a core is doing, in a few words."""
        ...

    def translate(self, core: int, address: int) -> int | None:
        """Return the physical address behind a virtual one as `core` sees it now."""
        ...

    def read(self, core: int, physical: int, size: int) -> bytes:
        """Return physical memory as `core` sees it; `TargetError` where there is none."""
        ...

    def read_virtual(self, core: int, address: int, size: int) -> bytes:
        """Return bytes of one page as `core` sees them now; `TargetError` where there are none."""
        ...

    def write(self, physical: int, data: bytes) -> None:
        """Change physical memory for every core; `TargetError` where there is none."""
        ...

    def add_breakpoint(self, address: int) -> int:
        """Stop any core before it executes the instruction at a virtual address; return a number for `remove_breakpoint`."""
        ...

    def remove_breakpoint(self, number: int) -> None:
        """Remove a breakpoint."""
        ...

    def add_watchpoint(self, address: int, size: int, *, read: bool, write: bool) -> int:
        """Stop any core after it accesses one of these bytes; return a number for `remove_watchpoint`."""
        ...

    def remove_watchpoint(self, number: int) -> None:
        """Remove a watchpoint."""
        ...

    def resume(self, step: int | None, interrupted: Callable[[], bool]) -> Halt:
        """Run until something stops the machine; with `step`, at the latest when this core has made one step."""
        ...

    def back(self, step: int | None, interrupted: Callable[[], bool]) -> Halt:
        """Go back one instruction of the core `step`, or to the last breakpoint or watched access before now."""
        ...

    def reset(self) -> None:
        """Begin again."""
        ...

    def monitor(self, words: Sequence[str], core: int) -> str | None:
        """Answer a `monitor` command of the machine's own; return None for one that it doesn't have."""
        ...

    def monitor_help(self) -> Sequence[str]:
        """Return one line for each such command."""
        ...
