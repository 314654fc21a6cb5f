# SPDX-License-Identifier: Apache-2.0
"""The system watchdog (UG585 8.4, appendix B.31): 24 bits, clocked by CPU_1x, keys guard its registers."""

from typing import Final

from ovm.board import clock
from ovm.board.devices.due import DUE_SYSTEM_WATCHDOG, due_at, never
from ovm.board.devices.gic_state import raise_line
from ovm.board.devices.signal import request_reset
from ovm.board.wiring import WIRING
from ovm.metal import Struct, fn, static, u32, u64

CLOCK_CYCLES: Final = u64(6)
MODE: Final = 0x0
CONTROL: Final = 0x4
RESTART: Final = 0x8
STATUS: Final = 0xC
ENABLE: Final = 1
RESET_ENABLE: Final = 2
INTERRUPT_ENABLE: Final = 4
MODE_KEY: Final = 0xABC  # in [23:12]
CONTROL_KEY: Final = 0x248  # in [25:14]
RESTART_KEY: Final = 0x1999  # in [15:0]


class SystemWatchdog(Struct):
    """Its registers; the count follows from the time when it is due."""

    mode: u32
    control: u32
    status: u32


SYSTEM_WATCHDOG = static(SystemWatchdog)


@fn
def system_watchdog_reset() -> None:
    """Set it to its reset state (B.31)."""
    SYSTEM_WATCHDOG.mode = 0x1C2
    SYSTEM_WATCHDOG.control = 0x3FFC
    SYSTEM_WATCHDOG.status = 0


@fn
def _restart(moment: u64) -> None:
    """Count from the top: the reload value, then 0xFFF below it, at an eighth of the clock or less."""
    if SYSTEM_WATCHDOG.mode & ENABLE == 0:
        never(DUE_SYSTEM_WATCHDOG)
        return
    counts = u64((SYSTEM_WATCHDOG.control >> 2) & 0xFFF) << 12 | 0xFFF
    step = (8 * CLOCK_CYCLES) << ((SYSTEM_WATCHDOG.control & 3) * 3)
    due_at(DUE_SYSTEM_WATCHDOG, moment + (counts + 1) * step)


@fn(inline=False)
def system_watchdog_expire(moment: u64) -> None:
    """Handle the watchdog's reaching zero."""
    SYSTEM_WATCHDOG.status = 1
    if SYSTEM_WATCHDOG.mode & INTERRUPT_ENABLE != 0:
        raise_line(WIRING.watchdog, True)
    if SYSTEM_WATCHDOG.mode & RESET_ENABLE != 0:
        request_reset()


@fn
def system_watchdog_read(offset: u32) -> u32:
    """Read a register."""
    if offset == MODE:
        return SYSTEM_WATCHDOG.mode
    if offset == CONTROL:
        return SYSTEM_WATCHDOG.control
    return SYSTEM_WATCHDOG.status if offset == STATUS else 0


@fn(inline=False)
def system_watchdog_write(offset: u32, value: u32) -> None:
    """Write a register; without its key nothing happens."""
    if offset == MODE and value >> 12 == MODE_KEY:
        SYSTEM_WATCHDOG.mode = value & 0xFFF
        _restart(clock.now())
    elif offset == CONTROL and value >> 14 == CONTROL_KEY:
        SYSTEM_WATCHDOG.control = value & 0x3FFF
    elif offset == RESTART and value & 0xFFFF == RESTART_KEY:
        SYSTEM_WATCHDOG.status = 0
        raise_line(WIRING.watchdog, False)
        _restart(clock.now())
