# SPDX-License-Identifier: Apache-2.0
"""State of each physical CPU. `this_cpu()` is the one that executes.

CPU 0 and, where a build has more of them, the next ones run the deprivileged guests; HARD_CPU may belong to an HRT guest. Each
CPU touches its own entry only, so nothing is locked: every field has one writer. Of HARD_CPU's `state` that is CPU 0 until
it says that the guest may begin, and HARD_CPU from then on (docs/decisions/0016).
"""

from typing import Final

from ovm.arm.cp15 import MPIDR
from ovm.core.config import BOOT_CPU, MONITOR_STACK_BYTES, SCHEDULED_CPUS
from ovm.core.limits import MAX_CPUS
from ovm.metal import Struct, array, cp15_read, fn, static, u8, u32, u64

# Value of Cpu.current when no guest runs.
NOBODY: Final = 0xFFFF_FFFF
# The CPU that an HRT guest may own, as an index of CPUS.
HARD_CPU: Final = 1
# Its number in the hardware. The description's CPU 0 is the one that boots.
HARD_CPU_NUMBER: Final = HARD_CPU ^ BOOT_CPU
# MPIDR: the number of the CPU (Cortex-A9 TRM 4.3.5).
CPU_NUMBER: Final = 3


class Cpu(Struct, size=128, align=64):
    """One physical CPU."""

    # Guest whose registers are in the hardware, as an index of VCPUS; and the one whose memory context is in force.
    current: u32
    # Guest whose sections are in the TLB's lock entries, plus 1; 0 is none. It is here because this cache line is in use anyway.
    lock_holder: u32
    # Guest whose floating-point registers are in the hardware.
    floating_owner: u32
    # The scheduler must choose again before this CPU returns to a guest.
    reschedule: bool
    # This entry has served an interrupt.
    served: bool
    # Time without any guest.
    idle_ticks: u64
    # The clock as last read (core.clock), the time of the last accounting, and when the alarm goes off.
    time: u64
    accounted_at: u64
    event_at: u64
    turn_ends_at: u64
    housekeeping_at: u64
    # Of the scheduler's last look at all guests: the next time at which something is due, without turns and budgets; NRT guests
    # that could run; and the SRT guest whose timer goes off first.
    due: u64
    # No ready NRT guest of this CPU has had less (core.turns).
    fair_floor: u64
    turns: u32
    expected: u32
    # The youngest stamp of a shadow space (core.memory.space).
    stamp: u32
    # The part of housekeeping that comes next.
    part: u32
    # CPU 1: 1 once it may enter its guest, 2 or 3 once it has parked (core.hard).
    state: u32
    # CPU 1: it has come to OVM, its caches are on.
    arrived: u32


CPUS = static(array(Cpu, MAX_CPUS), align=64)


@fn(inline=True)
def physical_number(cpu: u32) -> u32:
    """Return the hardware's number of a CPU, and back again: CPU 0 is the one that boots, whichever that is."""
    return cpu ^ BOOT_CPU


@fn(inline=True)
def this_cpu_number() -> u32:
    """Return the CPU that executes, as an index of CPUS. Not on a CPU that belongs to an HRT guest."""
    if SCHEDULED_CPUS == 1:
        return 0
    return physical_number(cp15_read(MPIDR) & CPU_NUMBER)


@fn(inline=True)
def this_cpu() -> Cpu:
    """Return the state of the CPU that executes. Not on a CPU that belongs to an HRT guest: that is `CPUS[HARD_CPU]`."""
    return CPUS[this_cpu_number()]


# Monitor stacks, full descending; a CPU uses one from entry to exit and leaves nothing on it.
STACK_0 = static(array(u8, MONITOR_STACK_BYTES), align=64)
STACK_1 = static(array(u8, MONITOR_STACK_BYTES), align=64)
# Their tops, as the assembly names them.
STACK_0_TOP: Final = f"ovm.core.cpu.STACK_0 + {MONITOR_STACK_BYTES}"
STACK_1_TOP: Final = f"ovm.core.cpu.STACK_1 + {MONITOR_STACK_BYTES}"
