# SPDX-License-Identifier: Apache-2.0
"""Where a virtual address leads, read from translation tables in memory (short descriptors, ARM B3.5).

Rights are not looked at, and no TLB: this is what the tables say, for whoever looks from outside. The board's own
walk is not used, so that looking changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ovm.board.api.errors import BoardError
from ovm.board.api.view import View

_MMU_ON = 1
_PAGE_TABLE, _LARGE_PAGE = 1, 1
_SUPERSECTION = 1 << 18
_PAGE_BYTES = 4096


@dataclass(frozen=True)
class Registers:
    """What chooses the tables, of one world."""

    sctlr: int
    ttbr0: int
    ttbr1: int
    ttbcr: int


def lead(address: int, registers: Registers, word: Callable[[int], int | None]) -> int | None:
    """The physical address; None where nothing is mapped. `word` reads memory, None where there is none."""
    if not registers.sctlr & _MMU_ON:
        return address
    first = word(_table(address, registers))
    if first is None or first & 3 in (0, 3):
        return None
    if first & 3 != _PAGE_TABLE:
        mask = 0x00FF_FFFF if first & _SUPERSECTION else 0x000F_FFFF
        return (first & ~mask & 0xFFFF_FFFF) | (address & mask)
    second = word((first & 0xFFFF_FC00) | ((address >> 12 & 0xFF) << 2))
    if second is None or second & 3 == 0:
        return None
    mask = 0xFFFF if second & 3 == _LARGE_PAGE else 0xFFF
    return (second & ~mask & 0xFFFF_FFFF) | (address & mask)


def _table(address: int, registers: Registers) -> int:
    """Where the first-level descriptor lies (B3.5.5)."""
    size = registers.ttbcr & 7
    if size and address >> (32 - size):
        return (registers.ttbr1 & 0xFFFF_C000) | (address >> 20 << 2)
    base = registers.ttbr0 & ~((1 << (14 - size)) - 1) & 0xFFFF_FFFF
    return base | ((address & (0xFFFF_FFFF >> size)) >> 20 << 2)


class VirtualMemory:
    """Memory as a core sees it: what `Core` can say of virtual addresses."""

    _machine: Any

    @property
    def secure(self) -> bool:
        """Whether it is in the Secure state."""
        ...

    @property
    def view(self) -> View:
        """Its state."""
        ...

    def translate(self, address: int) -> int | None:
        """The physical address that the tables in force give for a virtual one; None where nothing is mapped."""
        world = 0 if self.secure else 1
        chosen = [self.view.get("world", world, name) for name in ("sctlr", "ttbr0", "ttbr1", "ttbcr")]
        return lead(address, Registers(*chosen), self._word)

    def read_virtual(self, address: int, size: int) -> bytes:
        """Bytes at virtual addresses, without any effect on the machine; `BoardError` R206 where there is no memory."""
        found = b""
        while len(found) < size:
            here = address + len(found) & 0xFFFF_FFFF
            physical = self.translate(here)
            if physical is None:
                raise BoardError("R206", f"nothing is mapped at {here:#010x}", expected="a mapped address")
            found += self._machine.read(physical, min(size - len(found), _PAGE_BYTES - here % _PAGE_BYTES))
        return found

    def _word(self, physical: int) -> int | None:
        try:
            return int.from_bytes(self._machine.read(physical, 4), "little")
        except BoardError:
            return None
