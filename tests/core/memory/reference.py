# SPDX-License-Identifier: Apache-2.0
"""A plain model of the ARMv7-A MMU with short descriptors, the outside judge of `ovm.core.memory`.

Written from the ARM Architecture Reference Manual DDI0406C: B3.5 (tables), B3.7 (rights), B3.12.3 (domains), B3.12.4
(order of faults), B3.10.1 (what a TLB may keep). It shares nothing with the code that it judges: no import from
`ovm`, plain integers, a different structure. `test_reference` compares it with QEMU.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

READ, WRITE, FETCH = "read", "write", "fetch"
# Returns a word of physical memory, or None where no memory answers.
Memory = Callable[[int], "int | None"]


@dataclass(frozen=True)
class Fault:
    """A fault: its status code FS and the domain, None where the manual says it is not valid."""

    code: int
    domain: int | None = None

    def fsr(self, access: str) -> int:
        """Return the value of DFSR, or of IFSR, which has neither domain nor direction."""
        if access == FETCH:
            return self.code
        return self.code | (self.domain or 0) << 4 | (1 << 11 if access == WRITE else 0)


@dataclass(frozen=True)
class Mapping:
    """The result of one walk: everything that a TLB entry keeps."""

    virtual: int
    size: int
    output: int
    ap: int
    xn: bool
    domain: int
    is_global: bool
    is_page: bool
    is_flat: bool = False

    def covers(self, va: int) -> bool:
        return self.virtual <= va < self.virtual + self.size

    def address(self, va: int) -> int:
        return self.output + (va - self.virtual)


@dataclass(frozen=True)
class Registers:
    """The registers that decide a translation."""

    mmu: bool = False
    afe: bool = False
    ttbr0: int = 0
    ttbr1: int = 0
    ttbcr: int = 0
    dacr: int = 0
    asid: int = 0

    def but(self, **changes: int | bool) -> Registers:
        return replace(self, **changes)


def bits(value: int, high: int, low: int) -> int:
    return value >> low & (1 << high - low + 1) - 1


def first_level(registers: Registers, va: int) -> int | None:
    """Return the address of the first-level descriptor, None if the walk is switched off (B3.5.4)."""
    n = bits(registers.ttbcr, 2, 0)
    lower = n == 0 or bits(va, 31, 32 - n) == 0
    if lower:
        if bits(registers.ttbcr, 4, 4):
            return None
        span = 14 - n
        return registers.ttbr0 >> span << span | bits(va, 31 - n, 20) << 2
    if bits(registers.ttbcr, 5, 5):
        return None
    return registers.ttbr1 >> 14 << 14 | bits(va, 31, 20) << 2


def walk(registers: Registers, va: int, memory: Memory) -> Mapping | Fault:
    """Walk the tables; permissions and domains are not looked at."""
    if not registers.mmu:
        return Mapping(va & ~0xFFF, 0x1000, va & ~0xFFF, 0b011, False, 0, True, True, True)
    where = first_level(registers, va)
    if where is None:
        return Fault(0b00101)
    entry = memory(where)
    if entry is None:
        return Fault(0b01100)
    kind = bits(entry, 1, 0)
    if kind in (0b00, 0b11):
        return Fault(0b00101)
    if kind == 0b01:
        return second_level(registers, va, entry, memory)
    shift, domain = (24, 0) if bits(entry, 18, 18) else (20, bits(entry, 8, 5))
    ap = bits(entry, 15, 15) << 2 | bits(entry, 11, 10)
    xn, not_global = bool(bits(entry, 4, 4)), bool(bits(entry, 17, 17))
    return finish(registers, va, shift, entry, ap, xn, domain, not_global, False)


def second_level(registers: Registers, va: int, level1: int, memory: Memory) -> Mapping | Fault:
    domain = bits(level1, 8, 5)
    entry = memory(bits(level1, 31, 10) << 10 | bits(va, 19, 12) << 2)
    if entry is None:
        return Fault(0b01110, domain)
    kind = bits(entry, 1, 0)
    if kind == 0b00:
        return Fault(0b00111, domain)
    ap, not_global = bits(entry, 9, 9) << 2 | bits(entry, 5, 4), bool(bits(entry, 11, 11))
    if kind == 0b01:
        return finish(registers, va, 16, entry, ap, bool(bits(entry, 15, 15)), domain, not_global, True)
    return finish(registers, va, 12, entry, ap, bool(bits(entry, 0, 0)), domain, not_global, True)


def finish(
    registers: Registers, va: int, shift: int, entry: int, ap: int, xn: bool, domain: int, not_global: bool, page: bool
) -> Mapping | Fault:
    if registers.afe and not ap & 1:
        return Fault(0b00110 if page else 0b00011, domain)
    virtual, output = va >> shift << shift, entry >> shift << shift
    return Mapping(virtual, 1 << shift, output, ap, xn, domain, not not_global, page)


# (privileged may read, write, User may read, write) by AP[2:0], table B3-8; 0b100 is reserved.
RIGHTS = {
    0b000: (False, False, False, False),
    0b001: (True, True, False, False),
    0b010: (True, True, True, False),
    0b011: (True, True, True, True),
    0b100: (False, False, False, False),
    0b101: (True, False, False, False),
    0b110: (True, False, True, False),
    0b111: (True, False, True, False),
}


def check(mapping: Mapping, dacr: int, access: str, privileged: bool) -> Fault | None:
    """Domain, then permission."""
    if mapping.is_flat:
        return None
    level = 0b00010 if mapping.is_page else 0
    allowed = dacr >> 2 * mapping.domain & 3
    if allowed in (0b00, 0b10):
        return Fault(0b01001 | level, mapping.domain)
    if allowed == 0b11:
        return None
    rights = RIGHTS[mapping.ap]
    can_read, can_write = rights[:2] if privileged else rights[2:]
    fine = {READ: can_read, WRITE: can_write, FETCH: can_read and not mapping.xn}[access]
    return None if fine else Fault(0b01101 | level, mapping.domain)


def translate(registers: Registers, va: int, access: str, privileged: bool, memory: Memory) -> int | Fault:
    """Return the whole access: a physical address or a fault."""
    found = walk(registers, va, memory)
    if isinstance(found, Fault):
        return found
    return check(found, registers.dacr, access, privileged) or found.address(va)


@dataclass
class Tlb:
    """The most that a TLB may hold: every translation that ever existed, until maintenance names it.

    `lookup` yields all of them; an access may use any one. A kept entry is never looked up again in the tables,
    so this is the worst that hardware can do to software that forgets maintenance.
    """

    entries: dict[tuple[int | None, Mapping], None] = field(default_factory=dict)

    def keep(self, asid: int, mapping: Mapping) -> None:
        if not mapping.is_flat:
            self.entries[None if mapping.is_global else asid, mapping] = None

    def lookup(self, asid: int, va: int) -> Iterator[Mapping]:
        for tag, mapping in self.entries:
            if tag in (None, asid) and mapping.covers(va):
                yield mapping

    def _drop(self, unwanted: Callable[[int | None, Mapping], bool]) -> None:
        self.entries = {entry: None for entry in self.entries if not unwanted(*entry)}

    def invalidate_all(self) -> None:
        self.entries.clear()

    def invalidate_asid(self, asid: int) -> None:
        self._drop(lambda tag, _: tag == asid)

    def invalidate_address(self, mva: int) -> None:
        self._drop(lambda tag, mapping: tag in (None, mva & 0xFF) and mapping.covers(mva & ~0xFFF))
