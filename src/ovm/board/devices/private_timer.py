# SPDX-License-Identifier: Apache-2.0
"""Private timers and watchdogs of the cores (Cortex-A9 MPCore TRM 4.2).

Down-counters of PERIPHCLK / (prescaler + 1). They keep their count at a known tick; everything else follows from the time. An
interval of load value N takes N + 1 ticks (4.2.1: the event comes when the counter reaches zero).
"""

from typing import Final

from ovm.board import clock
from ovm.board.devices.due import DUE_PRIVATE, due_at, never
from ovm.board.devices.gic_state import raise_private
from ovm.board.devices.signal import request_reset, reset_one
from ovm.board.devices.slcr import watchdog_resets_core
from ovm.metal import Struct, array, fn, static, u32, u64

PRIVATE_TIMER: Final = u32(29)  # UG585 7.2.2
PRIVATE_WATCHDOG: Final = u32(30)
PERIPHERAL_SHIFT: Final = 1  # PERIPHCLK is half the CPU clock (UG585 25.3: CPU_3x2x)

ENABLE: Final = 1
RELOAD: Final = 2
INTERRUPT: Final = 4
WATCHDOG_MODE: Final = u32(8)
LOAD_OFFSET: Final = 0x00
COUNTER_OFFSET: Final = 0x04
CONTROL_OFFSET: Final = 0x08
STATUS_OFFSET: Final = 0x0C
RESET_STATUS_OFFSET: Final = 0x10
DISABLE_OFFSET: Final = 0x14
# The two words that leave watchdog mode (4.2.8).
DISABLE_FIRST: Final = 0x1234_5678
DISABLE_SECOND: Final = 0x8765_4321


class Countdown(Struct):
    """One counter."""

    load: u32
    count: u32  # at `tick`
    control: u32
    status: u32
    reset_status: u32
    unlock: u32  # the first word was written
    tick: u64


# Timers of both cores, then watchdogs of both cores.
COUNTDOWNS = static(array(Countdown, 4))


@fn
def countdown_reset() -> None:
    """Set all of them to their reset state."""
    for index in u32.range(4):
        timer = COUNTDOWNS[index]
        timer.load = 0
        timer.count = 0
        timer.control = 0
        timer.status = 0
        timer.reset_status = 0
        timer.unlock = 0
        timer.tick = 0


@fn
def ticks(moment: u64) -> u64:
    """Return the number of ticks of PERIPHCLK."""
    return moment >> PERIPHERAL_SHIFT


@fn
def _step(timer: Countdown) -> u64:
    return u64(((timer.control >> 8) & 0xFF) + 1)


@fn
def _count(timer: Countdown, tick: u64) -> u32:
    """Return the counter at a tick."""
    if timer.control & ENABLE == 0 or tick <= timer.tick:
        return timer.count
    steps = (tick - timer.tick) // _step(timer)
    if steps <= u64(timer.count):
        return timer.count - u32(steps)
    if timer.control & RELOAD == 0 or timer.control & WATCHDOG_MODE != 0:
        return 0
    return timer.load - u32((steps - u64(timer.count) - 1) % (u64(timer.load) + 1))


@fn
def _arm(index: u32) -> None:
    """Set the time when the counter next reaches zero."""
    timer = COUNTDOWNS[index]
    steps = u64(timer.count)
    if timer.count == 0:
        steps = u64(timer.load) + 1 if timer.control & RELOAD != 0 else u64(0)
    if timer.control & ENABLE == 0 or steps == 0:
        never(DUE_PRIVATE + index)
    else:
        due_at(DUE_PRIVATE + index, (timer.tick + steps * _step(timer)) << PERIPHERAL_SHIFT)


@fn
def _show(index: u32) -> None:
    """Set the interrupt line by the status."""
    timer = COUNTDOWNS[index]
    number = PRIVATE_TIMER if index < 2 else PRIVATE_WATCHDOG
    raise_private(index & 1, number, timer.status != 0 and timer.control & INTERRUPT != 0)


@fn(inline=False)
def countdown_expire(index: u32, moment: u64) -> None:
    """Handle a counter that has reached zero."""
    timer = COUNTDOWNS[index]
    timer.count = 0
    timer.tick = ticks(moment)
    if timer.control & WATCHDOG_MODE != 0:
        timer.reset_status = 1
        if watchdog_resets_core(index & 1):
            reset_one(index & 1)
        else:
            request_reset()
        return
    timer.status = 1
    _show(index)
    _arm(index)


@fn(inline=False)
def countdown_read(index: u32, offset: u32) -> u32:
    """Read a register."""
    timer = COUNTDOWNS[index]
    if offset == LOAD_OFFSET:
        return timer.load
    if offset == COUNTER_OFFSET:
        return _count(timer, ticks(clock.now()))
    if offset == CONTROL_OFFSET:
        return timer.control
    if offset == STATUS_OFFSET:
        return timer.status
    return timer.reset_status if offset == RESET_STATUS_OFFSET and index >= 2 else 0


@fn
def _set_count(index: u32, value: u32) -> None:
    timer = COUNTDOWNS[index]
    timer.count = value
    timer.tick = ticks(clock.now())
    _arm(index)


@fn
def _set_control(index: u32, value: u32) -> None:
    timer = COUNTDOWNS[index]
    now = ticks(clock.now())
    timer.count = _count(timer, now)
    timer.tick = now
    if index < 2:
        timer.control = value & 0xFF07
    else:
        timer.control = (value & 0xFF0F) | (timer.control & WATCHDOG_MODE)
    _show(index)
    _arm(index)


@fn
def _unlock(timer: Countdown, value: u32) -> None:
    if timer.unlock != 0 and value == DISABLE_SECOND:
        timer.control &= ~WATCHDOG_MODE
    timer.unlock = u32(value == DISABLE_FIRST)


@fn(inline=False)
def countdown_write(index: u32, offset: u32, value: u32) -> None:
    """Write a register."""
    timer = COUNTDOWNS[index]
    if offset == LOAD_OFFSET:
        timer.load = value
        _set_count(index, value)
    elif offset == COUNTER_OFFSET:
        _set_count(index, value)
    elif offset == CONTROL_OFFSET:
        _set_control(index, value)
    elif offset == STATUS_OFFSET and value & 1 != 0:
        timer.status = 0
        _show(index)
    elif index >= 2 and offset == RESET_STATUS_OFFSET and value & 1 != 0:
        timer.reset_status = 0
    elif index >= 2 and offset == DISABLE_OFFSET:
        _unlock(timer, value)
