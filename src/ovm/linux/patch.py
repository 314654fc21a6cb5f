# SPDX-License-Identifier: Apache-2.0
"""Patch an Image: every sensitive word becomes an SVC of the same size, in place.

The options make a kernel faster, and each can be left out: thread registers change places, stubs take the place of traps
(`stubs`), and the calls of the function tracer become what the kernel itself would write over them at its start.
"""

import struct
import sys
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ovm.linux.compiled import UNTRACED, Functions, functions_of
from ovm.linux.errors import LinuxError
from ovm.linux.kallsyms import Symbols, symbols_of
from ovm.linux.layout import Layout, Span, layout_of
from ovm.linux.sensitive import (
    MOST_WORDS,
    Kind,
    Sensitive,
    Table,
    candidates,
    decode,
    is_thread_access,
    other_thread_register,
    refused,
    replacement,
)
from ovm.linux.stubs import Form, Place, place_stubs

_MOST_REFUSALS_SHOWN = 5
_RETURN = 0xE12F_FF1E  # BX LR


@dataclass(frozen=True)
class Site:
    """One sensitive word in place: its address, the function that has it, and what it is."""

    address: int
    function: str
    span: str
    index: int
    sensitive: Sensitive
    form: Form = Form.TRAP


@dataclass(frozen=True)
class Options:
    """Changes of a kernel that make it faster, each of which can be left out.

    `swap_thread_registers` makes TPIDRPRW and TPIDRURW change places in the kernel's code: reads of the per-CPU base then need no
    trap. The hypervisor must give the kernel in the one register what it expects in the other. `stubs` work on the vCPU page,
    which must be the first page of the kernel's RAM, and in which the hypervisor must keep `status`. `untraced` removes
    the function tracer, with its part of the kernel's start.
    """

    swap_thread_registers: bool = False
    stubs: bool = False
    untraced: bool = False


NOTHING_ELSE = Options()
EVERYTHING = Options(swap_thread_registers=True, stubs=True, untraced=True)


@dataclass(frozen=True)
class Patched:
    """A patched Image, and what was done to it."""

    image: bytes
    layout: Layout
    table: tuple[int, ...]
    sites: tuple[Site, ...]
    thread_swaps: int
    symbols: int
    symbol_layout: str
    stub_bytes: int = 0
    untraced: int = 0

    @property
    def by_form(self) -> Mapping[Form, int]:
        """Return the number of sites of each form."""
        counted = Counter(site.form for site in self.sites)
        return {form: counted[form] for form in Form if counted[form]}

    @property
    def by_kind(self) -> Mapping[Kind, int]:
        """Return the number of sites of each class."""
        counted = Counter(site.sensitive.kind for site in self.sites)
        return {kind: counted[kind] for kind in Kind if counted[kind]}

    @property
    def padding(self) -> Span:
        """Return the executable room at the end of the text that nothing uses."""
        return self.layout.padding


