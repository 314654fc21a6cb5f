# SPDX-License-Identifier: Apache-2.0
"""The private memory region: the devices by offset (Cortex-A9 MPCore TRM 1.5, UG585 4.6)."""

from typing import Final

from ovm.board.devices.gic_distributor import distributor_read, distributor_write
from ovm.board.devices.gic_interface import interface_read, interface_write
from ovm.board.devices.global_timer import global_read, global_write
from ovm.board.devices.private_timer import countdown_read, countdown_write
from ovm.board.devices.scu import scu_allows, scu_read, scu_write
from ovm.metal import fn, u32

INTERFACE: Final = 1
GLOBAL: Final = 2
TIMERS: Final = 6
DISTRIBUTOR: Final = 0x1000
# Bits of SNSAC: the first of the private timers' and of the global timer's.
TIMERS_OPEN: Final = 4
GLOBAL_OPEN: Final = 8


@fn
def _countdown(core: u32, offset: u32) -> u32:
    return core + (2 if offset & 0x20 != 0 else 0)


@fn(inline=False)
def private_read(core: u32, offset: u32, size: u32, ns: u32, look: bool) -> u32:
    """Read for a core; `look` has no side effects."""
    if offset >= DISTRIBUTOR:
        return distributor_read(core, offset - DISTRIBUTOR, size, ns)
    block = offset >> 8
    within = offset & 0xFC
    if block == 0:
        return scu_read(core, within, ns)
    if block == INTERFACE:
        return interface_read(core, within, ns, look)
    if block == GLOBAL and scu_allows(core, ns, GLOBAL_OPEN):
        return global_read(core, within)
    if block == TIMERS and scu_allows(core, ns, TIMERS_OPEN) and within < 0x40:
        return countdown_read(_countdown(core, within), within & 0x1C)
    return 0


@fn(inline=False)
def private_write(core: u32, offset: u32, value: u32, size: u32, ns: u32) -> None:
    """Write for a core."""
    if offset >= DISTRIBUTOR:
        distributor_write(core, offset - DISTRIBUTOR, value, size, ns)
        return
    block = offset >> 8
    within = offset & 0xFC
    if block == 0:
        scu_write(core, within, value, ns)
    elif block == INTERFACE:
        interface_write(core, within, value, ns)
    elif block == GLOBAL and scu_allows(core, ns, GLOBAL_OPEN):
        global_write(core, within, value)
    elif block == TIMERS and scu_allows(core, ns, TIMERS_OPEN) and within < 0x40:
        countdown_write(_countdown(core, within), within & 0x1C, value)
