# SPDX-License-Identifier: Apache-2.0
"""Parameters that the manuals leave open or the board decides: latencies in CPU cycles, replacement, options.

The host program fills this in from the `[timing]` and `[model]` tables of `boards/zc702.toml`, by field name; each
value there has its source or is marked as assumed. Only two groups are elsewhere, from the sources named there: the time for
which each kind of instruction keeps its unit (`execute/roles.py`, `issue/floating_times.py`), and the times of
results of VFP and Advanced SIMD (`issue/floating.py`).
"""

from ovm.metal import Struct, static, u32


class Parameters(Struct):
    """All parameters, in cycles of the CPU clock unless said otherwise."""

    # Memory
    level1_load: u32  # until the result of a load that hits can be the next one's address
    level2_hit: u32  # an L1 line fill that hits L2
    memory_read: u32  # further, when it misses L2: DDR whose row is open
    level2_refill: u32  # between lines from L2 to a core
    memory_refill: u32  # between lines from DDR to a core
    memory_fills: u32  # lines from DDR that a core's loads have under way at once, at most 4; 0: any number
    prefetch_streams: u32  # that the data prefetcher follows, up to 8
    miss_window: u32  # issue slots that a core gets ahead of a load that waits
    memory_activate: u32  # further, to open a row
    memory_precharge: u32  # further, when another row of the bank is open
    refresh_interval: u32  # from one refresh of DDR to the next; 0: none
    refresh_time: u32  # of one, during which DDR does nothing else
    level2_busy: u32  # that a line keeps level 2's port
    memory_busy: u32  # that one keeps DDR
    contention_window: u32  # after which the others' use is measured anew; 0: no master waits for others
    memory_write: u32  # an uncached or write-through store that the core waits for
    store_miss: u32  # an L1 line fill for a store: the part that the store buffer does not hide
    on_chip_read: u32  # OCM, uncached or a line fill
    private_access: u32  # SCU, GIC, private timers
    peripheral_access: u32  # APB and SLCR registers
    write_back: u32  # from the eviction buffer, of one line, to L2
    core_to_core: u32  # a line fill from the other core's L1
    cross_word: u32  # an unaligned access whose bytes lie in two words of a doubleword
    cross_doubleword: u32  # an unaligned access whose bytes lie in two doublewords
    # Translation
    micro_tlb_miss: u32
    walk_base: u32  # a walk without its memory accesses
    micro_tlb_entries: u32  # of the instruction side: 32 or 64; the data side has 32
    # Pipeline
    issue_window: u32  # instructions that wait to be issued, each when it is ready; 16: any number; 0: one by one, at once
    load_forwarded: u32  # until a load's result can be an operand of an operation without a shift
    load_result: u32  # until it can be any other operand
    shift_result: u32  # data processing with an operand shifted by a constant; by a register, one more
    multiply_result: u32
    multiply_half_result: u32  # of 16-bit operands
    exception_entry: u32
    mispredict: u32  # a mispredicted branch
    branch_history: u32  # directions of earlier branches that choose a counter, at most 12
    serialise: u32  # CP15 writes, ISB, exception returns, CPS
    barrier: u32  # DSB, DMB with nothing outstanding
    maintenance: u32  # one cache or TLB maintenance operation
    # Options
    random_seed: u32  # of pseudo-random replacement
    stale_lines: u32  # 1: caches hold data of their own, so missing maintenance shows
    precise_store_aborts: u32  # 1: an external abort of a store is synchronous
    unpredictable_user: u32  # UNPREDICTABLE in User mode: 0 stops the machine, 1 takes an Undefined Instruction exception
    single_t32_ldm: u32  # a 32-bit T32 LDM of one register: 0 is UNPREDICTABLE, as the manual has it, 1 loads it
    long_way: u32  # 1: accesses and instructions take no fast path; results and times are the same
    blocks: u32  # 1: hot lines of instructions become machine code of the host where that is possible; no time changes
    quantum: u32  # cycles for which a core runs before the other one's turn
    main_tlb_random: u32  # replacement in the main TLB: 0 each way in turn, 1 pseudo-random
    main_tlb_spare: u32  # 1: walks use the lockable entries too while none of them is locked
    main_tlb_unlockable: u32  # 1: c15 writes no lock entries, for a run of the same image without them; 0: it does
    # Devices
    boot_rom_map: u32  # 1: on-chip memory and DDR lie as the BootROM leaves them, 0: as the boot loader does
    uart_timed: u32  # 1: bytes take the time of the baud rate, 0: none


PARAMETERS = static(Parameters)
