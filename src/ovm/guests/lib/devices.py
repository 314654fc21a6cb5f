# SPDX-License-Identifier: Apache-2.0
"""The private devices of a Cortex-A9 core, as an HRT guest uses them.

Offsets are from PERIPHBASE, which CP15 c15 gives (Cortex-A9 MPCore TRM DDI0407, 1.5; TRM DDI0388 4.3.24): CPU interface
0x100, global timer 0x200, private timer 0x600, distributor 0x1000. A guest sees the Non-secure view of the interrupt controller
(GIC architecture IHI0048B 4.2): priorities shifted, group 0 invisible.
"""

from typing import Final

from ovm.metal import Array, Struct, VirtAddr, array, asm_block, at, bound, fn, naked, overlay, u32, u64

_MOST_READS: Final = 4
CPU_INTERFACE_OFFSET: Final = 0x100
GLOBAL_TIMER_OFFSET: Final = 0x200
PRIVATE_TIMER_OFFSET: Final = 0x600
DISTRIBUTOR_OFFSET: Final = 0x1000

PRIVATE_TIMER_INTERRUPT: Final = 29
# ICCIAR of no interrupt (IHI0048B 4.4.4).
SPURIOUS: Final = 1023

_PRIORITY_WORD: Final = PRIVATE_TIMER_INTERRUPT // 4
_OTHER_PRIORITIES: Final = 0xFFFF_FFFF ^ 0xFF << PRIVATE_TIMER_INTERRUPT % 4 * 8

# Private timer control (DDI0407 4.2.3).
TIMER_ENABLE: Final = 1
TIMER_RELOAD: Final = 2
TIMER_INTERRUPT: Final = 4


# SAFETY: for all overlays below: OVM maps the two pages at PERIPHBASE as Device memory for an HRT guest, and only then
# does `periphbase` lead there.


class CpuInterface(Struct, volatile=True):
    """GIC CPU interface (IHI0048B 4.4)."""

    control: u32
    priority_mask: u32
    binary_point: u32
    acknowledge: u32
    end: u32


class Distributor(Struct, volatile=True):
    """GIC distributor (IHI0048B 4.3), the registers used here."""

    control: u32
    set_enable: Array[u32] = array(u32, 32, offset=0x100)
    clear_enable: Array[u32] = array(u32, 32, offset=0x180)
    clear_pending: Array[u32] = array(u32, 32, offset=0x280)
    priority: Array[u32] = array(u32, 256, offset=0x400)


class PrivateTimer(Struct, volatile=True):
    """A core's own timer, which counts down (DDI0407 4.2)."""

    load: u32
    counter: u32
    control: u32
    status: u32


class GlobalTimer(Struct, volatile=True):
    """The timer that all cores share, which counts up (DDI0407 4.4)."""

    low: u32
    high: u32
    control: u32 = at(0x08)


@naked
def periphbase() -> VirtAddr:
    """Return the address of this core's private devices: the Configuration Base Address Register."""
    asm_block("""
        mrc p15, 4, r0, c15, c0, 0
        bx lr
    """)


@fn
def cpu_interface(base: VirtAddr) -> CpuInterface:
    """Return the CPU interface of the interrupt controller."""
    return overlay(CpuInterface, base + CPU_INTERFACE_OFFSET)


@fn
def distributor(base: VirtAddr) -> Distributor:
    """Return the distributor of the interrupt controller."""
    return overlay(Distributor, base + DISTRIBUTOR_OFFSET)


@fn
def private_timer(base: VirtAddr) -> PrivateTimer:
    """Return this core's timer."""
    return overlay(PrivateTimer, base + PRIVATE_TIMER_OFFSET)


@fn
def global_time(base: VirtAddr) -> u64:
    """Return time by the global timer, read so that a carry between the halves doesn't show (DDI0407 4.4.1)."""
    timer = overlay(GlobalTimer, base + GLOBAL_TIMER_OFFSET)
    high = timer.high
    low = timer.low
    while timer.high != high:
        bound(_MOST_READS)
        high = timer.high
        low = timer.low
    return u64(high) << 32 | u64(low)


@fn
def start_periodic(base: VirtAddr, period: u32) -> None:
    """Enable the timer interrupt and let it come every `period` ticks."""
    gic = distributor(base)
    # Highest priority: the interrupt's byte of its priority word becomes 0.
    gic.priority[_PRIORITY_WORD] = gic.priority[_PRIORITY_WORD] & _OTHER_PRIORITIES
    gic.clear_pending[0] = 1 << PRIVATE_TIMER_INTERRUPT
    gic.set_enable[0] = 1 << PRIVATE_TIMER_INTERRUPT
    gic.control = 1
    interface = cpu_interface(base)
    interface.priority_mask = 0xFF
    interface.control = 1
    timer = private_timer(base)
    timer.control = 0
    timer.status = 1
    timer.load = period - 1
    timer.control = TIMER_ENABLE | TIMER_RELOAD | TIMER_INTERRUPT


@fn
def stop_periodic(base: VirtAddr) -> None:
    """Stop the timer and its interrupt."""
    timer = private_timer(base)
    timer.control = 0
    timer.status = 1
    distributor(base).clear_enable[0] = 1 << PRIVATE_TIMER_INTERRUPT


@fn
def take_timer_interrupt(base: VirtAddr) -> bool:
    """Acknowledge and complete an interrupt; return whether it was the timer's."""
    interface = cpu_interface(base)
    acknowledged = interface.acknowledge
    identity = acknowledged & 0x3FF
    if identity == SPURIOUS:
        return False
    # ORDER: the timer's line falls before the interrupt ends, or it would come again at once.
    private_timer(base).status = 1
    interface.end = acknowledged
    return identity == PRIVATE_TIMER_INTERRUPT
