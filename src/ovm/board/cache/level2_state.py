# SPDX-License-Identifier: Apache-2.0
"""State of the L2C-310's registers (ARM DDI0246, chapter 3), its event counters and its latency."""

from typing import Final

from ovm.board.parameters import PARAMETERS
from ovm.metal import Array, Struct, array, fn, static, u32, u64

MASTERS: Final = 8

CONTROL_ENABLE: Final = 1
AUX_ROUND_ROBIN: Final = 1 << 25
AUX_NS_LOCKDOWN: Final = 1 << 26

# Prefetch control (3.3.14); the bits of data and fetches are in auxiliary control too.
PREFETCH_OFFSET: Final = 31  # lines between
PREFETCH_DATA: Final = u32(1 << 28)
PREFETCH_FETCHES: Final = u32(1 << 29)
PREFETCH_DOUBLE: Final = 1 << 30

# Sources of event counters, [5:2] of their configuration (DDI0246 3.3.6).
EVENT_EVICTION: Final = 1
EVENT_DATA_HIT: Final = u32(2)
EVENT_DATA_REQUEST: Final = u32(3)
EVENT_WRITE_HIT: Final = 4
EVENT_WRITE_REQUEST: Final = 5
EVENT_FETCH_HIT: Final = u32(7)
EVENT_FETCH_REQUEST: Final = u32(8)
EVENT_WRITE_ALLOCATE: Final = 9

# Latencies (3.3.4) for which PARAMETERS.level2_hit is given: those that Xilinx's software sets.
USUAL_TAG: Final = 0x111
USUAL_DATA: Final = 0x121
USUAL_CYCLES: Final = u32(5)  # read and setup of both


class Level2(Struct):
    """Its registers; `*_ways` by master: bit w locks way w."""

    control: u32
    auxiliary: u32
    tag_latency: u32
    data_latency: u32
    event_control: u32
    event_source: Array[u32] = array(u32, 2)
    event_count: Array[u32] = array(u32, 2)
    interrupt_mask: u32
    interrupt_raw: u32
    data_ways: Array[u32] = array(u32, MASTERS)
    fetch_ways: Array[u32] = array(u32, MASTERS)
    lock_lines: u32
    filter_start: u32
    filter_end: u32
    debug: u32
    prefetch: u32
    power: u32
    turn: u32  # round robin: the way taken last
    random: u32  # pseudo-random: state
    # An operation by way runs in the background until then: in this register, on these ways.
    busy_until: u64
    busy_register: u32
    busy_ways: u32


L2 = static(Level2)


@fn
def note_event(source: u32) -> None:
    """Advance the event counters of `source`; overflow raises ECNTR."""
    if L2.event_control & 1 == 0:
        return
    for number in u32.range(2):
        if (L2.event_source[number] >> 2) & 0xF == source:
            L2.event_count[number] += 1
            if L2.event_count[number] == 0:
                L2.interrupt_raw |= 1


@fn
def _cycles(register: u32) -> u32:
    """Read access and setup latency of a RAM, in cycles."""
    return ((register >> 4) & 7) + (register & 7)


@fn(inline=True)
def hit_latency() -> u32:
    """Return the latency of a hit: the usual one, plus the additions of the tag and data RAM latency registers."""
    if PARAMETERS.level2_hit == 0 or L2.tag_latency == USUAL_TAG and L2.data_latency == USUAL_DATA:
        return PARAMETERS.level2_hit
    added = _cycles(L2.tag_latency) + _cycles(L2.data_latency)
    return PARAMETERS.level2_hit + added - min(added, USUAL_CYCLES)
