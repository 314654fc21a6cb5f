# SPDX-License-Identifier: Apache-2.0
"""The user's stops of the machine: breakpoints, watchpoints, a step, a number of instructions.

None of them changes what the machine does, nor its time. They belong to the user, not to the machine: a reset or a restored
snapshot doesn't change them.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from ovm.board.api.errors import BoardError
from ovm.board.processor import debug

_BOTH = debug.ON_CORE_0 | debug.ON_CORE_1
_WORD = 0xFFFF_FFFF


class _Core(Protocol):
    def running(self) -> AbstractContextManager[Any]: ...


class Machine(Protocol):
    """The interface of stops to their board."""

    @property
    def cores(self) -> tuple[_Core, ...]:
        """Return its cores."""
        ...

    def call(self, name: str, *arguments: int) -> int:
        """Call a function of the board by its dotted name below `ovm.board`."""
        ...


class Breakpoints:
    """Addresses where a core stops before it executes."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._set: dict[int, tuple[int, int, int]] = {}
        self._next = 0

    def add(self, address: int, *, physical: bool = False, core: int | None = None) -> int:
        """Stop before the instruction at a virtual (or physical) address, on one core or on any; return its number."""
        flags = (_BOTH if core is None else debug.ON_CORE_0 << core) | (debug.PHYSICAL if physical else 0)
        place = _taken(self._machine.call("processor.debug.add_breakpoint", address & _WORD, flags), "breakpoint")
        self._next += 1
        self._set[self._next] = (address & _WORD, flags, place)
        return self._next

    def remove(self, number: int) -> None:
        """Remove one; removing it twice is no error."""
        found = self._set.pop(number, None)
        if found is not None:
            self._machine.call("processor.debug.remove_breakpoint", found[2])

    def __iter__(self) -> Iterator[int]:
        return iter(tuple(self._set))

    def renew(self) -> None:
        """Set all again, in a machine that may have lost them; `debug.forget_stops` has to come first."""
        for number, (address, flags, _) in self._set.items():
            self._set[number] = (address, flags, self._machine.call("processor.debug.add_breakpoint", address, flags))


class Watchpoints:
    """Bytes whose access stops a core, after the instruction that makes it."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._set: dict[int, tuple[int, int, int, int]] = {}
        self._next = 0

    def add(self, address: int, size: int, write: bool = True, read: bool = False) -> int:
        """Stop after an access to any of `size` bytes from a virtual address on; return its number."""
        flags = (debug.ON_WRITE if write else 0) | (debug.ON_READ if read else 0)
        if not 0 < size <= 1 << 20 or not flags:
            raise BoardError("R207", "no such watchpoint", found=f"{size} bytes", expected="1 to 1 MiB, read or write")
        self._next += 1
        self._set[self._next] = (address & _WORD, size, flags, self._watch(address & _WORD, size, flags))
        return self._next

    def remove(self, number: int) -> None:
        """Remove one; removing it twice is no error."""
        found = self._set.pop(number, None)
        if found is not None:
            self._machine.call("processor.debug.remove_watchpoint", found[3])

    def __iter__(self) -> Iterator[int]:
        return iter(tuple(self._set))

    def renew(self) -> None:
        """Set all again, as `Breakpoints.renew`."""
        for number, (address, size, flags, _) in self._set.items():
            self._set[number] = (address, size, flags, self._watch(address, size, flags))

    def _watch(self, address: int, size: int, flags: int) -> int:
        place = _taken(self._machine.call("processor.debug.add_watchpoint", address, size, flags), "watchpoint")
        for core in self._machine.cores:
            with core.running():
                self._machine.call("shortcuts.lines.drop_lines")
        return place


@contextmanager
def suspended(machine: Machine, breakpoints: Breakpoints, watchpoints: Watchpoints) -> Iterator[None]:
    """Disable breakpoints and watchpoints meanwhile; they are set again in the machine's state at the end."""
    machine.call("processor.debug.forget_stops")
    try:
        yield
    finally:
        machine.call("processor.debug.forget_stops")
        breakpoints.renew()
        watchpoints.renew()


def _taken(place: int, what: str) -> int:
    if place == debug.NO_ROOM:
        raise BoardError("R208", f"no room for another {what}", found=f"{debug.MOST} of them", fix="remove one")
    return place
