# SPDX-License-Identifier: Apache-2.0
"""State of each physical CPU.

CPU 0 runs the deprivileged guests and all of OVM's work; CPU 1 belongs to an HRT guest and touches only its own
entry here, so no lock is needed: every field has one writer. The writer of CPU 1's `state` is CPU 0 until it says that the
guest may begin, and CPU 1 from then on.
"""

from typing import Final

from ovm.core.config import MONITOR_STACK_BYTES
from ovm.core.limits import MAX_CPUS
from ovm.metal import Struct, array, static, u8, u32, u64

# Value of Cpu.current when no guest runs.
NOBODY: Final = 0xFFFF_FFFF
# The CPU that an HRT guest may own, as an index of CPUS.
HARD_CPU: Final = 1


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
    # The part of housekeeping that comes next.
    part: u32
    # CPU 1: 1 once it may enter its guest, 2 or 3 once it has parked (core.hard).
    state: u32
    # CPU 1: it has come to OVM, its caches are on.
    arrived: u32


CPUS = static(array(Cpu, MAX_CPUS), align=64)

# Monitor stacks, full descending; a CPU uses one from entry to exit and leaves nothing on it.
STACK_0 = static(array(u8, MONITOR_STACK_BYTES), align=64)
STACK_1 = static(array(u8, MONITOR_STACK_BYTES), align=64)
# Their tops, as the assembly names them.
STACK_0_TOP: Final = f"ovm.core.cpu.STACK_0 + {MONITOR_STACK_BYTES}"
STACK_1_TOP: Final = f"ovm.core.cpu.STACK_1 + {MONITOR_STACK_BYTES}"
