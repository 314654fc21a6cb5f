# SPDX-License-Identifier: Apache-2.0
"""The distributor of the interrupt controller (ARM IHI0048 4.3; Cortex-A9 MPCore TRM 3.3).

Non-secure accesses see group 1 only: the fields of group 0 read as zero and ignore writes.
"""

from typing import Final

from ovm.board.devices.gic_state import (
    GIC,
    INTERRUPTS,
    PRIORITY_BITS,
    gic_update,
    is_group_1,
    latch,
    pending_bits,
    place_of,
    word_of,
)
from ovm.board.sizes import WORD_BYTES
from ovm.board.wiring import WIRING, cores_mask
from ovm.metal import fn, table, u8, u32

CONTROL: Final = 0x000
KIND: Final = 0x004
IMPLEMENTER: Final = 0x008
SOFTWARE: Final = 0xF00
# MPCore TRM 3.3.2: 31 lockable SPIs, Security Extensions, 96 interrupts; CPUs - 1 from bit 5 on. UG585 B.24 resets agree.
KIND_VALUE: Final = 0xFC02
IMPLEMENTER_VALUE: Final = u32(0x0102_043B)  # MPCore TRM 3.3.3
SOFTWARE_INTERRUPTS: Final = u32(0xFFFF)
PRIVATE_INTERRUPTS: Final = 0xF800_FFFF  # SGIs, and PPIs 27 to 31; a core has no others
# Peripheral and component identification, from 0xFD0 (MPCore TRM 3.3, table 3-3).
IDENTITY = table(u32, [4, 0, 0, 0, 0x90, 0xB3, 0x1B, 0, 0x0D, 0xF0, 0x05, 0xB1])


@fn
def _visible(word: u32, ns: u32) -> u32:
    return 0xFFFF_FFFF if ns == 0 else GIC.group[word]


@fn
def _may(core: u32, number: u32, ns: u32) -> bool:
    """Return whether there is an interrupt with this number that the access may see."""
    if number >= INTERRUPTS or (number < 32 and (PRIVATE_INTERRUPTS >> number) & 1 == 0):
        return False
    return ns == 0 or is_group_1(place_of(core, number))


@fn
def _read_bits(offset: u32, word: u32) -> u32:
    kind = offset & 0xF80
    if kind == 0x080:
        return GIC.group[word]
    if kind == 0x100 or kind == 0x180:
        return GIC.enabled[word]
    if kind == 0x200 or kind == 0x280:
        return pending_bits(word)
    return GIC.active[word]


@fn
def _read_byte(core: u32, offset: u32, ns: u32) -> u32:
    """Return a byte of the priorities (0x400) or targets (0x800)."""
    number = offset & 0x3FF
    if not _may(core, number, ns):
        return 0
    place = place_of(core, number)
    if offset < 0x800:
        priority = u32(GIC.priority[place])
        return priority if ns == 0 else (priority << 1) & 0xFF
    return 1 << core if number < 32 else u32(GIC.target[place])


@fn
def _read_edges(core: u32, offset: u32, ns: u32) -> u32:
    """Return ICDICFR: two bits each; SGIs 10, PPIs and SPIs 01 for a level or 11 for an edge."""
    first = ((offset >> 2) & 0x3F) * 16
    result = u32(0)
    for index in u32.range(16):
        number = first + index
        if _may(core, number, ns):
            place = place_of(core, number)
            low = u32(0 if number < 16 else 1)
            high = (GIC.edge[place >> 5] >> (place & 31)) & 1
            result |= (high << 1 | low) << (index * 2)
    return result


@fn
def _read_identity(core: u32, offset: u32, ns: u32) -> u32:
    if offset >= 0xFD0:
        return IDENTITY[(offset - 0xFD0) >> 2]
    if offset == 0xD00:
        return (GIC.level[core] & _visible(core, ns)) >> 27 << 11
    if offset == 0xD04 or offset == 0xD08:
        word = (offset >> 2) & 3
        return GIC.level[word + 1] & _visible(word + 1, ns)
    return 0


@fn(inline=False)
def _read_word(core: u32, offset: u32, ns: u32) -> u32:
    if offset < 0x080:
        if offset == CONTROL:
            return GIC.distributor if ns == 0 else GIC.distributor >> 1
        if offset == KIND:
            return KIND_VALUE | (WIRING.cores - 1) << 5
        return IMPLEMENTER_VALUE if offset == IMPLEMENTER else 0
    if offset < 0x380:
        index = (offset >> 2) & 0x1F
        if index > 2 or (offset < 0x100 and ns != 0):
            return 0
        word = word_of(core, index)
        return _read_bits(offset, word) & _visible(word, ns)
    if offset >= 0xC00 and offset < 0xD00:
        return _read_edges(core, offset, ns)
    return _read_identity(core, offset, ns)


