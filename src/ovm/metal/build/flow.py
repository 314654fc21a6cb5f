# SPDX-License-Identifier: Apache-2.0
"""Limits of the machine code of a program: its calls, and the bound of every loop (`docs/reference/flow.md`).

The marks that `emit.marks` wrote say where a loop is entered and where a turn begins, in every copy that the optimiser made.
"""

from __future__ import annotations

import json
import struct
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ovm.metal.build.elf import Elf
from ovm.metal.emit.marks import ENDLESS, TURN

SCHEMA = "ovm-flow-1"
SECTION = ".loop_bounds"
_HEAD = struct.Struct("<III")
# Of a record's kind: a label lies between the mark and the instruction (`build.assembly`).
_BEFORE_LABEL = 2


@dataclass(frozen=True)
class Mark:
    """A place in machine code. `bound` is the most turns after an entry; with `falls` only falling through counts, no jump."""

    address: int
    falls: bool
    bound: int = 0


@dataclass
class Copy:
    """One loop in one function of the machine code: where it is entered, where its turns begin."""

    function: str
    entries: list[Mark] = field(default_factory=list)
    turns: list[Mark] = field(default_factory=list)


@dataclass(frozen=True)
class Loop:
    """A loop of the source; `bound` is what the source says, None for one without end."""

    file: str
    line: int
    column: int
    bound: int | None
    copies: tuple[Copy, ...]


@dataclass(frozen=True)
class Flow:
    """Functions of the machine code with their calls, and loops by name (`function#number`)."""

    calls: Mapping[str, frozenset[str]]
    loops: Mapping[str, Loop]

    def to_json(self, elf: Elf) -> str:
        """Write it down as `docs/reference/flow.md` says."""
        functions = {
            name: {"address": each.address, "size": each.size, "calls": sorted(self.calls.get(name, ()))}
            for name, each in sorted(elf.symbols.items())
            if each.kind == "function"
        }
        loops = {name: _loop_facts(loop) for name, loop in sorted(self.loops.items())}
        return json.dumps({"schema": SCHEMA, "functions": functions, "loops": loops}, indent=1) + "\n"


def _loop_facts(loop: Loop) -> dict[str, Any]:
    copies = [
        {
            "function": copy.function,
            "entries": [[mark.address, mark.falls, mark.bound] for mark in copy.entries],
            "turns": [[mark.address, mark.falls] for mark in copy.turns],
        }
        for copy in loop.copies
    ]
    return {"file": loop.file, "line": loop.line, "column": loop.column, "bound": loop.bound, "copies": copies}


def flow_of(elf: Elf, calls: Mapping[str, frozenset[str]], loops: Mapping[str, tuple[str, int, int, int]]) -> Flow:
    """Read the marks of a linked program; `loops` gives file, line, column and bound of each loop by name."""
    copies: dict[str, dict[str, Copy]] = defaultdict(dict)
    for address, kind, bound, proven, name in _records(elf):
        symbol = elf.symbol_at(address)
        function = symbol.name if symbol else ""
        copy = copies[name].setdefault(function, Copy(function))
        falls = bool(kind & _BEFORE_LABEL)
        if kind & TURN:
            copy.turns.append(Mark(address, falls))
        else:
            copy.entries.append(Mark(address, falls, min(bound, proven)))
    found = {
        name: Loop(file, line, column, None if bound == ENDLESS else bound, tuple(copies[name].values()))
        for name, (file, line, column, bound) in loops.items()
        if name in copies
    }
    return Flow(calls, found)


def _records(elf: Elf) -> Iterable[tuple[int, int, int, int, str]]:
    """Yield address, kind, bound, proven number of turns (else ENDLESS) and loop of each mark that was linked."""
    data = elf.section_data(SECTION) if SECTION in elf.sections else b""
    at = 0
    while at < len(data):
        address, kind, bound = _HEAD.unpack_from(data, at)
        operand, name, _ = data[at + _HEAD.size :].split(b"\0", 2)
        at += _HEAD.size + len(operand) + len(name) + 2
        # What the linker dropped has no address.
        if address:
            proven = int(operand[1:]) & 0xFFFF_FFFF if operand.startswith(b"#") else ENDLESS
            yield address, kind, bound, proven, name.decode()


def broken(flow: Flow, elf: Elf, steps: Mapping[tuple[int, int], int]) -> list[str]:
    """Return what a trace contradicts: turns of a loop that its entries don't allow.

    `steps` says how often each address of an instruction came right behind each other one; -1 stands before the first.
    """
    visits: Counter[int] = Counter()
    fallen: Counter[int] = Counter()
    functions = {at: symbol.name for at in {at for step in steps for at in step} if (symbol := elf.symbol_at(at))}
    for (before, address), times in steps.items():
        visits[address] += times
        # Who comes from another function was called or has returned: neither is a jump to a label.
        if before == address - 4 or functions.get(before) != functions.get(address):
            fallen[address] += times

    def count(mark: Mark) -> int:
        return fallen[mark.address] if mark.falls else visits[mark.address]

    found = []
    for name, loop in flow.loops.items():
        for copy in loop.copies:
            turns = sum(count(mark) for mark in copy.turns)
            allowed = sum(count(mark) * mark.bound for mark in copy.entries)
            if turns > allowed:
                found.append(f"{name} in {copy.function}: {turns} turns, {allowed} allowed")
    return found
