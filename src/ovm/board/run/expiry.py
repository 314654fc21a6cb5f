# SPDX-License-Identifier: Apache-2.0
"""The actions of devices at the moments when they are due."""

from ovm.board.cp15.monitors import monitors_expire
from ovm.board.devices.due import DUE, DUE_COMPARATOR, DUE_DMA, DUE_MONITORS, DUE_SD, DUE_SLOTS, DUE_TRIPLE, DUE_UART, take_due
from ovm.board.devices.global_timer import comparator_expire
from ovm.board.devices.private_timer import countdown_expire
from ovm.board.devices.system_watchdog import system_watchdog_expire
from ovm.board.devices.triple_timer import triple_expire
from ovm.board.devices.uart import uart_expire
from ovm.board.events import EVENTS
from ovm.board.interconnect.dma_run import dma_expire
from ovm.board.interconnect.sd_dma import sd_move
from ovm.metal import fn, u32, u64


@fn
def _expire(slot: u32, moment: u64) -> None:
    if slot < DUE_COMPARATOR:
        countdown_expire(slot, moment)
    elif slot < DUE_UART:
        comparator_expire(slot - DUE_COMPARATOR)
    elif slot < DUE_UART + 2:
        uart_expire(slot - DUE_UART, moment)
    elif slot < DUE_DMA:
        triple_expire(slot - DUE_TRIPLE, moment)
    elif slot == DUE_DMA:
        dma_expire(moment)
    elif slot < DUE_MONITORS:
        system_watchdog_expire(moment)
    elif slot == DUE_SD:
        sd_move()
    else:
        monitors_expire(slot - DUE_MONITORS, moment)


@fn(inline=False)
def expire_until(moment: u64) -> None:
    """Let every device act that is due by `moment`, in the order of the moments."""
    for _ in u32.range(1 << 16):
        first = DUE.first
        slot = take_due(moment)
        if slot == DUE_SLOTS:
            return
        EVENTS.moment = first
        _expire(slot, first)
        EVENTS.moment = 0
