# SPDX-License-Identifier: Apache-2.0
"""The functions that a compiler made, and their calls of the function tracer.

Stubs need a stack, the MMU and the kernel's own map. Code that runs without them is assembly: the head, the vectors, what runs
from the identity map, what a CPU executes when it starts or wakes. A kernel with the function tracer says which functions are no
assembly: the compiler puts a call of `__gnu_mcount_nc` in front of each (`push {lr}; bl __gnu_mcount_nc`). Other functions are
taken for compiled ones if they push LR on entry, since then their stack is there, too.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from ovm.linux.flow import branch_target
from ovm.linux.kallsyms import Symbols
from ovm.linux.layout import Layout

_TRACER = "__gnu_mcount_nc"
_PUSH_LINK = (0xE52D_E004, 0xE92D_4000)
# What the kernel itself puts in the place of the call while tracing is off (arch/arm/kernel/ftrace.c): POP {LR}.
UNTRACED = 0xE8BD_4000
_BL = 0xEB
# Words of a function among which a push of LR is its entry's.
_ENTRY_WORDS = 4
# Assembly with a stack that at some time runs without the MMU, on another CPU, or in FIQ mode.
NEVER = ("__hyp_stub", "__fiq", "cpu_resume", "cpu_suspend", "__cpu_suspend", "secondary_", "mcpm_", "cpu_init", "optprobe_")
# Parts of the text with assembly alone.
_IDENTITY = ("__idmap_text_start", "__idmap_text_end")
_ENTRIES = ("__entry_text_start", "__entry_text_end")


@dataclass(frozen=True)
class Functions:
    """The functions of a kernel; `calls` are the addresses of the calls of its tracer."""

    words: "array[int]"
    base: int
    starts: list[int]
    names: list[str]
    traced: frozenset[int]
    calls: tuple[int, ...]
    identity: range
    entries: range

    def name_of(self, address: int) -> str:
        """Return the name of the function that has an address."""
        place = bisect_right(self.starts, address) - 1
        return self.names[place] if place >= 0 else ""

    def is_entry(self, address: int) -> bool:
        """Return whether an address lies in the exception entries, which have the kernel's stack, and not in FIQ's."""
        return address in self.entries and not self.name_of(address).startswith(NEVER)

    def is_compiled(self, address: int) -> bool:
        """Return whether an address lies in a function that a compiler made."""
        place = bisect_right(self.starts, address) - 1
        if place < 0 or address in self.identity or address in self.entries or self.names[place].startswith(NEVER):
            return False
        start = self.starts[place]
        if start in self.traced:
            return True
        entry = (start - self.base) // 4
        return any(word & 0xFFFF_4000 == 0xE92D_4000 for word in self.words[entry : entry + _ENTRY_WORDS])


def functions_of(words: "array[int]", layout: Layout, symbols: Symbols) -> Functions:
    """Return the functions of a kernel, whose Image these words are."""
    by_address = {symbol.address: symbol.name for symbol in reversed(symbols.symbols)}
    starts = sorted(by_address)
    calls = tuple(_calls(words, layout, symbols.addresses.get(_TRACER)))
    traced = frozenset(starts[bisect_right(starts, call) - 1] for call in calls)
    identity, entries = (range(*(symbols.addresses.get(name, 0) for name in ends)) for ends in (_IDENTITY, _ENTRIES))
    return Functions(words, layout.base, starts, [by_address[start] for start in starts], traced, calls, identity, entries)


def _calls(words: "array[int]", layout: Layout, tracer: int | None) -> Iterator[int]:
    """Yield the address of each call of the tracer behind a push of LR."""
    for span in layout.spans if tracer is not None else ():
        first = (span.start - layout.base) // 4
        code = words[first : (span.end - layout.base) // 4]
        for push in _PUSH_LINK:
            number = -1
            while (number := _index(code, push, number + 1)) >= 0 and number + 1 < len(code):
                address = span.start + number * 4 + 4
                if code[number + 1] >> 24 == _BL and branch_target(address, code[number + 1]) == tracer:
                    yield address


def _index(code: "array[int]", word: int, start: int) -> int:
    try:
        return code.index(word, start)
    except ValueError:
        return -1
