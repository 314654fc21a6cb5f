# SPDX-License-Identifier: Apache-2.0
"""Translation tables, read from memory: the address behind an address, all mappings, and the meaning of an entry in words.

Short-descriptor format (ARM DDI0406C B3.5). It shares no code with the board's MMU or with the hypervisor's walks, so its
results can be compared with theirs. Reading has no effect on the machine.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

ReadWord = Callable[[int], int | None]  # None: no memory there
_TOP = 1 << 32
_MEGABYTE = 1 << 20
_SECTIONS = 4096
_PAGES = 256

# AP[2:0] in words: privileged modes, User mode (B3.7.1, table B3-8).
RIGHTS = {
    0: ("none", "none"),
    1: ("read/write", "none"),
    2: ("read/write", "read"),
    3: ("read/write", "read/write"),
    4: ("reserved", "reserved"),
    5: ("read", "none"),
    6: ("read", "read"),
    7: ("read", "read"),
}
DOMAINS = {0: "closed", 1: "client", 2: "reserved", 3: "manager"}
_POLICIES = {0: "not cached", 1: "write-back, write-allocate", 2: "write-through", 3: "write-back"}


@dataclass(frozen=True)
class Context:
    """The inputs of a walk besides memory."""

    ttbr0: int
    ttbr1: int = 0
    ttbcr: int = 0
    dacr: int = 0x5555_5555
    enabled: bool = True
    access_flag: bool = False
    tex_remap: bool = False
    big_endian: bool = False

    def domain(self, number: int) -> str:
        """Return DACR's field for a domain."""
        return DOMAINS[self.dacr >> (2 * number) & 3]


@dataclass(frozen=True)
class Mapping:
    """One entry that maps something. `bytes` is what one entry covers, `descriptor` its last-level word."""

    virtual: int
    physical: int
    bytes: int
    descriptor: int
    domain: int
    access: int
    execute_never: bool
    tex: int
    cacheable: bool
    bufferable: bool
    shareable: bool
    is_global: bool
    non_secure: bool

    def leads_to(self, address: int) -> int:
        """Return the physical address behind a virtual one that the entry covers."""
        return self.physical + (address & (self.bytes - 1))

    @property
    def size(self) -> str:
        """Return the entry's name."""
        return {1 << 12: "page", 1 << 16: "large page", 1 << 20: "section", 1 << 24: "supersection"}[self.bytes]

    @property
    def same_kind(self) -> tuple[object, ...]:
        """Return the properties that two neighbours must share to be shown as one stretch."""
        attributes = (self.domain, self.access, self.execute_never, self.tex, self.cacheable, self.bufferable)
        return (self.bytes, *attributes, self.shareable, self.is_global, self.non_secure)

    def memory(self, tex_remap: bool = False) -> str:
        """Return the memory type in words (B3.8.2, table B3-10)."""
        code = self.tex << 2 | self.cacheable << 1 | self.bufferable
        if tex_remap:
            return f"remapped type {code & 7}"
        shared = ", shareable" if self.shareable else ""
        if self.tex >= 4:
            outer, inner = _POLICIES[self.tex & 3], _POLICIES[code & 3]
            return f"Normal, inner {inner}, outer {outer}{shared}"
        fixed = {0: "Strongly-ordered", 1: "Device, shareable", 8: "Device"}
        normal = {2: "write-through", 3: "write-back", 4: "not cached", 7: "write-back, write-allocate"}
        if code in normal:
            return f"Normal, {normal[code]}{shared}"
        return fixed.get(code, f"reserved (TEX {self.tex}, C {int(self.cacheable)}, B {int(self.bufferable)})")

    def rights(self, access_flag: bool = False) -> str:
        """Return the rights in words."""
        if access_flag and not self.access & 1:
            return "access flag clear: the first use faults"
        code = self.access | 1 if access_flag else self.access
        privileged, user = RIGHTS[code]
        execute = "no execute" if self.execute_never else "execute"
        return f"privileged {privileged}, User {user}, {execute}"


@dataclass(frozen=True)
class Fault:
    """The reason why an address leads nowhere: status as in DFSR (B3.13.3)."""

    status: int
    level: int
    text: str


