# SPDX-License-Identifier: Apache-2.0
"""Typed bytes, on their way to the guests' consoles through the one UART (`ovm.core.input`).

OVM tells in records how many of them a guest has taken. No more is sent than the guest's buffer has room for, so nothing is lost
between here and the guest.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ovm.abi.uart import FIRST_NUMBER, SELECT
from ovm.machines.errors import MachineError
from ovm.machines.stream import Event, Record
from ovm.system.model import System

# Gives bytes to the machine's UART; returns how many it took.
Send = Callable[[bytes], int]
# Most bytes that are given to the machine at once.
_MOST_SENT = 64


@dataclass
class _Buffer:
    """A guest's buffer as OVM told of it last: its size, bytes that it was given and that left it; and bytes sent to it."""

    size: int = 0
    gone: int = 0
    sent: int = 0

    @property
    def room(self) -> int:
        return self.size - (self.sent - self.gone)


class Typist:
    """Bytes for the consoles of guests with input. `focus` is the guest that gets what is typed next.

    `poll` is called between slices of a run, with the longest time that it may wait, in seconds: it types what has been entered
    meanwhile. `is_live` tells whether more may come; while it may, a machine's time doesn't run ahead of the user's.
    """

    def __init__(self, guests: Mapping[str, int], focus: str) -> None:
        self._guests = dict(guests)
        self.focus = focus
        self.poll: Callable[[float], None] = lambda seconds: None
        self.is_live = False
        self._waiting: deque[tuple[str, bytes]] = deque()
        self._wire = b""
        self._chosen = ""
        self._buffers: dict[str, _Buffer] = {}
        self._listens = False

    @property
    def names(self) -> list[str]:
        """Return the names of the guests that have input."""
        return list(self._guests)

    def type(self, data: bytes) -> None:
        """Type bytes for the guest in focus."""
        if data:
            self._waiting.append((self.focus, data))

    def choose(self, name: str) -> None:
        """Give the focus to a guest. OVM shows its unfinished lines from then on."""
        self.focus = name
        self._waiting.append((name, b""))

    def hear(self, event: Event) -> None:
        """Take OVM's records about input."""
        if isinstance(event, Record) and event.kind == "boot":
            self._listens = True
        elif isinstance(event, Record) and event.kind == "input":
            buffer = self._buffers.setdefault(event.word("guest"), _Buffer(sent=event.number("given") + event.number("lost")))
            buffer.size = event.number("size")
            buffer.gone = event.number("taken") + event.number("lost")

    def forget(self) -> None:
        """Forget what the machine said: time goes back to its start."""
        self._chosen, self._wire, self._listens = "", b"", False
        self._buffers.clear()

    def send(self, send: Send) -> None:
        """Give the machine what it takes now."""
        if not self._listens:
            return
        self._wire = self._wire or self._next()
        if self._wire:
            self._wire = self._wire[send(self._wire) :]

    def _next(self) -> bytes:
        """Return the next bytes to be sent, as OVM wants them."""
        name, data = self._waiting[0] if self._waiting else (self.focus, b"")
        if name != self._chosen:
            self._chosen = name
            return bytes((SELECT, FIRST_NUMBER + self._guests[name]))
        if name not in self._buffers or not self._waiting:
            return b""
        room = min(self._buffers[name].room, _MOST_SENT)
        part = data[: max(room, 0)]
        self._buffers[name].sent += len(part)
        if part == data:
            self._waiting.popleft()
        else:
            self._waiting[0] = (name, data[len(part) :])
        return part.replace(bytes((SELECT,)), bytes((SELECT, SELECT)))


def typist_for(system: System, name: str) -> Typist:
    """Return a typist whose focus is the guest `name`. Raises `MachineError` R114 if that guest has no input."""
    guests = {guest.name: guest.index for guest in system.guests if guest.input}
    if name not in guests:
        known = name in {guest.name for guest in system.guests}
        raise MachineError(
            "R114",
            f"guest '{name}' has no input" if known else f"no guest is called '{name}'",
            found=f"guests with input: {', '.join(guests)}" if guests else "no guest with input",
            expected="--attach with a guest that has input = true",
            fix="name one of those" if guests else "write input = true into the table of an SRT or NRT guest",
        )
    return Typist(guests, name)
