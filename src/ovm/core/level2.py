# SPDX-License-Identifier: Apache-2.0
"""The L2C-310: all its configuration is written while it is off, so nothing is left of the boot loader's."""

from typing import Final

from ovm.core.config import CONFIG, LEVEL2_FILTER_END, LEVEL2_FILTER_START
from ovm.metal import Array, Struct, VirtAddr, array, at, bound, fn, overlay, u32

MOST_POLLS: Final = 1_000_000  # of a register that an operation by way keeps busy for some ten thousand cycles
ALL_WAYS: Final = 0xFF
# Auxiliary control (DDI0246 3.3.4), as Xilinx's own start-up code has it: early write responses (30), prefetching of
# fetches (29) and data (28), round robin (25), ways of 64 KiB (19:17), parity (21), events (20). Bits 26 and 27 are 0:
# the Non-secure world locks no way, and doesn't touch the interrupts. Exclusive mode (12) is 0 too, as in ACTLR.
AUXILIARY: Final = 0x7236_0000
# RAM latencies of the Zynq-7000 at its full rate, by the same code.
TAG_LATENCY: Final = 0x111
DATA_LATENCY: Final = 0x121
# Prefetch control repeats bits 28 and 29 (3.3.14); one line ahead.
PREFETCH: Final = AUXILIARY & 0x3000_0000
INTERRUPTS: Final = 0x1FF
# Bit of the address filter's start: some addresses go to master port 1, on the Zynq-7000 the interconnect, and not to DDR.
FILTER_ON: Final = 1


class Level2(Struct, volatile=True):
    """L2C-310 registers that OVM uses (DDI0246 3.3)."""

    control: u32 = at(0x100)
    auxiliary: u32
    tag_latency: u32
    data_latency: u32
    event_control: u32 = at(0x200)
    interrupt_mask: u32 = at(0x214)
    interrupt_clear: u32 = at(0x220)
    sync: u32 = at(0x730)
    invalidate_way: u32 = at(0x77C)
    clean_way: u32 = at(0x7BC)
    clean_invalidate_way: u32 = at(0x7FC)
    # Locked ways, alternating for data and for fetches, of each of eight masters; then lockdown by line.
    lockdown: Array[u32] = array(u32, 16, offset=0x900)
    lock_lines: u32 = at(0x950)
    unlock_way: u32
    filter_start: u32 = at(0xC00)
    filter_end: u32
    debug: u32 = at(0xF40)
    prefetch: u32 = at(0xF60)
    power: u32 = at(0xF80)


@fn
def _clean(cache: Level2) -> None:
    """Write its content to memory, and empty it."""
    cache.clean_invalidate_way = ALL_WAYS
    while cache.clean_invalidate_way & ALL_WAYS != 0:
        bound(MOST_POLLS)
    cache.sync = 0


@fn
def level2_flush() -> None:
    """Write the L2 cache to memory, and empty it."""
    if u32(CONFIG.level2_cache_phys) != 0:
        # SAFETY: the build gives the address.
        _clean(overlay(Level2, VirtAddr(u32(CONFIG.level2_cache_phys))))


@fn
def _flush(cache: Level2) -> None:
    """Write its content to memory, and turn it off.

    A boot loader may have left it on. Then its lines are Secure, and would hide the guests' images from the guests,
    whose accesses match Non-secure lines only: so the lines are written to memory first.
    """
    _clean(cache)
    cache.control = 0


@fn
def _configure(cache: Level2) -> None:
    """Write its configuration. It must be off: otherwise the first three writes are refused (3.3.4)."""
    cache.auxiliary = AUXILIARY
    cache.tag_latency = TAG_LATENCY
    cache.data_latency = DATA_LATENCY
    cache.prefetch = PREFETCH
    cache.debug = 0
    cache.power = 0
    cache.event_control = 0
    cache.interrupt_mask = 0
    cache.interrupt_clear = INTERRUPTS
    for index in u32.range(16):
        cache.lockdown[index] = 0
    if LEVEL2_FILTER_START != 0:
        # ORDER: from the first write on memory answers, however the operation ended.
        cache.filter_start = LEVEL2_FILTER_START | FILTER_ON
        cache.filter_end = LEVEL2_FILTER_END
    cache.lock_lines = 0
    cache.unlock_way = ALL_WAYS
    while cache.unlock_way & ALL_WAYS != 0:
        bound(MOST_POLLS)


@fn
def level2_start() -> None:
    """Enable the L2 cache, empty and set up; the address filter stays, as memory is reached through it."""
    if u32(CONFIG.level2_cache_phys) == 0:
        return
    # SAFETY: the build gives the address.
    cache = overlay(Level2, VirtAddr(u32(CONFIG.level2_cache_phys)))
    # ORDER: an operation by way that a boot loader has begun is over; otherwise writes would be refused (DDI0246 3.1).
    while (cache.clean_invalidate_way | cache.invalidate_way | cache.clean_way) & ALL_WAYS != 0:
        bound(MOST_POLLS)
    if cache.control & 1 != 0:
        _flush(cache)
    _configure(cache)
    cache.invalidate_way = ALL_WAYS
    while cache.invalidate_way & ALL_WAYS != 0:
        bound(MOST_POLLS)
    cache.sync = 0
    cache.control = 1
