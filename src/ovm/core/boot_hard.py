# SPDX-License-Identifier: Apache-2.0
"""Boot of CPU 1: into the HRT guest that owns it, or to sleep."""

from typing import Final, Never

from ovm.abi.config import GuestState, Level
from ovm.arm.assembly import symbol_address
from ovm.arm.control import NSACR_NS_SMP, SCR_EA, SCR_FIQ, SCTLR_C, SCTLR_I, SCTLR_M, SCTLR_ONES, SCTLR_Z, TTBR_WALK
from ovm.arm.cp15 import BPIALL, CONTEXTIDR, CPACR, DACR, ICIALLU, MVBAR, NSACR, SCTLR, TLBIALL, TTBCR, TTBR0, VBAR
from ovm.arm.psr import MODE_SVC, PSR_I
from ovm.core.boot_check import refuse
from ovm.core.boot_cpu import banks_select_normal, cpu_start
from ovm.core.caches import data_cache_flush, data_cache_invalidate, scu_forget
from ovm.core.clock import TIMER_ENABLE, private_timers
from ovm.core.config import CONFIG, PLAIN
from ovm.core.countdowns import comparator_stop, countdowns_stop
from ovm.core.cpu import CPUS, HARD_CPU, NOBODY, Cpu
from ovm.core.crc import MOST_WORDS
from ovm.core.entry.banks import banks_set
from ovm.core.entry.hard import hard_enter, hard_vectors
from ovm.core.entry.loader_abort import loader_abort_take
from ovm.core.finish import park
from ovm.core.gic import gic_end_all, gic_start_cpu
from ovm.core.guest import GUESTS
from ovm.core.limits import MAX_GUESTS, MAX_TICKS
from ovm.core.start_state import start_thumb
from ovm.core.vcpu import VCPUS
from ovm.metal import (
    address,
    asm_value,
    cp15_read,
    cp15_write,
    dsb,
    fn,
    isb,
    offsetof,
    pointer,
    symbol,
    text,
    u32,
    volatile_load,
    volatile_store,
)

# DACR: the straight map's one domain is a client.
CLIENT: Final = 1
# A and F are clear: with SCR.AW = FW = 0 the guest could never clear them, and OVM would not learn of its bus errors.
START_PSR: Final = MODE_SVC | PSR_I
HARD_VECTORS: Final = symbol_address(symbol(hard_vectors))
# How long CPU 1 waits for CPU 0: while it reads images that fill the RAM, for their CRC. On the virtual board
# `systems/press.toml` boots in 17 ticks for each word of its images; nearly twice that is allowed.
TICKS_PER_WORD: Final = 32
BOOT_SECONDS: Final = MOST_WORDS * TICKS_PER_WORD // MAX_TICKS + 1


@fn
def _owner_of_cpu() -> u32:
    """Return the number of the HRT guest that owns this CPU, or NOBODY."""
    for index in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        config = GUESTS[index].config
        if config.level == Level.HRT and u32(config.cpu) == HARD_CPU and VCPUS[index].state == GuestState.READY:
            return index
    return NOBODY


@fn
def _arrive() -> None:
    """Tell CPU 0 that this CPU is here, and has ended its interrupts."""
    # SAFETY: a field of a static, which only this CPU writes.
    volatile_store(pointer(u32, address(CPUS[HARD_CPU]) + offsetof(Cpu, "arrived")), u32(1))
    dsb()


@fn
def _wait_for_boot() -> None:
    """Wait until CPU 0 has prepared the guest; if that takes longer than any boot, say so and stop.

    This CPU's watchdog is the clock: a timer that counts down once (MPCore TRM 4.2). An event wouldn't come from a CPU 0 that
    hangs, so this doesn't wait asleep for one. Then CPU 0's record is free to write, too.
    """
    # SAFETY: a field of a static; CPU 0 writes it once, and caches are coherent by now.
    state = pointer(u32, address(CPUS[HARD_CPU]) + offsetof(Cpu, "state"))
    timers = private_timers()
    for _ in u32.range(BOOT_SECONDS):
        timers.watchdog_load = CONFIG.timer_hz
        timers.watchdog_control = TIMER_ENABLE
        for _ in u32.range(MAX_TICKS):
            if volatile_load(state) != 0:
                return
            if timers.watchdog_counter == 0:
                break
    refuse(text("cpu0"))


@fn
def _reset_control() -> None:
    """Set control registers as after reset: MMU, caches and floating point off. Of ACTLR it may change SMP (A9 4.3.13).

    No line of OVM's stays in this CPU's L1 that CPU 0 writes too: without SMP, nobody would keep the two apart.
    """
    data_cache_flush()
    cp15_write(NSACR, cp15_read(NSACR) | NSACR_NS_SMP)
    cp15_write(CPACR, 0)
    dsb()
    isb()
    cp15_write(SCTLR, SCTLR_ONES)


@fn
def _guest_control(guest: u32) -> None:
    """Set Non-secure control registers of the guest: the straight map, caches on; the guest sets all others."""
    table = u32(GUESTS[guest].config.table_phys)
    cp15_write(VBAR, 0)
    cp15_write(TTBCR, 0)
    cp15_write(CONTEXTIDR, 0)
    cp15_write(TLBIALL, 0)
    cp15_write(ICIALLU, 0)
    cp15_write(BPIALL, 0)
    if PLAIN:
        _reset_control()
    elif table != 0:
        cp15_write(TTBR0, table | TTBR_WALK)
        cp15_write(DACR, CLIENT)
        dsb()
        isb()
        cp15_write(SCTLR, SCTLR_ONES | SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_Z)
    else:
        dsb()
        isb()
        cp15_write(SCTLR, SCTLR_ONES | SCTLR_I | SCTLR_Z)
    isb()


@fn(inline=False)
def boot_secondary() -> Never:
    """Boot CPU 1 and enter its guest: Supervisor mode, IRQ masked."""
    countdowns_stop()
    gic_end_all()
    data_cache_invalidate()
    scu_forget()
    loader_abort_take()
    cpu_start()
    cp15_write(MVBAR, asm_value(u32, HARD_VECTORS))
    _arrive()
    _wait_for_boot()
    countdowns_stop()
    comparator_stop()
    gic_start_cpu(True)
    guest = _owner_of_cpu()
    if guest == NOBODY:
        park()
    CPUS[HARD_CPU].current = guest
    banks_set(0)
    # IRQs go to the guest: SCR.IRQ is clear.
    banks_select_normal(SCR_FIQ | SCR_EA)
    _guest_control(guest)
    entry = GUESTS[guest].config.entry_gpa
    page = u32(0) if PLAIN else GUESTS[guest].config.page_gpa
    hard_enter(entry & ~u32(1), START_PSR | start_thumb(entry), page)
    park()
