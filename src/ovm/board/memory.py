# SPDX-License-Identifier: Apache-2.0
"""Memory as the core sees it: a table of lines that hit, and the way behind it.

A hit in `LINES` proves that the access is allowed and where in the simulator the bytes are. Everything else goes the
long way: alignment, translation, endianness, devices, and code that a write makes stale. Whoever changes what a line
may do (translation, rights, caches, endianness) calls `drop_lines`.
"""

from typing import Final

from ovm.board import bus
from ovm.board.debug import watch_access, watches_line
from ovm.board.lines import LINE_COUNT, LINE_SHIFT, LINES, NO_LINE
from ovm.board.record import PAGE_SLOT, RECORD_BYTES, SLOT_BASE, SLOT_BYTES
from ovm.board.state import ATTEND_INTERRUPT, CPU, LINE_ABORT
from ovm.board.translate import (
    ACCESS_READ,
    ACCESS_USER,
    ACCESS_WRITE,
    MAPPING,
    RAM_BYTES,
    host_address,
    record_fault,
    translate,
)
from ovm.metal import VirtAddr, fn, pointer, u8, u16, u32, u64

FAULT: Final = 1 << 32  # beside a loaded value: the access failed, CPU.fault says why
FAULT_ABORT: Final = 0x08  # synchronous external abort
FAULT_ALIGNMENT: Final = 0x8000_0001
SCTLR_ALIGNMENT: Final = 2


@fn(inline=True)
def load_word(address: u32) -> u64:
    """Load 4 bytes."""
    line = LINES[(address >> LINE_SHIFT) % LINE_COUNT]
    if line.read == address & 0xFFFF_FFE3:
        return u64(pointer(u32, VirtAddr(address + line.addend))[0])
    return load_slowly(address, u32(4), u32(0))


@fn(inline=True)
def load_half(address: u32) -> u64:
    """Load 2 bytes."""
    line = LINES[(address >> LINE_SHIFT) % LINE_COUNT]
    if line.read == address & 0xFFFF_FFE1:
        return u64(pointer(u16, VirtAddr(address + line.addend))[0])
    return load_slowly(address, u32(2), u32(0))


@fn(inline=True)
def load_byte(address: u32) -> u64:
    """Load 1 byte."""
    line = LINES[(address >> LINE_SHIFT) % LINE_COUNT]
    if line.read == address & 0xFFFF_FFE0:
        return u64(pointer(u8, VirtAddr(address + line.addend))[0])
    return load_slowly(address, u32(1), u32(0))


@fn(inline=True)
def store_word(address: u32, value: u32) -> bool:
    """Store 4 bytes; True when the access failed."""
    line = LINES[(address >> LINE_SHIFT) % LINE_COUNT]
    if line.write == address & 0xFFFF_FFE3:
        pointer(u32, VirtAddr(address + line.addend))[0] = value
        return False
    return store_slowly(address, value, u32(4), u32(0))


@fn(inline=True)
def store_half(address: u32, value: u32) -> bool:
    """Store 2 bytes; True when the access failed."""
    line = LINES[(address >> LINE_SHIFT) % LINE_COUNT]
    if line.write == address & 0xFFFF_FFE1:
        pointer(u16, VirtAddr(address + line.addend))[0] = u16(value)
        return False
    return store_slowly(address, value, u32(2), u32(0))


@fn(inline=True)
def store_byte(address: u32, value: u32) -> bool:
    """Store 1 byte; True when the access failed."""
    line = LINES[(address >> LINE_SHIFT) % LINE_COUNT]
    if line.write == address & 0xFFFF_FFE0:
        pointer(u8, VirtAddr(address + line.addend))[0] = u8(value)
        return False
    return store_slowly(address, value, u32(1), u32(0))


@fn
def _misaligned(address: u32, size: u32, write: u32) -> bool:
    """Tell whether the access faults for its address alone; the fault is recorded."""
    if address & (size - 1) == 0 or CPU.world[_world()].sctlr & SCTLR_ALIGNMENT == 0:
        return False
    return alignment_fault(address, write)


@fn
def alignment_fault(address: u32, write: u32) -> bool:
    """Record an alignment fault (ARM A3.2.1)."""
    CPU.fault = u32(FAULT_ALIGNMENT)
    CPU.fault_address = address
    CPU.fault_write = write
    return True


@fn(inline=True)
def _world() -> u32:
    return u32(CPU.scr & 1 != 0 and CPU.mode != 0x16)


