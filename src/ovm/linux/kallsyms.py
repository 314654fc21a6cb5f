# SPDX-License-Identifier: Apache-2.0
"""The kernel's own symbol table, from its Image.

Every kernel with CONFIG_KALLSYMS carries its symbols in a compressed form (scripts/kallsyms.c), without any header. The parts
have stood in several orders; each part here is found by what it must be, and accepted only when all parts agree:

- up to 6.3:  addresses or (offsets, relative_base), num_syms, names, markers, [seqs_of_names], token_table, token_index
- since 6.4:  num_syms, names, markers, token_table, token_index, offsets, relative_base, [seqs_of_names]
- 7.2:        the same, with addresses in the place of offsets and relative_base

`token_table` has 256 texts, `token_index` their places; a name is a length and that many tokens, the first of which begins with
the symbol's type; `markers` has the place of every 256th name.
"""

import struct
import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from ovm.linux.errors import LinuxError

_TOKENS = 256
_BLOCK = 256
_WORD = 4
_MOST_NAME_BYTES = 512
# Digits stand for themselves in the token table of each kernel, since its symbols' names have digits.
_DIGITS = b"".join(b"%d\0" % digit for digit in range(10))
_UNKNOWN = "this kernel's symbol table (kallsyms) has a layout that is not known here"
_UNKNOWN_FIX = "use a kernel with CONFIG_KALLSYMS=y of a known kind: Debian's armmp kernels 5.10, 6.1, 6.12 and 7.2 are"


@dataclass(frozen=True)
class Symbol:
    """A symbol: its address, its name, and its type as `nm` writes it."""

    address: int
    name: str
    kind: str


@dataclass(frozen=True)
class Symbols:
    """All symbols of a kernel, by address; `layout` says in which order the parts stood."""

    symbols: tuple[Symbol, ...]
    layout: str

    @cached_property
    def addresses(self) -> Mapping[str, int]:
        """Addresses by name; of equal names the lowest address."""
        return {symbol.name: symbol.address for symbol in reversed(self.symbols)}

    @cached_property
    def _starts(self) -> list[int]:
        return [symbol.address for symbol in self.symbols]

    def address(self, name: str) -> int:
        """Return the address of `name`, which the kernel must have."""
        if name not in self.addresses:
            raise LinuxError(f"this kernel's symbol table has no {name}", _UNKNOWN_FIX)
        return self.addresses[name]

    def within(self, address: int) -> str:
        """Return the name of the symbol that `address` belongs to, the last one that begins at or below it."""
        position = bisect_right(self._starts, address)
        return self.symbols[position - 1].name if position else ""


@dataclass(frozen=True)
class _Tokens:
    texts: list[str]
    start: int
    end: int


@dataclass(frozen=True)
class _Names:
    count: int
    start: int
    names: list[tuple[int, int]]


def symbols_of(image: bytes) -> Symbols:
    """Return the symbols of an Image."""
    for tokens in _token_tables(image):
        for names in _name_tables(image, tokens):
            found = _addresses(image, names, tokens)
            if found is not None:
                layout, addresses = found
                return _decoded(image, tokens, names, layout, addresses)
    raise LinuxError(_UNKNOWN, _UNKNOWN_FIX)


def _token_tables(image: bytes) -> Iterator[_Tokens]:
    """Yield each table of tokens that its index confirms."""
    hit = image.find(b"\0" + _DIGITS)
    while hit >= 0:
        found = _tokens_around(image, hit + 1)
        if found is not None:
            yield found
        hit = image.find(b"\0" + _DIGITS, hit + 1)


def _tokens_around(image: bytes, zero: int) -> _Tokens | None:
    """Return the table whose token of the digit 0 is at `zero`."""
    behind = zero
    for _ in range(_TOKENS - ord("0")):
        behind = image.find(b"\0", behind) + 1
        if behind == 0:
            return None
    at = (behind + _WORD - 1) & -_WORD
    if at + 2 * _TOKENS > len(image):
        return None
    index = struct.unpack_from(f"<{_TOKENS}H", image, at)
    start = zero - index[ord("0")]
    if start < 0 or start % _WORD:
        return None
    texts = image[start:behind].split(b"\0")[:-1]
    places = [0]
    for text in texts[:-1]:
        places.append(places[-1] + len(text) + 1)
    if tuple(places) != index:
        return None
    return _Tokens([text.decode("latin-1") for text in texts], start, at + 2 * _TOKENS)


