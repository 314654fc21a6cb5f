# SPDX-License-Identifier: Apache-2.0
"""The 64-bit global timer, one for both cores, and a comparator for each (Cortex-A9 MPCore TRM 4.4).

From r2p0 on the event comes when the counter is equal to *or above* the comparator (4.4.6); it comes once for each
comparator value or control write (assumed).
"""

from typing import Final

from ovm.board import clock
from ovm.board.devices.due import DUE_COMPARATOR, due_at, never
from ovm.board.devices.gic_state import raise_private
from ovm.board.devices.private_timer import PERIPHERAL_SHIFT, ticks
from ovm.metal import Array, Struct, array, fn, static, u32, u64

GLOBAL_TIMER: Final = 27
ENABLE: Final = 1
COMPARE: Final = 2
INTERRUPT: Final = 4
INCREMENT: Final = 8
OWN: Final = COMPARE | INTERRUPT | INCREMENT  # of each core; the rest of the control register is shared
SHARED: Final = 0xFF00 | ENABLE
CONTROL_OFFSET: Final = 0x08
STATUS_OFFSET: Final = 0x0C
COMPARATOR_OFFSET: Final = 0x10
INCREMENT_OFFSET: Final = 0x18
# A comparator further ahead than this is not reached in any run.
FAR: Final = 1 << 52


class GlobalTimer(Struct):
    """The counter was `count` at `tick`."""

    count: u64
    tick: u64
    control: u32
    own: Array[u32] = array(u32, 2)
    status: Array[u32] = array(u32, 2)
    increment: Array[u32] = array(u32, 2)
    comparator: Array[u64] = array(u64, 2)


TIMER = static(GlobalTimer)


@fn
def global_reset() -> None:
    """Set it to its reset state."""
    TIMER.count = 0
    TIMER.tick = 0
    TIMER.control = 0
    for core in u32.range(2):
        TIMER.own[core] = 0
        TIMER.status[core] = 0
        TIMER.increment[core] = 0
        TIMER.comparator[core] = 0


@fn
def _step() -> u64:
    return u64((TIMER.control >> 8) + 1)


@fn
def _count(tick: u64) -> u64:
    if TIMER.control & ENABLE == 0 or tick <= TIMER.tick:
        return TIMER.count
    return TIMER.count + (tick - TIMER.tick) // _step()


@fn
def _show(core: u32) -> None:
    raise_private(core, GLOBAL_TIMER, TIMER.status[core] != 0 and TIMER.own[core] & INTERRUPT != 0)


@fn
def _arm(core: u32) -> None:
    """Set the time when the comparator is reached; a moment that has passed is due at once."""
    slot = DUE_COMPARATOR + core
    if TIMER.control & ENABLE == 0 or TIMER.own[core] & COMPARE == 0:
        never(slot)
        return
    aim = TIMER.comparator[core]
    ahead = aim - TIMER.count if aim > TIMER.count else u64(0)
    if ahead >= FAR:
        never(slot)
    else:
        due_at(slot, max((TIMER.tick + ahead * _step()) << PERIPHERAL_SHIFT, clock.now()))


@fn(inline=False)
def comparator_expire(core: u32) -> None:
    """Handle a comparator that the counter has reached."""
    TIMER.status[core] = 1
    _show(core)
    if TIMER.own[core] & INCREMENT != 0 and TIMER.increment[core] != 0:
        TIMER.comparator[core] += u64(TIMER.increment[core])
        _arm(core)


@fn(inline=False)
def global_read(core: u32, offset: u32) -> u32:
    """Read a register as a core sees it."""
    if offset == 0:
        return u32(_count(ticks(clock.now())))
    if offset == 4:
        return u32(_count(ticks(clock.now())) >> 32)
    if offset == CONTROL_OFFSET:
        return TIMER.control | TIMER.own[core]
    if offset == STATUS_OFFSET:
        return TIMER.status[core]
    if offset == COMPARATOR_OFFSET:
        return u32(TIMER.comparator[core])
    if offset == COMPARATOR_OFFSET + 4:
        return u32(TIMER.comparator[core] >> 32)
    return TIMER.increment[core] if offset == INCREMENT_OFFSET else 0


@fn
def _with_half(whole: u64, offset: u32, value: u32) -> u64:
    if offset & 4 == 0:
        return (whole >> 32 << 32) | u64(value)
    return (whole & 0xFFFF_FFFF) | u64(value) << 32


@fn
def _settle() -> None:
    """Update the counter to now, before its course changes."""
    now = ticks(clock.now())
    TIMER.count = _count(now)
    TIMER.tick = now


@fn(inline=False)
def global_write(core: u32, offset: u32, value: u32) -> None:
    """Write a register as a core sees it."""
    if offset < CONTROL_OFFSET:
        _settle()
        TIMER.count = _with_half(TIMER.count, offset, value)
        _arm(0)
        _arm(1)
    elif offset == CONTROL_OFFSET:
        _settle()
        TIMER.control = value & SHARED
        TIMER.own[core] = value & OWN
        _show(core)
        _arm(0)
        _arm(1)
    elif offset == STATUS_OFFSET and value & 1 != 0:
        TIMER.status[core] = 0
        _show(core)
    elif offset == INCREMENT_OFFSET:
        TIMER.increment[core] = value
    elif offset == COMPARATOR_OFFSET or offset == COMPARATOR_OFFSET + 4:
        TIMER.comparator[core] = _with_half(TIMER.comparator[core], offset, value)
        _arm(core)
