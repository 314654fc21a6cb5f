# SPDX-License-Identifier: Apache-2.0
"""The walk and what comes of it in plain Python, from the ARM ARM's B3 alone: no bit position is the board's own."""

from collections.abc import Callable
from dataclasses import dataclass, field

ORDERED, DEVICE, NORMAL = 0, 1, 2
# Inner and outer: none, write-back with allocation, write-through, write-back (B3.8.2).
SECTION, PAGE = 0b0011, 0b0110  # of the access flag; translation, domain and permission follow from them
MANAGER, CLIENT = 3, 1


@dataclass
class Registers:
    """The registers of CP15 for one world."""

    ns: int = 0
    ttbr0: int = 0
    ttbr1: int = 0
    ttbcr: int = 0
    dacr: int = 0
    prrr: int = 0
    nmrr: int = 0
    contextidr: int = 0
    afe: bool = False
    tre: bool = False
    big_endian: bool = False


@dataclass
class Memory:
    """A type of memory (table B3-10, B3.8.3)."""

    kind: int
    inner: int = 0
    outer: int = 0
    shareable: bool = False
    not_outer: bool = False  # shareable in the inner domain only


@dataclass
class Leaf:
    """The result of a walk: a page's place, rights and memory; or the status of a fault, with the domain in bits 7 to 4."""

    fault: int = 0
    start: int = 0
    log: int = 12
    physical: int = 0
    access: int = 0
    execute_never: bool = False
    domain: int = 0
    global_: bool = True
    ns: int = 0
    tex: int = 0
    cacheable: int = 0
    bufferable: int = 0
    shareable: int = 0
    # Where the walk read, and whether there was no answer.
    read: list[int] = field(default_factory=list)


def bits(word: int, high: int, low: int) -> int:
    return word >> low & (1 << high - low + 1) - 1


def walk(address: int, now: Registers, read: Callable[[int], int | None]) -> Leaf:
    """Walk the tables (B3.5.3, B3.5.4); `read` gives a little-endian word or nothing for an external abort."""
    split = now.ttbcr & 7
    second = split != 0 and address >> 32 - split != 0
    if now.ttbcr >> (5 if second else 4) & 1:
        return Leaf(fault=0b0101)
    base, reach = (now.ttbr1, 14) if second else (now.ttbr0, 14 - split)
    leaf = Leaf()

    def descriptor(place: int) -> int | None:
        leaf.read.append(place)
        word = read(place)
        if word is None or not now.big_endian:
            return word
        return int.from_bytes(word.to_bytes(4, "little"), "big")

    first = descriptor(base >> reach << reach | bits(address, 31, 20) % (1 << reach - 2) * 4)
    if first is None:
        leaf.fault = 0b1100
    elif first & 3 == 1:
        found = descriptor(bits(first, 31, 10) << 10 | bits(address, 19, 12) << 2)
        _page(leaf, address, first, found, now)
    elif first & 3 == 2:
        _section(leaf, address, first, now)
    else:
        leaf.fault = 0b0101
    return leaf


def _section(leaf: Leaf, address: int, word: int, now: Registers) -> None:
    super_ = bits(word, 18, 18)
    leaf.log = 24 if super_ else 20
    leaf.domain = 0 if super_ else bits(word, 8, 5)
    leaf.access = bits(word, 15, 15) << 2 | bits(word, 11, 10)
    leaf.execute_never = bool(bits(word, 4, 4))
    leaf.tex = bits(word, 14, 12)
    leaf.shareable = bits(word, 16, 16)
    leaf.global_ = not bits(word, 17, 17)
    leaf.ns = now.ns | bits(word, 19, 19)
    _finish(leaf, address, word, now, SECTION)


def _page(leaf: Leaf, address: int, table: int, word: int | None, now: Registers) -> None:
    leaf.domain = bits(table, 8, 5)
    if word is None or word & 3 == 0:
        leaf.fault = leaf.domain << 4 | (0b1110 if word is None else 0b0111)
        return
    large = word & 3 == 1
    leaf.log = 16 if large else 12
    leaf.access = bits(word, 9, 9) << 2 | bits(word, 5, 4)
    leaf.execute_never = bool(bits(word, 15, 15) if large else bits(word, 0, 0))
    leaf.tex = bits(word, 14, 12) if large else bits(word, 8, 6)
    leaf.shareable = bits(word, 10, 10)
    leaf.global_ = not bits(word, 11, 11)
    leaf.ns = now.ns | bits(table, 3, 3)
    _finish(leaf, address, word, now, PAGE)


