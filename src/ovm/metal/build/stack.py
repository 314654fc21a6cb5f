# SPDX-License-Identifier: Apache-2.0
"""The deepest stack that each entry into a program can need.

The compiler states the frame of every function it made (section `.stack_sizes`: an address and a ULEB128
size); the calls come from the program's call graph together with the machine code. With no recursion and no
unknown call, the deepest path is exact up to what inlining merged, and never too small.

Assembly has no frame that a compiler could state, so naked and foreign functions count with the bytes that are declared for
them. Nothing is guessed: a function with neither a frame nor a declaration is an error.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ovm.metal.build.calls import Calls, machine_calls
from ovm.metal.build.elf import Elf
from ovm.metal.build.errors import BuildError

_ADDRESS_BYTES = 4


class Described(Protocol):
    """The compiler's knowledge of a function."""

    @property
    def calls(self) -> frozenset[str]:
        """Return the symbols of all functions that it may call, through function tables too."""
        ...

    @property
    def is_naked(self) -> bool:
        """Return whether its body is assembly."""
        ...


@dataclass(frozen=True)
class Frame:
    """One function on a path, with its own share of the stack."""

    symbol: str
    size: int


@dataclass(frozen=True)
class StackUse:
    """The deepest path from one entry."""

    entry: str
    path: tuple[Frame, ...]

    @property
    def size(self) -> int:
        """Return bytes from the entry's frame to the last one's."""
        return sum(frame.size for frame in self.path)

    def render(self) -> str:
        """Return the path, one function a line, with its frame and the sum so far."""
        width = max(len(frame.symbol) for frame in self.path)
        lines = []
        total = 0
        for frame in self.path:
            total += frame.size
            lines.append(f"{frame.symbol:{width}}  {frame.size:5} {total:6}")
        return "\n".join(lines)


def frame_sizes(elf: Elf) -> Mapping[int, int]:
    """Return stack frames in bytes by the address of the function."""
    content = elf.section_data(".stack_sizes")
    sizes: dict[int, int] = {}
    position = 0
    while position < len(content):
        address = int.from_bytes(content[position : position + _ADDRESS_BYTES], "little")
        size, position = _uleb128(content, position + _ADDRESS_BYTES)
        sizes[address] = size
    return sizes


class StackAnalysis:
    """Stack use of the functions of one linked program."""

    def __init__(
        self,
        image: bytes | Elf,
        functions: Mapping[str, Described],
        *,
        declared: Mapping[str, int] | None = None,
        indirect: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Take the bytes `declared` for assembly, and in `indirect` the targets of calls that only foreign code makes."""
        elf = image if isinstance(image, Elf) else Elf(image)
        self._functions = functions
        self._declared = dict(declared or {})
        self._indirect = dict(indirect or {})
        self._machine = machine_calls(elf)
        self._present = {symbol.name: symbol.address for symbol in elf.symbols.values() if symbol.kind == "function"}
        self._frames = frame_sizes(elf)
        self._deepest: dict[str, tuple[Frame, ...]] = {}

    def of(self, entry: str) -> StackUse:
        """Return the deepest stack use of a call of `entry`."""
        if entry not in self._present and entry not in self._declared:
            raise BuildError("B020", f"the image has no entry '{entry}' to bound the stack of")
        return StackUse(entry, self._visit(entry, ()))

    def check(self, limits: Mapping[str, int]) -> list[StackUse]:
        """Return the stack use of every entry in `limits`, none of which may exceed its limit in bytes."""
        uses = [self.of(entry) for entry in limits]
        for use in uses:
            limit = limits[use.entry]
            if use.size > limit:
                raise BuildError(
                    "B021",
                    f"{use.entry} can need {use.size} bytes of stack",
                    found="\n            ".join(["this path (frame, sum):", *use.render().splitlines()]),
                    expected=f"at most {limit} bytes, {use.size - limit} less",
                    fix="shrink the largest frames of the path, or give this entry a larger stack",
                )
        return uses

    def _visit(self, symbol: str, outer: tuple[str, ...]) -> tuple[Frame, ...]:
        if symbol in outer:
            cycle = " -> ".join([*outer[outer.index(symbol) :], symbol])
            raise BuildError("B022", "recursion: the stack has no bound", found=cycle)
        if symbol not in self._deepest:
            below = [self._visit(callee, (*outer, symbol)) for callee in sorted(self._callees(symbol))]
            deepest = max(below, key=_total, default=())
            self._deepest[symbol] = (Frame(symbol, self._frame(symbol)), *deepest)
        return self._deepest[symbol]

    def _callees(self, symbol: str) -> frozenset[str]:
        described = self._functions.get(symbol)
        machine = self._machine.get(symbol, Calls(frozenset(), False))
        known = machine.direct | frozenset(self._indirect.get(symbol, ()))
        if described is not None:
            # Assembly that names its own start jumps back to it: a loop, unless the machine code shows a call.
            return known | (described.calls - {symbol} if described.is_naked else described.calls)
        if machine.has_indirect and symbol not in self._indirect:
            raise BuildError(
                "B023",
                f"{symbol} makes an indirect call whose targets are not known",
                fix="name the targets in `indirect`, or call through a function table",
            )
        return known

    def _frame(self, symbol: str) -> int:
        if symbol in self._declared:
            return self._declared[symbol]
        described = self._functions.get(symbol)
        address = self._present.get(symbol)
        if described is not None and described.is_naked:
            raise BuildError(
                "B024",
                f"the stack use of {symbol} is not known: its body is assembly",
                fix="declare its bytes in `declared`",
            )
        if address is not None and address in self._frames:
            return self._frames[address]
        if address is None and described is not None:
            return 0  # inlined wherever it was called: its frame is part of its callers'
        raise BuildError(
            "B025",
            f"the stack use of {symbol} is not known: no frame size was made for it",
            fix="declare its bytes in `declared`",
        )


def _total(path: tuple[Frame, ...]) -> int:
    return sum(frame.size for frame in path)


def _uleb128(content: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, position