@fn(inline=False)
def load_slowly(address: u32, size: u32, user: u32) -> u64:
    """Load without a line; `user` makes it an unprivileged access. Fills a line where that is exact."""
    if _misaligned(address, size, u32(0)):
        return u64(FAULT)
    watch_access(address, size, u32(0))
    value = u32(0)
    split = size if address & (size - 1) != 0 else u32(1)
    part = u32(1) if split > 1 else size
    for index in u32.range(split, bound=4):
        at = address + index
        physical = translate(at, ACCESS_READ | (u32(ACCESS_USER) if user != 0 else u32(0)))
        if CPU.fault != 0:
            return u64(FAULT)
        place = _ram(physical, u32(0))
        if place <= bus.REFUSED:
            got = _from_bus(at, physical, part, place)
            if got >> 32 != 0:
                return u64(FAULT)
            value |= u32(got) << (index * 8)
            continue
        value |= _peek(place, part) << (index * 8)
        if split == 1 and user == 0 and CPU.big_endian == 0 and not watches_line(at):
            line = LINES[(at >> LINE_SHIFT) % LINE_COUNT]
            tag = at & 0xFFFF_FFE0
            if line.write != tag:
                line.write = u32(NO_LINE)
            line.read = tag
            line.addend = place - at
    return u64(_in_order(value, size))


@fn
def _ram(physical: u32, write: u32) -> u32:
    """Return where RAM is that may be accessed, 0 for what is no RAM, 1 for what is refused."""
    if RAM_BYTES.value != 0:
        return host_address(physical)
    return bus.ram(physical, MAPPING.ns, write)


@fn
def _from_bus(address: u32, physical: u32, size: u32, place: u32) -> u64:
    got = u64(FAULT) if place != 0 else bus.read(physical, size, MAPPING.ns, CPU.number)
    if got >> 32 != 0:
        record_fault(u32(FAULT_ABORT), address, u32(ACCESS_READ))
    return got


@fn(inline=True)
def _in_order(value: u32, size: u32) -> u32:
    """Reverse the bytes of data where CPSR.E says so (ARM A3.3)."""
    if CPU.big_endian == 0 or size == 1:
        return value
    reversed_word = (value << 24) | ((value & 0xFF00) << 8) | ((value >> 8) & 0xFF00) | (value >> 24)
    return reversed_word if size == 4 else reversed_word >> 16


@fn(inline=True)
def _peek(place: u32, size: u32) -> u32:
    if size == 4:
        return pointer(u32, VirtAddr(place))[0]
    if size == 2:
        return u32(pointer(u16, VirtAddr(place))[0])
    return u32(pointer(u8, VirtAddr(place))[0])


@fn(inline=False)
def store_slowly(address: u32, value: u32, size: u32, user: u32) -> bool:
    """Store without a line; True when the access failed. Nothing is written then."""
    if _misaligned(address, size, u32(1)):
        return True
    access = ACCESS_WRITE | (u32(ACCESS_USER) if user != 0 else u32(0))
    first = translate(address, access)
    if CPU.fault != 0:
        return True
    watch_access(address, size, u32(1))
    data = _in_order(value, size)
    if address & (size - 1) == 0:
        _write(address, first, data, size, user)
        return False
    translate(address + size - 1, access)
    if CPU.fault != 0:
        return True
    for index in u32.range(size, bound=4):
        place = translate(address + index, access)
        _write(address + index, place, (data >> (index * 8)) & 0xFF, u32(1), u32(1))
    return False


@fn
def _write(address: u32, physical: u32, data: u32, size: u32, user: u32) -> None:
    place = _ram(physical, u32(1))
    if place <= bus.REFUSED:
        if place != 0 or bus.write(physical, data, size, MAPPING.ns, CPU.number):
            # Stores are posted: that they failed is heard of later (A9 TRM 7.1).
            CPU.lines |= LINE_ABORT
            CPU.attention |= ATTEND_INTERRUPT
        return
    if size == 4:
        pointer(u32, VirtAddr(place))[0] = data
    elif size == 2:
        pointer(u16, VirtAddr(place))[0] = u16(data)
    else:
        pointer(u8, VirtAddr(place))[0] = u8(data)
    page = (physical >> 12) * 2
    if u32(PAGE_SLOT[page]) | u32(PAGE_SLOT[page + 1]) != 0:
        drop_records(physical, size)
    elif user == 0 and CPU.big_endian == 0 and not watches_line(address):
        line = LINES[(address >> LINE_SHIFT) % LINE_COUNT]
        line.read = address & 0xFFFF_FFE0
        line.write = address & 0xFFFF_FFE0
        line.addend = place - address


@fn
def drop_records(physical: u32, size: u32) -> None:
    """Forget the instructions that `size` bytes at `physical` are part of."""
    page = (physical >> 12) * 2
    offset = physical & 0xFFF
    words = u32(PAGE_SLOT[page])
    if words != 0:
        _forget(SLOT_BASE + words * SLOT_BYTES + (offset >> 2) * RECORD_BYTES)
    halves = u32(PAGE_SLOT[page + 1])
    if halves != 0:
        base = SLOT_BASE + halves * SLOT_BYTES
        from_half = (offset >> 1) - (u32(1) if offset >= 2 else u32(0))
        for half in u32.range(from_half, (offset + size + 1) >> 1, bound=8):
            _forget(base + half * RECORD_BYTES)


@fn
def _forget(at: u32) -> None:
    """Make a record one that is not decoded. Its operands stay: it may be the store in progress that hits itself."""
    words = pointer(u32, VirtAddr(at))
    words[0] &= 0xFF00_0000
