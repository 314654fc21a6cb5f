# SPDX-License-Identifier: Apache-2.0
"""Registers of the L2C-310 (ARM DDI0246, chapter 3): rights and effects.

Only Secure accesses write control, auxiliary control, latencies and the address filter, and, unless auxiliary control
bit 26 is set, lockdown; a refused write is a DECERR, so an external abort. Maintenance from the Non-secure world acts on
Non-secure lines. Operations by way run in the background: until their time is over the register reads the remaining ways, Cache
Sync reads 1, and every write is refused (DDI0246 3.1, 3.3.10). Any other operation is complete together with its write.
"""

from typing import Final

from ovm.board import clock
from ovm.board.cache import level2_maintain as maintain
from ovm.board.cache import level2_offsets as at
from ovm.board.cache import level2_tags as tags
from ovm.board.cache.level2_state import AUX_NS_LOCKDOWN, CONTROL_ENABLE, L2, MASTERS, PREFETCH_DATA, PREFETCH_FETCHES
from ovm.board.wiring import WIRING
from ovm.metal import fn, u32, u64

# Identification as Zynq's has it: RTL r3p2, lockdown by master and by line, 8 ways of 64 KB (UG585 B.20, unconfirmed).
CACHE_ID: Final = u32(0x4100_00C8)
CACHE_TYPE: Final = u32(0x9E30_0300)
# Reset values (UG585 B.20, unconfirmed).
RESET_AUXILIARY: Final = 0x0206_0000
RESET_LATENCY: Final = 0x777

LATENCY_FIELDS: Final = 0x777
PREFETCHES: Final = u32(PREFETCH_DATA | PREFETCH_FETCHES)

# Cycles of an operation by way for each line (assumed, no source).
CYCLES_OF_LINE: Final = 1

OPERATION_INVALIDATE: Final = 0x70
OPERATION_CLEAN: Final = 0xB0
OPERATION_BOTH: Final = 0xF0


@fn(inline=False)
def level2_reset() -> None:
    """Set the registers to their reset values; lines are kept, and the cache is off."""
    L2.control = 0
    L2.auxiliary = RESET_AUXILIARY
    L2.tag_latency = RESET_LATENCY
    L2.data_latency = RESET_LATENCY
    L2.filter_start = WIRING.level2_filter_start | 1
    L2.filter_end = WIRING.level2_filter_end
    L2.event_control = 0
    L2.interrupt_mask = 0
    L2.interrupt_raw = 0
    for master in u32.range(MASTERS):
        L2.data_ways[master] = 0
        L2.fetch_ways[master] = 0
    L2.lock_lines = 0
    L2.turn = 0
    L2.random = 0
    L2.busy_until = 0
    L2.prefetch = 0


@fn
def _busy() -> bool:
    return clock.now() < L2.busy_until