@fn(inline=False)
def distributor_read(core: u32, offset: u32, size: u32, ns: u32) -> u32:
    """Read a register of the distributor as a core sees it."""
    if offset >= 0x400 and offset < 0xC00:
        result = u32(0)
        for index in u32.range(size, bound=WORD_BYTES):
            result |= _read_byte(core, offset + index, ns) << (index * 8)
        return result
    word = _read_word(core, offset & 0xFFC, ns) >> ((offset & 3) * 8)
    return word if size == 4 else word & ((1 << (size * 8)) - 1)


@fn
def _write_pending(word: u32, bits: u32, first: u32) -> None:
    fresh = bits & ~GIC.pending[word]
    for index in u32.range(32):
        if (fresh >> index) & 1 != 0:
            place = word * 32 + index
            cores = 1 << word if word < 2 else u32(GIC.target[place])
            latch(place, first + index, cores)


@fn
def _write_bits(core: u32, offset: u32, value: u32, ns: u32) -> None:
    index = (offset >> 2) & 0x1F
    kind = offset & 0xF80
    if index > 2 or (kind == 0x080 and ns != 0):
        return
    word = word_of(core, index)
    bits = value & _visible(word, ns)
    if index == 0:
        bits &= PRIVATE_INTERRUPTS
    if index == 0 and kind != 0x080:
        bits &= ~SOFTWARE_INTERRUPTS  # always enabled, pending only by ICDSGIR
    if kind == 0x080:
        GIC.group[word] = bits
    elif kind == 0x100:
        GIC.enabled[word] |= bits
    elif kind == 0x180:
        GIC.enabled[word] &= ~bits
    elif kind == 0x200:
        _write_pending(word, bits, index * 32)
    elif kind == 0x280:
        GIC.pending[word] &= ~bits


@fn
def _write_byte(core: u32, offset: u32, value: u32, ns: u32) -> None:
    number = offset & 0x3FF
    if not _may(core, number, ns):
        return
    place = place_of(core, number)
    if offset >= 0x800:
        if number >= 32:
            GIC.target[place] = u8(value & cores_mask())
    elif ns == 0:
        GIC.priority[place] = u8(value & PRIORITY_BITS)
    else:
        GIC.priority[place] = u8((0x80 | value >> 1) & PRIORITY_BITS)


@fn
def _write_edges(offset: u32, value: u32, ns: u32) -> None:
    first = ((offset >> 2) & 0x3F) * 16
    if first < 32 or first >= 96:
        return
    for index in u32.range(16):
        place = first + index + 32
        if ns == 0 or is_group_1(place):
            bit = 1 << (place & 31)
            if (value >> (index * 2 + 1)) & 1 != 0:
                GIC.edge[place >> 5] |= bit
            else:
                GIC.edge[place >> 5] &= ~bit


@fn
def _send(core: u32, value: u32, ns: u32) -> None:
    """Write ICDSGIR: send a software generated interrupt (IHI0048 4.3.13)."""
    number = value & 0xF
    filter_ = (value >> 24) & 3
    cores = (value >> 16) & cores_mask()
    if filter_ == 1:
        cores = cores_mask() ^ (1 << core)
    elif filter_ == 2:
        cores = 1 << core
    elif filter_ == 3:
        return
    wanted = ns != 0 or value & 0x8000 != 0
    for target in u32.range(2):
        if (cores >> target) & 1 != 0 and is_group_1(target * 32 + number) == wanted:
            index = target * 16 + number
            GIC.sources[index] = u8(u32(GIC.sources[index]) | 1 << core)
            latch(target * 32 + number, number, 1 << target)


@fn(inline=False)
def distributor_write(core: u32, offset: u32, value: u32, size: u32, ns: u32) -> None:
    """Write a register of the distributor as a core sees it."""
    if offset >= 0x400 and offset < 0xC00:
        for index in u32.range(size, bound=WORD_BYTES):
            _write_byte(core, offset + index, (value >> (index * 8)) & 0xFF, ns)
    elif offset == CONTROL:
        GIC.distributor = value & 3 if ns == 0 else (GIC.distributor & 1) | (value & 1) << 1
    elif offset >= 0x080 and offset < 0x300:
        _write_bits(core, offset & 0xFFC, value << ((offset & 3) * 8), ns)
    elif offset >= 0xC00 and offset < 0xD00 and size == 4:
        _write_edges(offset, value, ns)
    elif offset == SOFTWARE:
        _send(core, value, ns)
    gic_update()