def _finish(leaf: Leaf, address: int, word: int, now: Registers, access_flag: int) -> None:
    leaf.start = address >> leaf.log << leaf.log
    leaf.physical = word >> leaf.log << leaf.log
    leaf.cacheable, leaf.bufferable = bits(word, 3, 3), bits(word, 2, 2)
    if now.afe and not leaf.access & 1:
        leaf.fault = leaf.domain << 4 | access_flag


def denied(leaf: Leaf, now: Registers, *, write: bool, fetch: bool, user: bool) -> int:
    """Return the fault of an access (B3.7, B3.12.3): first the domain, then the permissions of table B3-8, then execute-never."""
    page = 0b0010 if leaf.log < 20 else 0
    allowed = bits(now.dacr, 2 * leaf.domain + 1, 2 * leaf.domain)
    if allowed == MANAGER:
        return 0
    if allowed != CLIENT:
        return leaf.domain << 4 | 0b1001 | page
    access = leaf.access | (1 if now.afe else 0)
    privileged, unprivileged = (("", ""), ("rw", ""), ("rw", "r"), ("rw", "rw"), ("", ""), ("r", ""), ("r", "r"), ("r", "r"))[
        access
    ]
    rights = unprivileged if user else privileged
    if ("w" if write else "r") in rights and not (fetch and leaf.execute_never):
        return 0
    return leaf.domain << 4 | 0b1101 | page


def memory(leaf: Leaf, now: Registers) -> Memory:
    """Return the type of memory (table B3-10); with remap by PRRR and NMRR (B3.8.3)."""
    tex, c, b, s = leaf.tex, leaf.cacheable, leaf.bufferable, bool(leaf.shareable)
    if now.tre:
        return _remapped((tex & 1) << 2 | c << 1 | b, int(s), now)
    if tex & 4:
        return Memory(NORMAL, c << 1 | b, tex & 3, s)
    named = {
        (0, 0, 0): Memory(ORDERED, shareable=True),
        (0, 0, 1): Memory(DEVICE, shareable=True),
        (0, 1, 0): Memory(NORMAL, 2, 2, s),
        (0, 1, 1): Memory(NORMAL, 3, 3, s),
        (1, 0, 0): Memory(NORMAL, 0, 0, s),
        (1, 1, 1): Memory(NORMAL, 1, 1, s),
        (2, 0, 0): Memory(DEVICE),
    }
    return named.get((tex, c, b), Memory(ORDERED, shareable=True))


def _remapped(code: int, s: int, now: Registers) -> Memory:
    kind = bits(now.prrr, 2 * code + 1, 2 * code)
    if kind == DEVICE:
        return Memory(DEVICE, shareable=bool(now.prrr >> 16 + s & 1))
    if kind != NORMAL:
        return Memory(ORDERED, shareable=True)
    shareable = bool(now.prrr >> 18 + s & 1)
    inner, outer = bits(now.nmrr, 2 * code + 1, 2 * code), bits(now.nmrr, 2 * code + 17, 2 * code + 16)
    return Memory(NORMAL, inner, outer, shareable, shareable and bool(now.prrr >> 24 + code & 1))


def par(leaf: Leaf, now: Registers, page: int) -> int:
    """PAR of a translation that succeeds (B4.1.112); a supersection's shows its first 24 bits alone."""
    found = memory(leaf, now)
    inner = {ORDERED: 0b001, DEVICE: 0b011}.get(found.kind, (0, 0b101, 0b110, 0b111)[found.inner])
    value = page & (0xFF00_0000 if leaf.log == 24 else 0xFFFF_F000) | (leaf.log == 24) << 1
    secure_to_open = leaf.ns if now.ns == 0 else 0  # UNKNOWN for tables of the Non-secure world; the board has 0
    return value | found.outer << 2 | inner << 4 | found.shareable << 7 | secure_to_open << 9 | found.not_outer << 10