def _large_or_small(virtual: int, word: int, domain: int, non_secure: bool) -> Mapping | None:
    """Return the mapping of a second-level descriptor (figure B3-5); None for one that faults."""
    if not word & 3:
        return None
    small = bool(word & 2)
    size = 1 << 12 if small else 1 << 16
    return Mapping(
        virtual=virtual & -size,
        physical=word & -size & 0xFFFF_FFFF,
        bytes=size,
        descriptor=word,
        domain=domain,
        access=(word >> 4 & 3) | (word >> 9 & 1) << 2,
        execute_never=bool(word & 1) if small else bool(word >> 15 & 1),
        tex=(word >> 6 if small else word >> 12) & 7,
        cacheable=bool(word & 8),
        bufferable=bool(word & 4),
        shareable=bool(word >> 10 & 1),
        is_global=not word >> 11 & 1,
        non_secure=non_secure,
    )


def _section(virtual: int, word: int) -> Mapping:
    """Return the mapping of a section or supersection (figure B3-4); a supersection is in domain 0."""
    large = bool(word >> 18 & 1)
    size = 1 << 24 if large else 1 << 20
    return Mapping(
        virtual=virtual & -size,
        physical=word & -size & 0xFFFF_FFFF,
        bytes=size,
        descriptor=word,
        domain=0 if large else word >> 5 & 15,
        access=(word >> 10 & 3) | (word >> 15 & 1) << 2,
        execute_never=bool(word & 16),
        tex=word >> 12 & 7,
        cacheable=bool(word & 8),
        bufferable=bool(word & 4),
        shareable=bool(word >> 16 & 1),
        is_global=not word >> 17 & 1,
        non_secure=bool(word >> 19 & 1),
    )


class Tables:
    """The tables of one context, read by `read`, a word at an aligned address."""

    def __init__(self, read: ReadWord, context: Context) -> None:
        self._read = read
        self.context = context

    def find(self, address: int) -> Mapping | Fault:
        """Return the result of a walk for an address. Rights are not checked."""
        place = self._first(address)
        if place is None:
            return Fault(5, 1, "TTBCR forbids the walk")
        word = self._word(place)
        if word is None:
            return Fault(0xC, 1, f"no memory at {place:#010x}, where the first-level entry is")
        if word & 3 == 2:
            return _section(address, word)
        if word & 3 != 1:
            return Fault(5, 1, f"the first-level entry at {place:#010x} maps nothing: {word:#010x}")
        place = (word & 0xFFFF_FC00) + (address >> 12 & 0xFF) * 4
        second = self._word(place)
        if second is None:
            return Fault(0xE, 2, f"no memory at {place:#010x}, where the second-level entry is")
        found = _large_or_small(address, second, word >> 5 & 15, bool(word & 8))
        return found or Fault(7, 2, f"the second-level entry at {place:#010x} maps nothing: {second:#010x}")

    def translate(self, address: int) -> int | None:
        """Return the physical address; None where nothing is mapped."""
        if not self.context.enabled:
            return address
        found = self.find(address)
        return found.leads_to(address) if isinstance(found, Mapping) else None

    def all(self) -> Iterator[Mapping]:
        """Yield everything that is mapped, by address; an entry that is repeated for its size comes once."""
        done = 0
        for megabyte in range(_SECTIONS):
            for each in self._megabyte(megabyte * _MEGABYTE):
                if each.virtual >= done:
                    yield each
                    done = each.virtual + each.bytes

    def _megabyte(self, start: int) -> Iterator[Mapping]:
        place = self._first(start)
        word = self._word(place) if place is not None else None
        if word is None:
            return
        if word & 3 == 2:
            yield _section(start, word)
        elif word & 3 == 1:
            for number in range(_PAGES):
                second = self._word((word & 0xFFFF_FC00) + number * 4)
                found = second and _large_or_small(start + number * 4096, second, word >> 5 & 15, bool(word & 8))
                if found:
                    yield found

    def _first(self, address: int) -> int | None:
        """Return the place of an address's first-level entry (B3.5.4); None where TTBCR forbids the walk."""
        context, n = self.context, self.context.ttbcr & 7
        if n and address >> (32 - n):
            return None if context.ttbcr & 32 else (context.ttbr1 & 0xFFFF_C000) + (address >> 20) * 4
        if context.ttbcr & 16:
            return None
        return (context.ttbr0 >> (14 - n) << (14 - n)) + (address >> 20) * 4

    def _word(self, place: int) -> int | None:
        word = self._read(place)
        return int.from_bytes(word.to_bytes(4, "little"), "big") if word is not None and self.context.big_endian else word
