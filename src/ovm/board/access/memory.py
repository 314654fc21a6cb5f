# SPDX-License-Identifier: Apache-2.0
"""Memory as the core sees it: a table of lines that hit, and the long way behind it.

A hit in `lines.LINES` proves that the access is allowed and that no state of the memory system changes, and gives the
simulator's address of the bytes. Everything else goes the long way: alignment, translation, endianness, caches, devices, code
that a write makes stale, and the exclusive monitor of the other core.
"""

from typing import Final

from ovm.board.access import outer
from ovm.board.access.fast_path import NO_FAST_PATH, end_exclusive, fast_read, fast_write
from ovm.board.cache import data
from ovm.board.cache.hints import keep_line
from ovm.board.cache.outstanding import LOADS, MISSED, NOWHERE, go_on, overlap
from ovm.board.cache.prefetch import WANTED
from ovm.board.cache.stale import stale
from ovm.board.clock import now, stall
from ovm.board.events import EVENTS, happened_by_now
from ovm.board.mapping import (
    ACCESS_READ,
    ACCESS_USER,
    ACCESS_WRITE,
    KIND_NORMAL,
    KIND_STRONGLY_ORDERED,
    MAPPING,
)
from ovm.board.mmu.translate import translate
from ovm.board.parameters import PARAMETERS
from ovm.board.processor.debug import watch_access, watches_line
from ovm.board.ram import storage
from ovm.board.record import holds_code
from ovm.board.shortcuts.changes import code_written
from ovm.board.shortcuts.lines import line_of
from ovm.board.sizes import WORD_BYTES
from ovm.board.state import ATTEND_INTERRUPT, CPU, LINE_ABORT, running
from ovm.metal import VirtAddr, fn, pointer, u8, u16, u32, u64

FAULT: Final = u64(1 << 32)  # together with a loaded value: the access failed, CPU.fault gives the reason
FAULT_ALIGNMENT: Final = 0x8000_0001
FAULT_EXTERNAL: Final = 0x8000_0008
SCTLR_ALIGNMENT: Final = 2
ACCESS_PART: Final = 0x10  # together with ACCESS_*: a byte of an access that is not aligned


@fn(inline=True)
def load_word(address: u32) -> u64:
    """Load 4 bytes."""
    return load_word_by(address, 0)


@fn(inline=True)
def load_half(address: u32) -> u64:
    """Load 2 bytes."""
    return load_half_by(address, 0)


@fn(inline=True)
def load_byte(address: u32) -> u64:
    """Load 1 byte."""
    return load_byte_by(address, 0)


@fn(inline=True)
def load_word_by(address: u32, by: u32) -> u64:
    """Do the same for an instruction that `outstanding` tracks."""
    line = line_of(address)
    if line.read == address & 0xFFFF_FFE3:
        return u64(pointer(u32, VirtAddr(address + line.addend))[0])
    return load_slowly(address, 4, 0, by)


@fn(inline=True)
def load_half_by(address: u32, by: u32) -> u64:
    """Do the same for an instruction that `outstanding` tracks."""
    line = line_of(address)
    if line.read == address & 0xFFFF_FFE1:
        return u64(pointer(u16, VirtAddr(address + line.addend))[0])
    return load_slowly(address, 2, 0, by)


@fn(inline=True)
def load_byte_by(address: u32, by: u32) -> u64:
    """Do the same for an instruction that `outstanding` tracks."""
    line = line_of(address)
    if line.read == address & 0xFFFF_FFE0:
        return u64(pointer(u8, VirtAddr(address + line.addend))[0])
    return load_slowly(address, 1, 0, by)


@fn(inline=True)
def store_word(address: u32, value: u32) -> bool:
    """Store 4 bytes; return True when the access failed."""
    line = line_of(address)
    if line.write == address & 0xFFFF_FFE3:
        pointer(u32, VirtAddr(address + line.addend))[0] = value
        return False
    return store_slowly(address, value, 4, 0)


