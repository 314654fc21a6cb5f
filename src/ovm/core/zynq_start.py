# SPDX-License-Identifier: Apache-2.0
"""The return of a Zynq-7000 to its reset state, whatever a boot loader did: masters, timers, CPU 1 (UG585 B.28, B.31, B.32).

The BootROM opens debugging; here it is closed (B.16). While a debugger, or a guest that reaches the debug registers, halted CPU
0, OVM would serve no alarm.
"""

from typing import Final

from ovm.core.config import CONFIG, CONFIGURATION, SCU_FILTER_START, TRIPLE_TIMER_STEP, TRIPLE_TIMERS, WATCHDOG
from ovm.core.zynq import LOCK, UNLOCK
from ovm.metal import Array, Struct, VirtAddr, array, at, dsb, fn, overlay, pointer, u32, volatile_store

# A9_CPU_RST_CTRL: CPU 1 is in reset; its clock stands still.
CPU1_RESET: Final = 1 << 1
CPU1_STOPPED: Final = 1 << 5
# RS_AWDT_CTRL: the private watchdog of CPU 1, which an HRT guest has, resets CPU 1 alone and not the machine.
CPU1_WATCHDOG: Final = 1 << 1
# All bits of the reset registers of USB, GEM and SDIO: masters that would continue to write to memory.
MASTERS: Final = 0xF3
# OCM_CFG as the BootROM has it: three blocks of 64 KiB at 0, the last one at the top (UG585 29.4).
BOOT_OCM: Final = 0x18
# `ldr pc, [pc, #-4]`: go to the address in the next word.
JUMP: Final = u32(0xE51F_F004)
# The system watchdog: keys and reset values of its mode and control.
WATCHDOG_MODE: Final = 0xABC << 12 | 0x1C2
WATCHDOG_CONTROL: Final = 0x248 << 14 | 0x3FFC
COUNTER_STOPPED: Final = 0x21
# From the SLCR to one step before the first triple timer.
BEFORE_TIMERS: Final = (TRIPLE_TIMERS - TRIPLE_TIMER_STEP) & 0xFFFF_FFFF
# Device configuration. CTRL: Secure debug of both kinds, invasive debug, JTAG to the cores. What remains is tracing of the
# Non-secure world, with which its performance monitors go. LOCK: their lock, until power goes off.
CONFIGURATION_KEY: Final = 0x757B_DF0D
DEBUG: Final = 1 << 6 | 1 << 5 | 1 << 3 | 7
DEBUG_LOCK: Final = 1

TRIPLE_TIMER_COUNT: Final = 2


class Resets(Struct, volatile=True):
    """System level control registers: the lock, resets, the on-chip memory's place."""

    lock: u32 = at(0x004)
    unlock: u32
    dma: u32 = at(0x20C)
    usb: u32
    gem: u32
    sdio: u32
    cpus: u32 = at(0x244)
    watchdogs: u32 = at(0x24C)
    on_chip_open: Array[u32] = array(u32, 3, offset=0x400)
    dma_open: Array[u32] = array(u32, 3, offset=0x440)
    on_chip_place: u32 = at(0x910)


class TripleTimer(Struct, volatile=True):
    """A triple timer counter: each register three times."""

    clock: Array[u32] = array(u32, 3)
    control: Array[u32] = array(u32, 3)
    value: Array[u32] = array(u32, 3)
    interval: Array[u32] = array(u32, 3)
    match: Array[u32] = array(u32, 9)
    status: Array[u32] = array(u32, 3)
    enable: Array[u32] = array(u32, 3)


class Watchdog(Struct, volatile=True):
    """The system watchdog."""

    mode: u32
    control: u32


class Configuration(Struct, volatile=True):
    """The device configuration interface."""

    control: u32
    lock: u32
    unlock: u32 = at(0x34)


class Filter(Struct, volatile=True):
    """SCU: the start of DDR for the cores."""

    start: u32 = at(0x40)


@fn
def _slcr() -> Resets:
    # SAFETY: the build gives the address.
    return overlay(Resets, VirtAddr(u32(CONFIG.slcr_phys)))


@fn
def _timers_stop() -> None:
    """Stop the system watchdog and the triple timers; reading a status clears it."""
    # SAFETY: the build gives their distances.
    watchdog = overlay(Watchdog, VirtAddr(u32(CONFIG.slcr_phys) + WATCHDOG))
    watchdog.mode = WATCHDOG_MODE
    watchdog.control = WATCHDOG_CONTROL
    for number in u32.range(TRIPLE_TIMER_COUNT):
        timer = overlay(TripleTimer, VirtAddr(u32(CONFIG.slcr_phys) + (number + 1) * TRIPLE_TIMER_STEP + BEFORE_TIMERS))
        for counter in u32.range(3):
            timer.enable[counter] = 0
            timer.control[counter] = COUNTER_STOPPED
            timer.clock[counter] = 0
            timer.interval[counter] = timer.status[counter] & 0
        for index in u32.range(9):
            timer.match[index] = 0


@fn
def _debug_close() -> None:
    """Close debugging of the cores, and lock that until power goes off."""
    # SAFETY: the build gives its distance.
    configuration = overlay(Configuration, VirtAddr(u32(CONFIG.slcr_phys) + CONFIGURATION))
    configuration.unlock = CONFIGURATION_KEY
    configuration.control = configuration.control & ~u32(DEBUG)
    configuration.lock = DEBUG_LOCK


@fn
def zynq_quiet() -> None:
    """Reset everything that acts by itself: CPU 1, which stays in reset, masters, timers; close debugging.

    This comes first, with the caches off.
    """
    _debug_close()
    slcr = _slcr()
    slcr.unlock = UNLOCK
    slcr.cpus = CPU1_RESET
    slcr.cpus = CPU1_RESET | CPU1_STOPPED
    slcr.watchdogs = CPU1_WATCHDOG
    slcr.dma = 1
    slcr.usb = MASTERS
    slcr.gem = MASTERS
    slcr.sdio = MASTERS
    # ORDER: the DMA controller latches its security when it leaves reset (UG585 9.2.2).
    for index in u32.range(3):
        slcr.on_chip_open[index] = 0
        slcr.dma_open[index] = 0
    slcr.dma = 0
    slcr.usb = 0
    slcr.gem = 0
    slcr.sdio = 0
    slcr.lock = LOCK
    _timers_stop()


@fn
def zynq_start_cpu1(entry: u32) -> None:
    """Release CPU 1 from reset, to run at `entry`: it begins at 0, which is on-chip memory as after reset.

    The MMU is off, so that the words reach memory; L2 has written back its lines of DDR at these addresses.
    """
    slcr = _slcr()
    slcr.unlock = UNLOCK
    slcr.on_chip_place = BOOT_OCM
    # SAFETY: the build gives the address.
    overlay(Filter, VirtAddr(u32(CONFIG.scu_phys))).start = SCU_FILTER_START
    # SAFETY: on-chip memory; no data there is needed after the loader has ended.
    volatile_store(pointer(u32, VirtAddr(0)), JUMP)
    volatile_store(pointer(u32, VirtAddr(4)), entry)
    dsb()
    slcr.cpus = CPU1_STOPPED
    slcr.cpus = 0
    slcr.lock = LOCK
