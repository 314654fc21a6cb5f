# SPDX-License-Identifier: Apache-2.0
"""Translation of virtual addresses by the tables in memory (short descriptors, ARM B3.5).

Neither rights nor TLBs are used: the result is that of the tables, for observers from outside. The board's own walk is not
used, so that reading changes nothing; memory is read as the core reads it, through its caches.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ovm.arm.control import SCTLR_EE, SCTLR_M
from ovm.board.api.errors import BoardError
from ovm.board.api.view import View
from ovm.board.mapping import KIND_NORMAL, MEMORY_INNER, MEMORY_NS, MEMORY_OUTER, MEMORY_SHAREABLE
from ovm.board.mmu.entry import ATTRIBUTE_CB, ATTRIBUTE_NS, ATTRIBUTE_TEX

_PAGE_TABLE, _LARGE_PAGE = 1, 1
_SUPERSECTION = 1 << 18
_NO_WALK_0, _NO_WALK_1 = 1 << 4, 1 << 5
_PAGE_BYTES = 4096
# A function that reads a word of memory with given attributes (`ovm.board.mmu.attributes`); None where there is none.
ReadWord = Callable[[int, int], int | None]


@dataclass(frozen=True)
class Registers:
    """The registers of one world that choose the tables; `non_secure` is that world."""

    sctlr: int
    ttbr0: int
    ttbr1: int
    ttbcr: int
    non_secure: bool = False


@dataclass(frozen=True)
class Place:
    """The target of an address: TEX, C, B, S and NS in `attributes` as in a TLB entry, None while the MMU is off."""

    physical: int
    attributes: int | None


def lead(address: int, registers: Registers, word: ReadWord) -> Place | None:
    """Return the target of a virtual address; None where nothing is mapped."""
    if not registers.sctlr & SCTLR_M:
        return Place(address, None)
    found = _table(address, registers)
    if found is None:
        return None
    table, base = found
    first = _descriptor(table, base, registers, word)
    if first is None or first & 3 in (0, 3):
        return None
    if first & 3 != _PAGE_TABLE:
        mask = 0x00FF_FFFF if first & _SUPERSECTION else 0x000F_FFFF
        return _place(address, first, mask, first >> 12 & 7, first >> 16 & 1, registers.non_secure or first >> 19 & 1)
    second = _descriptor((first & 0xFFFF_FC00) | ((address >> 12 & 0xFF) << 2), base, registers, word)
    if second is None or second & 3 == 0:
        return None
    large = second & 3 == _LARGE_PAGE
    tex = second >> 12 & 7 if large else second >> 6 & 7
    return _place(address, second, 0xFFFF if large else 0xFFF, tex, second >> 10 & 1, registers.non_secure or first >> 3 & 1)


def _place(address: int, descriptor: int, mask: int, tex: int, shareable: int, non_secure: int) -> Place:
    attributes = tex << ATTRIBUTE_TEX | (descriptor >> 2 & 3) << ATTRIBUTE_CB | shareable | (ATTRIBUTE_NS if non_secure else 0)
    return Place((descriptor & ~mask & 0xFFFF_FFFF) | (address & mask), attributes)


def _table(address: int, registers: Registers) -> tuple[int, int] | None:
    """Return the place of the first-level descriptor, and its TTBR (B3.5.5); None where TTBCR forbids the walk."""
    size = registers.ttbcr & 7
    if size and address >> (32 - size):
        base = registers.ttbr1
        return None if registers.ttbcr & _NO_WALK_1 else ((base & 0xFFFF_C000) | (address >> 20 << 2), base)
    base = registers.ttbr0
    table = base & ~((1 << (14 - size)) - 1) & 0xFFFF_FFFF
    return None if registers.ttbcr & _NO_WALK_0 else (table | (address >> 20 << 2), base)


def _descriptor(place: int, base: int, registers: Registers, word: ReadWord) -> int | None:
    """Return a descriptor, read as the memory that a TTBR names (IRGN, RGN, S: B4.1.154)."""
    inner, outer = (base & 1) << 1 | base >> 6 & 1, base >> 3 & 3
    memory = KIND_NORMAL | inner << MEMORY_INNER | outer << MEMORY_OUTER
    memory |= (MEMORY_SHAREABLE if base & 2 else 0) | (MEMORY_NS if registers.non_secure else 0)
    found = word(place, memory)
    return found if found is None or not registers.sctlr & SCTLR_EE else int.from_bytes(found.to_bytes(4, "little"), "big")


class VirtualMemory:
    """Memory as a core sees it: the operations of `Core` on virtual addresses."""

    _machine: Any
    number: int

    @property
    def secure(self) -> bool:
        """Return whether it is in the Secure state."""
        ...

    @property
    def view(self) -> View:
        """Return its state."""
        ...

    @contextmanager
    def running(self) -> Iterator[Callable[..., int]]:
        """Make it the core on which functions of the board work."""
        ...

    def translate(self, address: int) -> int | None:
        """Return the physical address that the tables in force give for a virtual one; None where nothing is mapped."""
        found = self._lead(address)
        return found.physical if found else None

    def read_virtual(self, address: int, size: int) -> bytes:
        """Return bytes as loads of this core find them at virtual addresses, without any effect on the machine.

        `BoardError` R206 where there is no memory.
        """
        found = b""
        while len(found) < size:
            here = address + len(found) & 0xFFFF_FFFF
            place = self._lead(here)
            if place is None:
                raise BoardError("R206", f"nothing is mapped at {here:#010x}", expected="a mapped address")
            length = min(size - len(found), _PAGE_BYTES - here % _PAGE_BYTES)
            found += self._machine.read(place.physical, length, core=self.number, memory=self._memory(place))
        return found

    def _lead(self, address: int) -> Place | None:
        world = 0 if self.secure else 1
        sctlr, ttbr0, ttbr1, ttbcr = (self.view.get("world", world, name) for name in ("sctlr", "ttbr0", "ttbr1", "ttbcr"))
        return lead(address, Registers(sctlr, ttbr0, ttbr1, ttbcr, bool(world)), self._word)

    def _memory(self, place: Place) -> int:
        """Return the attributes of memory at a place for this core: Strongly-ordered while its MMU is off."""
        if place.attributes is None:
            return MEMORY_SHAREABLE
        with self.running() as call:
            return call("mmu.attributes.memory_of", place.attributes, 0 if self.secure else 1)

    def _word(self, physical: int, memory: int) -> int | None:
        try:
            return int.from_bytes(self._machine.read(physical, 4, core=self.number, memory=memory), "little")
        except BoardError:
            return None