def _name_tables(image: bytes, tokens: _Tokens) -> Iterator[_Names]:
    """Yield each table of names that its markers confirm; they stand below the tokens."""
    words = array("I", image[: tokens.start & -_WORD])
    if sys.byteorder != "little":
        words.byteswap()
    for first in range(len(words) - 2, 0, -1):
        if words[first] == 0 and _BLOCK < words[first + 1] < _BLOCK * _MOST_NAME_BYTES:
            for blocks in _possible_blocks(words, first):
                found = _names_before(image, words, first, blocks)
                if found is not None:
                    yield found


def _possible_blocks(words: "array[int]", first: int) -> Iterator[int]:
    """Yield how many markers may begin at the word `first`: they grow, and the tokens or three bytes a symbol follow."""
    last = first
    while last + 1 < len(words) and _BLOCK < words[last + 1] - words[last] < _BLOCK * _MOST_NAME_BYTES:
        last += 1
    for blocks in range(last - first + 1, 1, -1):
        gap = (len(words) - first - blocks) * _WORD
        if gap == 0 or 3 * _BLOCK * (blocks - 1) < gap <= 3 * _BLOCK * blocks + 2 * _WORD:
            yield blocks


def _names_before(image: bytes, words: "array[int]", first: int, blocks: int) -> _Names | None:
    """Return the names that end where the markers begin."""
    markers = words[first : first + blocks]
    highest = first - markers[-1] // _WORD
    for at in range(highest, max(0, highest - _BLOCK * _MOST_NAME_BYTES // _WORD), -1):
        count = words[at - 1]
        if _BLOCK * (blocks - 1) < count <= _BLOCK * blocks:
            names = _walked(image, at * _WORD, count, markers)
            if names is not None and 0 <= first * _WORD - sum(names[-1]) < _WORD:
                return _Names(count, at * _WORD, names)
    return None


def _walked(image: bytes, start: int, count: int, markers: "array[int]") -> list[tuple[int, int]] | None:
    """Return place and length of each name; None when a marker disagrees."""
    names: list[tuple[int, int]] = []
    at = start
    for number in range(count):
        if number % _BLOCK == 0 and at - start != markers[number // _BLOCK]:
            return None
        length = image[at]
        at += 1
        if length & 0x80:
            length = length & 0x7F | image[at] << 7
            at += 1
        if length == 0:
            return None
        names.append((at, length))
        at += length
        if at >= len(image):
            return None
    return names


def _addresses(image: bytes, names: _Names, tokens: _Tokens) -> tuple[str, list[int]] | None:
    """Return the symbols' addresses and the name of the layout: where they stand, they do not fall."""
    size = names.count * _WORD
    below = names.start - _WORD
    places = (
        ("addresses behind tokens", tokens.end, None),
        ("offsets behind tokens", tokens.end, tokens.end + size),
        ("offsets before names", below - _WORD - size, below - _WORD),
        ("addresses before names", below - size, None),
    )
    for layout, start, base_at in places:
        end = start + size + (_WORD if base_at is not None else 0)
        if start < 0 or end > len(image):
            continue
        base = struct.unpack_from("<I", image, base_at)[0] if base_at is not None else 0
        values = struct.unpack_from(f"<{names.count}I", image, start)
        if _are_addresses(values, base, base_at is not None):
            return layout, [base + value for value in values]
    return None


def _are_addresses(values: tuple[int, ...], base: int, relative: bool) -> bool:
    """Return whether values do not fall, begin where they must, and stay within 32 bits."""
    if relative and (values[0] != 0 or base == 0):
        return False
    if (base + values[0]) % _WORD or base + values[0] == 0:
        return False
    if base + values[-1] > 0xFFFF_FFFF or values[-1] == values[0]:
        return False
    return all(low <= high for low, high in zip(values, values[1:], strict=False))


def _decoded(image: bytes, tokens: _Tokens, names: _Names, layout: str, addresses: list[int]) -> Symbols:
    symbols = []
    for (at, length), address in zip(names.names, addresses, strict=True):
        text = "".join([tokens.texts[token] for token in image[at : at + length]])
        symbols.append(Symbol(address, text[1:], text[:1]))
    return Symbols(tuple(symbols), layout)
