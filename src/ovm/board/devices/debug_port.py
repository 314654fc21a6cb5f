# SPDX-License-Identifier: Apache-2.0
"""Debug registers of the cores on the debug bus: rights, halt, restart (ARM DDI0406C C11.11; UG585 28).

One page for each core. No public source says whether the Non-secure world reaches them, so here it does. All other debug
registers and CoreSight components read as zero or aren't there. A core halts in any state, also in Secure state without SPIDEN;
on silicon the request would wait there until the core leaves that state.
"""

from typing import Final

from ovm.board.devices.configuration import DBGEN, NIDEN, SPIDEN, SPNIDEN, debug_allowed
from ovm.board.devices.signal import HELD_DEBUG, SIGNALS, halt
from ovm.metal import Array, Struct, array, fn, static, u32

IDENTITY: Final = 0x000  # DBGDIDR
STATUS: Final = 0x088  # DBGDSCR; bit 0: halted
RUN: Final = 0x090  # DBGDRCR; bit 0: halt, bit 1: restart
LOCK_ACCESS: Final = 0xFB0
LOCK_STATUS: Final = 0xFB4  # bit 0: there is a lock, bit 1: it is locked
AUTHENTICATION: Final = 0xFB8
KEY: Final = 0xC5AC_CE55
CORTEX_A9: Final = 0x3513_7030


class DebugPort(Struct):
    """A flag for each core: its registers take writes."""

    unlocked: Array[u32] = array(u32, 2)


DEBUG_PORT = static(DebugPort)


@fn
def debug_port_reset() -> None:
    """Lock both cores' registers."""
    for core in u32.range(2):
        DEBUG_PORT.unlocked[core] = 0


@fn
def _authentication() -> u32:
    """Return DBGAUTHSTATUS: two bits each, from bit 0 on Non-secure invasive and not, Secure invasive and not; 2 is off, 3 on."""
    allowed = debug_allowed()
    invasive = allowed & DBGEN != 0
    any_kind = invasive or allowed & NIDEN != 0
    secure = allowed & SPIDEN != 0
    quiet = secure or allowed & SPNIDEN != 0
    on = u32(invasive) | u32(any_kind) << 2 | u32(invasive and secure) << 4 | u32(any_kind and quiet) << 6
    return on | 0xAA


@fn
def debug_port_read(core: u32, offset: u32) -> u32:
    """Read a register of a core."""
    if offset == IDENTITY:
        return CORTEX_A9
    if offset == STATUS:
        return u32(SIGNALS.held[core] & HELD_DEBUG != 0)
    if offset == LOCK_STATUS:
        return 1 | u32(DEBUG_PORT.unlocked[core] == 0) << 1
    return _authentication() if offset == AUTHENTICATION else 0


@fn
def debug_port_write(core: u32, offset: u32, value: u32) -> None:
    """Write a register of a core."""
    if offset == LOCK_ACCESS:
        DEBUG_PORT.unlocked[core] = u32(value == KEY)
    elif offset == RUN and DEBUG_PORT.unlocked[core] != 0 and debug_allowed() & DBGEN != 0:
        if value & 1 != 0:
            halt(core, True)
        elif value & 2 != 0:
            halt(core, False)