@fn(inline=True)
def store_half(address: u32, value: u32) -> bool:
    """Store 2 bytes; return True when the access failed."""
    line = line_of(address)
    if line.write == address & 0xFFFF_FFE1:
        pointer(u16, VirtAddr(address + line.addend))[0] = u16(value)
        return False
    return store_slowly(address, value, 2, 0)


@fn(inline=True)
def store_byte(address: u32, value: u32) -> bool:
    """Store 1 byte; return True when the access failed."""
    line = line_of(address)
    if line.write == address & 0xFFFF_FFE0:
        pointer(u8, VirtAddr(address + line.addend))[0] = u8(value)
        return False
    return store_slowly(address, value, 1, 0)


@fn
def _misaligned(address: u32, size: u32, write: u32) -> bool:
    """Return whether the access faults because of its address alone; the fault is recorded."""
    if address & (size - 1) == 0 or CPU.world[CPU.context >> 1].sctlr & SCTLR_ALIGNMENT == 0:
        return False
    return alignment_fault(address, write)


@fn
def alignment_fault(address: u32, write: u32) -> bool:
    """Record an alignment fault (ARM A3.2.1)."""
    CPU.fault = FAULT_ALIGNMENT
    CPU.fault_address = address
    CPU.fault_write = write
    return True


@fn
def _external_abort(address: u32, write: u32) -> None:
    CPU.fault = FAULT_EXTERNAL
    CPU.fault_address = address
    CPU.fault_write = write


@fn
def _store_abort(address: u32) -> bool:
    """Report an external abort of a store: a buffered one comes too late to be precise. Return True when it is precise."""
    if MAPPING.kind == KIND_STRONGLY_ORDERED or PARAMETERS.precise_store_aborts != 0:
        _external_abort(address, 1)
        return True
    CPU.lines |= LINE_ABORT
    CPU.attention |= ATTEND_INTERRUPT
    return False


@fn
def _cross(address: u32, size: u32) -> None:
    """Add the wait of an access that is not aligned and crosses a word or a doubleword. The core does nothing else meanwhile."""
    stalled = CPU.stalled
    if (address ^ (address + size - 1)) & 8 != 0:
        stall(PARAMETERS.cross_doubleword)
    elif (address ^ (address + size - 1)) & 4 != 0:
        stall(PARAMETERS.cross_word)
    go_on(stalled)


@fn(inline=False)
def load_slowly(address: u32, size: u32, user: u32, by: u32) -> u64:
    """Load without a line; `user` makes it an unprivileged access. Fills a line where that is exact."""
    stalled = CPU.stalled
    limit = CPU.limit
    head = EVENTS.head
    MISSED.source = NOWHERE
    MISSED.place = 0
    MISSED.arrives = 0
    value = _load_there(address, size, user)
    waits = CPU.stalled != stalled and value >> 32 == 0
    if waits:
        overlap(by, stalled, limit)
        if EVENTS.head != head:
            happened_by_now(head)
    if WANTED.value != 0:
        data.prefetch_wanted(LOADS[running()].sent if waits else now())
    if address & (size - 1) != 0 and value >> 32 == 0:
        _cross(address, size)
    return value


@fn(inline=True)
def _load_there(address: u32, size: u32, user: u32) -> u64:
    if address & (size - 1) == 0 and user == 0:
        place = fast_read(address)
        if place != NO_FAST_PATH:
            return u64(storage.peek(place, size))
        if CPU.fault != 0:
            return FAULT
    return _load_long(address, size, user)


