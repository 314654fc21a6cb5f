# SPDX-License-Identifier: Apache-2.0
"""The two triple timer counters (UG585 8.5, appendix B.32): 16 bits each, clocked by CPU_1x.

Events between two reads of a counter follow from its period; a counter is due only while an interrupt of it is enabled.
External clocks, waveforms and event timers are not modelled.
"""

from typing import Final

from ovm.board import clock
from ovm.board.devices.due import DUE_TRIPLE, due_at, never
from ovm.board.devices.gic_state import raise_line
from ovm.board.wiring import WIRING
from ovm.metal import Array, Struct, array, fn, static, u32, u64

COUNTERS: Final = 6
CLOCK_CYCLES: Final = u64(6)  # CPU_1x is a sixth of the CPU clock (UG585 25.3, 6:2:1)

# Blocks of three registers each.
CLOCK: Final = 0
CONTROL: Final = 1
VALUE: Final = 2
INTERVAL: Final = 3
MATCH: Final = 4  # to 6
STATUS: Final = 7
ENABLE: Final = 8
BLOCKS: Final = 11

PRESCALE: Final = 1
DISABLE: Final = 1
BY_INTERVAL: Final = 2
DOWN: Final = 4
BY_MATCH: Final = 8
RESTART: Final = 16
RESET_CONTROL: Final = 0x21
EVENT_INTERVAL: Final = u32(1)
EVENT_MATCH: Final = 2  # 2, 4 and 8
EVENT_OVERFLOW: Final = u32(16)


class Counter(Struct):
    """One counter, which was `count` at a moment."""

    words: Array[u32] = array(u32, BLOCKS)
    count: u32
    moment: u64


TRIPLES = static(array(Counter, COUNTERS))


@fn
def triple_reset() -> None:
    """Set all to their reset state: off."""
    for index in u32.range(COUNTERS):
        counter = TRIPLES[index]
        for block in u32.range(BLOCKS):
            counter.words[block] = 0
        counter.words[CONTROL] = RESET_CONTROL
        counter.count = 0
        counter.moment = 0


@fn
def _step(counter: Counter) -> u64:
    """Return the cycles of one count."""
    control = counter.words[CLOCK]
    if control & PRESCALE == 0:
        return CLOCK_CYCLES
    return CLOCK_CYCLES << (((control >> 1) & 0xF) + 1)


@fn
def _period(counter: Counter) -> u64:
    if counter.words[CONTROL] & BY_INTERVAL != 0:
        return u64(counter.words[INTERVAL] & 0xFFFF) + 1
    return 0x10000


@fn
def _distance(counter: Counter, aim: u32) -> u64:
    """Return the number of counts to the next occurrence of a value; 0 if there is none."""
    period = _period(counter)
    if u64(aim) >= period:
        return 0
    here = u64(counter.count) % period
    ahead = (u64(aim) + period - here) % period
    if counter.words[CONTROL] & DOWN != 0:
        ahead = (here + period - u64(aim)) % period
    return period if ahead == 0 else ahead


@fn
def _event_of(counter: Counter, which: u32) -> u32:
    """Return the status bit of passing zero (which = 0) or of a match (1 to 3); 0 if the mode has none."""
    if which != 0:
        return EVENT_MATCH << (which - 1) if counter.words[CONTROL] & BY_MATCH != 0 else 0
    return EVENT_INTERVAL if counter.words[CONTROL] & BY_INTERVAL != 0 else EVENT_OVERFLOW


@fn
def _aim_of(counter: Counter, which: u32) -> u32:
    return 0 if which == 0 else counter.words[MATCH + which - 1] & 0xFFFF


@fn
def _settle(counter: Counter, moment: u64) -> None:
    """Update the counter and its events up to a moment."""
    if counter.words[CONTROL] & DISABLE != 0 or moment <= counter.moment:
        return
    steps = (moment - counter.moment) // _step(counter)
    for which in u32.range(4):
        ahead = _distance(counter, _aim_of(counter, which))
        if ahead != 0 and ahead <= steps:
            counter.words[STATUS] |= _event_of(counter, which)
    period = _period(counter)
    here = u64(counter.count) % period
    if counter.words[CONTROL] & DOWN != 0:
        counter.count = u32((here + period - steps % period) % period)
    else:
        counter.count = u32((here + steps) % period)
    counter.moment += steps * _step(counter)


@fn
def _show(index: u32) -> None:
    """Update the interrupt line, and set the time of the next enabled event."""
    counter = TRIPLES[index]
    up = counter.words[STATUS] & counter.words[ENABLE] != 0
    raise_line(WIRING.triple[index], up)
    soonest = u64(0)
    if counter.words[CONTROL] & DISABLE == 0:
        for which in u32.range(4):
            ahead = _distance(counter, _aim_of(counter, which))
            if _event_of(counter, which) & counter.words[ENABLE] != 0 and ahead != 0:
                soonest = ahead if soonest == 0 else min(soonest, ahead)
    if soonest == 0:
        never(DUE_TRIPLE + index)
    else:
        due_at(DUE_TRIPLE + index, counter.moment + soonest * _step(counter))


@fn(inline=False)
def triple_expire(index: u32, moment: u64) -> None:
    """Handle an enabled event."""
    _settle(TRIPLES[index], moment)
    _show(index)


@fn(inline=False)
def triple_read(unit: u32, offset: u32, look: bool) -> u32:
    """Read a register; reading the status clears it unless `look` is set."""
    block = offset // 12
    index = unit * 3 + offset // 4 % 3
    if block >= BLOCKS:
        return 0
    counter = TRIPLES[index]
    _settle(counter, clock.now())
    if block == VALUE:
        return counter.count
    value = counter.words[block]
    if block == STATUS and not look:
        counter.words[STATUS] = 0
        _show(index)
    return value


@fn(inline=False)
def triple_write(unit: u32, offset: u32, value: u32) -> None:
    """Write a register."""
    block = offset // 12
    index = unit * 3 + offset // 4 % 3
    if block >= BLOCKS or block == VALUE or block == STATUS:
        return
    counter = TRIPLES[index]
    _settle(counter, clock.now())
    if block == CONTROL:
        if value & RESTART != 0:
            counter.count = counter.words[INTERVAL] & 0xFFFF if value & DOWN != 0 and value & BY_INTERVAL != 0 else 0
        counter.moment = clock.now()
        counter.words[CONTROL] = value & 0x6F
    else:
        counter.words[block] = value
        counter.moment = clock.now()
    _show(index)