def patch(image: bytes, options: Options = NOTHING_ELSE, words_before: tuple[int, ...] = ()) -> Patched:
    """Return the Image with each sensitive word replaced, or refuse it with the reason.

    `words_before` is the table so far, where several kernels share one: words new to it get the numbers behind.
    """
    symbols = symbols_of(image)
    words = words_of(image)
    layout = layout_of(image, words, symbols)
    table = Table(words_before)
    sites = _sites(words, layout, symbols, table)
    functions = functions_of(words[:], layout, symbols) if options.stubs or options.untraced else None
    for site in sites:
        words[(site.address - layout.base) // 4] = replacement(site.sensitive, site.index)
    stub_bytes = untraced = 0
    if functions is not None and options.stubs:
        sites, stub_bytes = _with_stubs(words, layout, functions, sites)
    if functions is not None and options.untraced:
        untraced = _untrace(words, layout, functions, symbols)
    swaps = _swap_thread_registers(words, layout) if options.swap_thread_registers else 0
    changed = bytes_of(words) + image[len(words) * 4 :]
    return Patched(changed, layout, table.words, tuple(sites), swaps, len(symbols.symbols), symbols.layout, stub_bytes, untraced)


def _sites(words: "array[int]", layout: Layout, symbols: Symbols, table: Table) -> list[Site]:
    """Return all sensitive words of the code, or refuse the kernel."""
    sites: list[Site] = []
    unknown: list[str] = []
    for span, _, code in _code(words, layout):
        for number, what in found_in(code, layout.addresses):
            address = span.start + number * 4
            function = symbols.within(address) or span.name
            if isinstance(what, Sensitive):
                sites.append(Site(address, function, span.name, table.index(what.word), what))
            else:
                unknown.append(f"{address:#x} in {function}: {code[number]:08x}, {what}")
    _refuse(unknown)
    if len(table.words) > MOST_WORDS:
        raise LinuxError(f"this kernel has {len(table.words)} different sensitive words, more than {MOST_WORDS}")
    return sites


def _with_stubs(words: "array[int]", layout: Layout, functions: Functions, sites: list[Site]) -> tuple[list[Site], int]:
    """Put stubs in the place of traps; return the sites with their forms, and the stubs' size."""
    places = [
        Place(site.address, site.function, site.span, site.sensitive, replacement(site.sensitive, site.index)) for site in sites
    ]
    placed = place_stubs(words, layout, functions, places)
    return [replace(site, form=placed.forms.get(site.address, Form.TRAP)) for site in sites], placed.bytes_used


def _untrace(words: "array[int]", layout: Layout, functions: Functions, symbols: Symbols) -> int:
    """Remove the calls of the function tracer, and its start, which would look for them; return how many there were."""
    start = symbols.addresses.get("ftrace_init")
    if start is None or not functions.calls:
        return 0
    for call in functions.calls:
        words[(call - layout.base) // 4] = UNTRACED
    words[(start - layout.base) // 4] = _RETURN
    return len(functions.calls)


def words_of(code: bytes) -> "array[int]":
    """Return the little-endian words of `code`, without an incomplete last one."""
    words = array("I", code[: len(code) & -4])
    if sys.byteorder != "little":
        words.byteswap()
    return words


def bytes_of(words: "array[int]") -> bytes:
    """Return words as little-endian bytes."""
    return struct.pack(f"<{len(words)}I", *words) if sys.byteorder != "little" else words.tobytes()


def _code(words: "array[int]", layout: Layout) -> Iterator[tuple[Span, int, "array[int]"]]:
    """Yield each span with the number of its first word and its words."""
    for span in layout.spans:
        first = (span.start - layout.base) // 4
        yield span, first, words[first : (span.end - layout.base) // 4]


def found_in(code: "array[int]", addresses: range) -> Iterator[tuple[int, Sensitive | str]]:
    """Yield the number of each word of `code` that needs a patch, decoded, or that is refused, with the reason."""
    found: dict[int, Sensitive | str] = {}
    for word in candidates(code):
        what = decode(word) or refused(word, addresses)
        if what is not None:
            found[word] = what
    for number, word in enumerate(code) if found else ():
        if word in found:
            yield number, found[word]


def _refuse(unknown: list[str]) -> None:
    """Refuse a kernel with words in its code that are sensitive and not in the table."""
    if unknown:
        shown = "\n  ".join(unknown[:_MOST_REFUSALS_SHOWN])
        raise LinuxError(
            f"{len(unknown)} words of this kernel's code are sensitive and not in the table of patches:\n  {shown}",
            "report this kernel's version; another version of the same distribution may be known",
        )


def _swap_thread_registers(words: "array[int]", layout: Layout) -> int:
    """Exchange TPIDRPRW and TPIDRURW in the code; return how many instructions changed."""
    swaps = 0
    for _, first, code in _code(words, layout):
        accesses = {word for word in set(code) if is_thread_access(word)}
        for number, word in enumerate(code) if accesses else ():
            if word in accesses:
                words[first + number] = other_thread_register(word)
                swaps += 1
    return swaps