@fn(inline=False)
def _load_long(address: u32, size: u32, user: u32) -> u64:
    if _misaligned(address, size, 0):
        return FAULT
    watch_access(address, size, 0)
    access = ACCESS_READ | (ACCESS_USER if user != 0 else u32(0))
    if address & (size - 1) == 0:
        value = _load(address, size, access)
        if value >> 32 != 0:
            return value
        return u64(_in_order(u32(value), size))
    word = u32(0)
    for index in u32.range(size, bound=WORD_BYTES):
        part = _load(address + index, 1, access | ACCESS_PART)
        if part >> 32 != 0:
            return part
        word |= u32(part) << (index * 8)
    return u64(_in_order(word, size))


@fn
def _load(address: u32, size: u32, access: u32) -> u64:
    physical = translate(address, access & 0xF)
    if CPU.fault != 0:
        return FAULT
    if access & ACCESS_PART != 0 and MAPPING.kind != KIND_NORMAL:
        alignment_fault(address, 0)
        return FAULT
    if data.cacheable():
        place = data.read_line(physical)
        if place > storage.REFUSED:
            if access == ACCESS_READ and CPU.big_endian == 0 and not watches_line(address):
                keep_line(address, place, data.HOME.value, False)
            return u64(storage.peek(place, size))
        if place == storage.REFUSED:
            _external_abort(address, 0)
            return FAULT
    value = outer.read(physical, size)
    if value >> 32 != 0:
        _external_abort(address, 0)
        return FAULT
    return value


@fn(inline=True)
def _in_order(value: u32, size: u32) -> u32:
    """Reverse the bytes of data where CPSR.E says so (ARM A3.3)."""
    if CPU.big_endian == 0 or size == 1:
        return value
    reversed_word = (value << 24) | ((value & 0xFF00) << 8) | ((value >> 8) & 0xFF00) | (value >> 24)
    return reversed_word if size == 4 else reversed_word >> 16


@fn(inline=False)
def store_slowly(address: u32, value: u32, size: u32, user: u32) -> bool:
    """Store without a line; return True when the access failed, and nothing was written."""
    failed = _store_there(address, value, size, user)
    if WANTED.value != 0:
        data.prefetch_wanted(now())
    return failed


@fn(inline=True)
def _store_there(address: u32, value: u32, size: u32, user: u32) -> bool:
    if address & (size - 1) == 0 and user == 0:
        place = fast_write(address)
        if place != NO_FAST_PATH:
            storage.poke(place, value, size)
            return False
        if CPU.fault != 0:
            return True
    return _store_long(address, value, size, user)


@fn(inline=False)
def _store_long(address: u32, value: u32, size: u32, user: u32) -> bool:
    if _misaligned(address, size, 1):
        return True
    access = ACCESS_WRITE | (ACCESS_USER if user != 0 else u32(0))
    ordered = _in_order(value, size)
    watch_access(address, size, 1)
    if address & (size - 1) == 0:
        return _store(address, ordered, size, access)
    for end in u32.range(2):
        translate(address + end * (size - 1), access)
        if CPU.fault != 0:
            return True
        if MAPPING.kind != KIND_NORMAL:
            return alignment_fault(address, 1)
    _cross(address, size)
    for index in u32.range(size, bound=WORD_BYTES):
        if _store(
            address + index,
            (ordered >> (index * 8)) & 0xFF,
            1,
            access | ACCESS_PART,
        ):
            return True
    return False


@fn
def _store(address: u32, value: u32, size: u32, access: u32) -> bool:
    physical = translate(address, access & 0xF)
    if CPU.fault != 0:
        return True
    end_exclusive(physical)
    code = holds_code(physical) and not stale()
    if code:
        code_written(physical, size)
    if data.cacheable() and data.allocates(physical):
        place = data.write_line(physical)
        if place > storage.REFUSED:
            storage.poke(place, value, size)
            if access == ACCESS_WRITE and not code and CPU.big_endian == 0 and not watches_line(address):
                keep_line(address, place, data.HOME.value, True)
            return False
        if place == storage.REFUSED:
            return _store_abort(address)
    if outer.write(physical, value, size):
        return _store_abort(address)
    return False
