# SPDX-License-Identifier: Apache-2.0
"""The place of the code in an Image, and the address at which it is linked.

Symbols give addresses, an Image has none of its own: the link address is the one at which the targets of its branches are
functions. Code is the head, `_stext` to `_etext`, `_sinittext` to `_einittext`, and in the page below `_sinittext` the vectors
and stubs, which the kernel copies to 0xFFFF0000. Read-only data and data are not looked at: words there may equal instructions.
"""

from array import array
from dataclasses import dataclass
from itertools import islice

from ovm.linux.errors import LinuxError
from ovm.linux.kallsyms import Symbols

_PAGE = 0x1000
_MOST_HEAD_BYTES = 0x40_0000
_MOST_ZEROED_BYTES = 0x200_0000
# So many branches are looked at, each so-manyth one.
_SAMPLE = 400
_EACH = 7
_LEAST_SAMPLE = 8
_BRANCH_WITH_LINK = 0xEB
_FIX = "use a kernel for ARM state (CONFIG_THUMB2_KERNEL off), as Debian's armmp kernels are"


@dataclass(frozen=True)
class Span:
    """A part of the code: addresses from `start` up to and without `end`."""

    name: str
    start: int
    end: int


@dataclass(frozen=True)
class Layout:
    """The link address of an Image, and its code."""

    base: int
    size: int
    spans: tuple[Span, ...]
    padding: Span

    @property
    def addresses(self) -> range:
        """Return every address that the kernel may name: the Image and, behind it, what it zeroes at its start (.bss)."""
        return range(self.base, self.base + self.size + _MOST_ZEROED_BYTES)


def layout_of(image: bytes, words: "array[int]", symbols: Symbols) -> Layout:
    """Return the layout of an Image, whose words are `words`."""
    text, text_end = symbols.address("_stext"), symbols.address("_etext")
    init, init_end = symbols.address("_sinittext"), symbols.address("_einittext")
    base = _link_address(words, text, symbols)
    spans = (
        Span("head", base, text),
        Span("text", text, text_end),
        Span("vectors", init & -_PAGE, init),
        Span("init", init, init_end),
    )
    inside = all(base <= span.start <= span.end <= base + len(image) for span in spans)
    if not inside or text == text_end or text_end > init & -_PAGE:
        raise LinuxError("this kernel's code does not lie as known kernels' does: head, text, vectors, init", _FIX)
    return Layout(base, len(image), spans, _padding(words, base, text, text_end))


def _link_address(words: "array[int]", text: int, symbols: Symbols) -> int:
    """Return the address at which most branches of the text lead to functions."""
    branches = ((at, word) for at, word in enumerate(words) if word >> 24 == _BRANCH_WITH_LINK and at * 4 >= _PAGE)
    targets = [at * 4 + 8 + _signed(word) * 4 for at, word in islice(branches, 0, _SAMPLE * _EACH, _EACH)]
    functions = {symbol.address for symbol in symbols.symbols}
    best, hits = 0, 0
    for head in range(0, _MOST_HEAD_BYTES, _PAGE):
        found = sum(text - head + target in functions for target in targets)
        if found > hits:
            best, hits = text - head, found
    if len(targets) < _LEAST_SAMPLE or hits * 2 < len(targets):
        raise LinuxError("no link address makes this kernel's branches lead to its functions", _FIX)
    return best


def _signed(branch: int) -> int:
    """Return the offset of a branch, in words."""
    return (branch & 0xFF_FFFF ^ 0x80_0000) - 0x80_0000


def _padding(words: "array[int]", base: int, text: int, text_end: int) -> Span:
    """Return the zeros at the end of the text, which are executable and belong to nothing: room for stubs."""
    first = at = (text_end - base) // 4
    while at > (text - base) // 4 and words[at - 1] == 0:
        at -= 1
    return Span("padding", base + at * 4, base + first * 4)
