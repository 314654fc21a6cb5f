# SPDX-License-Identifier: Apache-2.0
"""Beginning and end: memory of the whole system at boot, of one guest at its start and stop."""

from typing import Final

from ovm.abi.config import LEAST_SHARE, Level
from ovm.arm.cp15 import TTBCR
from ovm.arm.descriptors import LEVEL1_ENTRIES
from ovm.core.config import CONFIG
from ovm.core.guest import GUESTS
from ovm.core.limits import MAX_CPUS, MAX_GUESTS, MAX_SPACES, MAX_TABLES
from ovm.core.memory.clear import memory_clear
from ovm.core.memory.frames import frames_initialise
from ovm.core.memory.guest_map import frame_map_initialise, frames_release
from ovm.core.memory.lockdown import lock_cpu_initialise, srt_switch, srt_unlock
from ovm.core.memory.pool import pool_initialise
from ovm.core.memory.sections import STRAIGHT_TABLES, straight_map_build
from ovm.core.memory.space import NO_SPACE, own_asid, space_initialise, spaces_initialise, spaces_kill
from ovm.core.memory.tables import SHARES, gate_write, level2_of, tables_disown, tables_initialise
from ovm.core.memory.tlb import tlb_drop_asid
from ovm.core.vcpu import VCPUS, Vcpu
from ovm.metal import cp15_write, dsb, fn, isb, panic, u32

# Panic codes.
PANIC_FEW_TABLES: Final = 0x4D01


@fn
def _clear_tables(first: u32, count: u32) -> None:
    for table in u32.range(first, first + count, 1, bound=MAX_TABLES):
        entries = level2_of(table)
        for number in u32.range(256):
            entries[number] = 0


@fn
def _paged_guests() -> u32:
    count = u32(0)
    for index in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        if GUESTS[index].config.level == Level.NRT:
            count += 1
    return count


@fn
def _share_out() -> None:
    """Divide spaces and second-level tables equally among the NRT guests."""
    guests = max(_paged_guests(), u32(1))
    spaces = min(CONFIG.level1_count, MAX_SPACES) // guests
    first_table = STRAIGHT_TABLES.value
    tables = (min(CONFIG.level2_count, MAX_TABLES) - first_table) // guests
    taken = u32(0)
    for index in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        share = SHARES[index]
        if GUESTS[index].config.level == Level.NRT:
            if spaces == 0 or tables < LEAST_SHARE:
                panic(PANIC_FEW_TABLES)
            share.first_space = taken * spaces
            share.spaces = spaces
            share.first_table = first_table + taken * tables
            share.tables = tables
            VCPUS[index].first_with = taken * LEVEL1_ENTRIES
            taken += 1
            _clear_tables(share.first_table, tables)
            tables_initialise(share)
            spaces_initialise(share, u32(GUESTS[index].config.cpu))
            frame_map_initialise(index)
        VCPUS[index].space = NO_SPACE


@fn
def memory_initialise() -> None:
    """Set up frame table, guests' memory, pool, fixed tables and shadow tables. Once, at boot, on CPU 0."""
    frames_initialise()
    memory_clear()
    pool_initialise()
    tables_disown()
    STRAIGHT_TABLES.value = CONFIG.cpu_count
    _clear_tables(0, CONFIG.cpu_count)
    for cpu in u32.range(CONFIG.cpu_count, bound=MAX_CPUS):
        gate_write(cpu, cpu)
    for index in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        if GUESTS[index].config.level != Level.NRT:
            straight_map_build(index)
    _share_out()
    # The blank space lies behind all others.
    space_initialise(CONFIG.level1_count, 0)
    dsb()


@fn
def memory_cpu_initialise() -> None:
    """Prepare a CPU for deprivileged guests: one table for all addresses, and the lock entries that stay."""
    cp15_write(TTBCR, 0)
    isb()
    lock_cpu_initialise()


@fn
def guest_memory_start(vcpu: Vcpu) -> None:
    """Give a guest its initial memory. An NRT guest has its image since boot; all other pages come when they are touched."""
    if vcpu.level == Level.SRT:
        # No lock entry carries this ASID yet.
        tlb_drop_asid(own_asid(vcpu))
        srt_switch(vcpu)


@fn
def guest_memory_stop(vcpu: Vcpu) -> None:
    """Unmap everything of a guest that has ended. `guest_memory_release` returns its frames in parts."""
    level = vcpu.level
    if level == Level.NRT:
        spaces_kill(vcpu)
    elif level == Level.SRT:
        srt_unlock(vcpu)
        tlb_drop_asid(own_asid(vcpu))


@fn
def guest_memory_release(vcpu: Vcpu) -> bool:
    """Release a bounded number of frames of a guest that was stopped; return True when none is left."""
    return vcpu.level != Level.NRT or frames_release(vcpu)
