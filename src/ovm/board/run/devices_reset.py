# SPDX-License-Identifier: Apache-2.0
"""The reset of all devices to the state in which the boot loader or the BootROM leaves them."""

from ovm.board.cache.reset import caches_reset
from ovm.board.devices.configuration import configuration_reset
from ovm.board.devices.debug_port import debug_port_reset
from ovm.board.devices.dma_state import dma_reset
from ovm.board.devices.due import DUE, DUE_SLOTS
from ovm.board.devices.gic_state import gic_reset
from ovm.board.devices.global_timer import global_reset
from ovm.board.devices.plain import plain_reset
from ovm.board.devices.private_timer import countdown_reset
from ovm.board.devices.scu import scu_reset
from ovm.board.devices.sd_host import sd_reset
from ovm.board.devices.security import security_reset
from ovm.board.devices.slcr import slcr_reset
from ovm.board.devices.system_watchdog import system_watchdog_reset
from ovm.board.devices.triple_timer import triple_reset
from ovm.board.devices.uart_state import uart_reset
from ovm.board.ram.contention import contention_reset
from ovm.board.ram.dram import dram_reset
from ovm.metal import fn, u32


@fn(inline=False)
def devices_reset() -> None:
    """Reset all devices."""
    for slot in u32.range(DUE_SLOTS):
        DUE.at[slot] = 0
    DUE.first = 0
    gic_reset()
    countdown_reset()
    global_reset()
    scu_reset()
    slcr_reset()
    security_reset()
    uart_reset()
    triple_reset()
    system_watchdog_reset()
    configuration_reset()
    debug_port_reset()
    plain_reset()
    sd_reset()
    dma_reset(0, 0)
    caches_reset()
    dram_reset()
    contention_reset()