@fn
def _goes_on(offset: u32, ways: u32) -> None:
    """Start the time of an operation by way. Its effect is immediate: no software may rely on a later one."""
    L2.busy_register = offset
    L2.busy_ways = ways & 0xFF
    lines = u32(0)
    for way in u32.range(tags.WAYS):
        lines += ((ways >> way) & 1) * (tags.LINES // tags.WAYS)
    L2.busy_until = clock.now() + u64(lines * CYCLES_OF_LINE)


@fn(inline=False)
def read(offset: u32, ns: u32) -> u64:
    """Read a register; bit 32 is an external abort, which no read is."""
    if _busy() and offset == L2.busy_register:
        return u64(L2.busy_ways)
    if offset >= at.MAINTENANCE and offset < at.MAINTENANCE_END:
        # Cache Sync and the operations by line have a bit for it: C.
        return u64(offset & at.IS_BY_WAY == 0 and _busy())
    if offset >= at.LOCKDOWN and offset < at.LOCKDOWN_END:
        master = (offset - at.LOCKDOWN) // 8
        return u64(L2.data_ways[master] if offset & 4 == 0 else L2.fetch_ways[master])
    return u64(_read_state(offset))


@fn
def _read_state(offset: u32) -> u32:
    match offset:
        case at.CACHE_ID:
            return CACHE_ID
        case at.CACHE_TYPE:
            return CACHE_TYPE
        case at.CONTROL:
            return L2.control
        case at.AUXILIARY:
            return L2.auxiliary
        case at.TAG_LATENCY:
            return L2.tag_latency
        case at.DATA_LATENCY:
            return L2.data_latency
        case at.LOCK_LINES:
            return L2.lock_lines
        case at.FILTER_START:
            return L2.filter_start
        case at.FILTER_END:
            return L2.filter_end
        case _:
            return _read_events(offset)


@fn
def _read_events(offset: u32) -> u32:
    match offset:
        case at.EVENT_CONTROL:
            return L2.event_control
        case at.EVENT_SOURCE_1 | at.EVENT_SOURCE_0:
            return L2.event_source[(at.EVENT_SOURCE_0 - offset) // 4]
        case at.EVENT_COUNT_1 | at.EVENT_COUNT_0:
            return L2.event_count[(at.EVENT_COUNT_0 - offset) // 4]
        case at.INTERRUPT_MASK:
            return L2.interrupt_mask
        case at.INTERRUPT_MASKED:
            return L2.interrupt_raw & L2.interrupt_mask
        case at.INTERRUPT_RAW:
            return L2.interrupt_raw
        case at.DEBUG:
            return L2.debug
        case at.PREFETCH:
            return L2.prefetch
        case at.POWER:
            return L2.power
        case _:
            return 0


@fn(inline=False)
def write(offset: u32, value: u32, ns: u32) -> bool:
    """Write a register; return True for an external abort."""
    if _busy():
        return True
    if offset >= at.MAINTENANCE and offset < at.MAINTENANCE_END:
        _operate(offset, value, ns)
        return False
    if offset >= at.LOCKDOWN and offset < at.LOCKDOWN_END or offset == at.LOCK_LINES or offset == at.UNLOCK_LINES:
        if ns != 0 and L2.auxiliary & AUX_NS_LOCKDOWN == 0:
            return True
        _write_lockdown(offset, value)
        return False
    if offset >= at.EVENT_CONTROL and offset <= at.INTERRUPT_CLEAR:
        _write_events(offset, value)
        return False
    return _write_secure(offset, value, ns)


@fn
def _operate(offset: u32, value: u32, ns: u32) -> None:
    kind = offset & 0xF0
    if kind != OPERATION_INVALIDATE and kind != OPERATION_CLEAN and kind != OPERATION_BOTH:
        return
    clean = kind != OPERATION_INVALIDATE
    invalidate = kind != OPERATION_CLEAN
    match offset & 0xF:
        case at.BY_LINE:
            maintain.by_line(value, ns, clean, invalidate)
        case at.BY_INDEX:
            maintain.by_index(value, ns, clean, invalidate)
        case at.BY_WAY:
            maintain.by_way(value, ns, clean, invalidate)
            _goes_on(offset, value)
        case _:
            pass


@fn
def _write_lockdown(offset: u32, value: u32) -> None:
    if offset == at.LOCK_LINES:
        L2.lock_lines = value & 1
    elif offset == at.UNLOCK_LINES:
        maintain.unlock_lines(value)
        _goes_on(offset, value)
    elif offset & 4 == 0:
        L2.data_ways[(offset - at.LOCKDOWN) // 8] = value & 0xFF
    else:
        L2.fetch_ways[(offset - at.LOCKDOWN) // 8] = value & 0xFF


@fn
def _write_events(offset: u32, value: u32) -> None:
    if offset == at.EVENT_CONTROL:
        L2.event_control = value & 1
        for number in u32.range(2):
            if (value >> (1 + number)) & 1 != 0:
                L2.event_count[number] = 0
    elif offset == at.EVENT_SOURCE_0 or offset == at.EVENT_SOURCE_1:
        L2.event_source[(at.EVENT_SOURCE_0 - offset) // 4] = value & 0x3F
    elif offset == at.EVENT_COUNT_0 or offset == at.EVENT_COUNT_1:
        L2.event_count[(at.EVENT_COUNT_0 - offset) // 4] = value
    elif offset == at.INTERRUPT_MASK:
        L2.interrupt_mask = value & 0x1FF
    elif offset == at.INTERRUPT_CLEAR:
        L2.interrupt_raw &= ~value


@fn
def _write_secure(offset: u32, value: u32, ns: u32) -> bool:
    """Write a register that the Non-secure world may not write. Configuration is refused while level 2 is on (SLVERR, 3.3.4)."""
    if ns != 0:
        return True
    if offset == at.CONTROL:
        L2.control = value & CONTROL_ENABLE
    elif offset > at.CONTROL and offset <= at.DATA_LATENCY:
        if L2.control & CONTROL_ENABLE != 0:
            return True
        _configure(offset, value)
    else:
        _store(offset, value)
    return False


@fn
def _configure(offset: u32, value: u32) -> None:
    if offset == at.AUXILIARY:
        L2.auxiliary = value
        L2.prefetch = (L2.prefetch & ~PREFETCHES) | (value & PREFETCHES)
    elif offset == at.TAG_LATENCY:
        L2.tag_latency = value & LATENCY_FIELDS
    else:
        L2.data_latency = value & LATENCY_FIELDS


@fn
def _store(offset: u32, value: u32) -> None:
    """Write prefetch control, or registers without effect here: the address filter, debug and power control."""
    match offset:
        case at.FILTER_START:
            L2.filter_start = value
        case at.FILTER_END:
            L2.filter_end = value
        case at.DEBUG:
            L2.debug = value & 7
        case at.PREFETCH:
            L2.prefetch = value
            L2.auxiliary = (L2.auxiliary & ~PREFETCHES) | (value & PREFETCHES)
        case at.POWER:
            L2.power = value & 3
        case _:
            pass
