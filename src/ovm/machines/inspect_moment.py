# SPDX-License-Identifier: Apache-2.0
"""Runs up to the moment that the user wants to inspect."""

from collections.abc import Callable, Iterable

from ovm.machines.errors import MachineError
from ovm.machines.inspect import Inspection
from ovm.machines.running import TIMEOUT, Driven
from ovm.machines.stream import ConsoleLine, Event, OtherLine
from ovm.metal.build.elf import Elf
from ovm.system.archive import Archive

SEEN = "inspected"
_SLICE_SECONDS = 0.001


class Until:
    """A driver that runs to a time, a line of a console, or a function; `inspection` is the machine at that moment."""

    def __init__(
        self,
        archive: Archive,
        *,
        at: Callable[[int], int] | None = None,
        said: str | None = None,
        symbol: str | None = None,
    ) -> None:
        self._archive = archive
        self._at, self._said = at, said
        self._address = None if symbol is None else address_of(archive, symbol)
        self._heard = False
        self.inspection: Inspection | None = None

    def hear(self, event: Event) -> None:
        """Look for the text in a line."""
        if self._said is None:
            return
        if isinstance(event, ConsoleLine | OtherLine):
            self._heard = self._heard or self._said in event.text
        else:
            self._heard = self._heard or self._said in event.kind

    def __call__(self, machine: Driven) -> str:
        """Run; return `inspected` as the reason when the moment came."""
        board = machine.board
        end = self._at(board.hz) if self._at else None
        if self._address is not None:
            board.breakpoints.add(self._address)
        look = int(_SLICE_SECONDS * board.hz)
        while not machine.over:
            length = look if end is None else min(look, end - board.now)
            reason = board.run(cycles=length).reason if length > 0 else "budget"
            if reason == "breakpoint" or self._heard or (end is not None and board.now >= end):
                self.inspection = Inspection(board, self._archive)
                return SEEN
            if reason != "budget":
                break
            if machine.late():
                return TIMEOUT
        return ""


def address_of(archive: Archive, symbol: str) -> int:
    """Return the address at which to stop: a function of OVM by the end of its dotted name, a line as `ovm/core/boot.py:140`.

    `guest:` before it means the guest's program.
    """
    guest, name = known_guest(symbol, archive.images)
    elf = Elf(archive.images[guest].content if guest else archive.core.content)
    where = guest or "OVM"
    file, _, line = name.partition(":")
    if line:
        addresses = elf.line_addresses(file, int(line))
        if not addresses:
            raise MachineError("R112", f"no code of {where} comes from {name}", fix="choose a line with a statement")
        return addresses[0]
    functions = {each.name: each.address & ~1 for each in elf.all_symbols if each.kind == "function"}
    matching = sorted(each for each in functions if each == name or each.endswith(f".{name}"))
    if len(matching) != 1:
        found = f"it could be {', '.join(matching[:5])}" if matching else "no function of this name; it may have been inlined"
        fix = "write the whole dotted name, or a line: ovm/core/boot.py:140"
        raise MachineError("R112", f"'{name}' names no one function of {where}", found=found, fix=fix)
    return functions[matching[0]]


def known_guest(symbol: str, guests: Iterable[str]) -> tuple[str, str]:
    """Return the guest that a place names, or nothing, and the rest: a name, or `file:line`. Called before anything is built."""
    guest, _, name = symbol.rpartition(":")
    if name.isdigit():
        *before, file = guest.split(":")
        guest, name = ":".join(before), f"{file}:{name}"
    if guest and guest not in guests:
        raise MachineError("R112", f"no guest '{guest}'", fix=f"one of: {', '.join(guests)}")
    if not name:
        raise MachineError("R112", f"'{symbol}' names no place", fix="write a function, as desk:main, or ovm/core/boot.py:140")
    return guest, name
