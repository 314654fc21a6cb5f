# SPDX-License-Identifier: Apache-2.0
"""Fair turns of NRT guests: the guest that has had the least time goes next.

Each guest's `fair_time` counts the ticks it ran. The floor is the least time of the guests that are ready, and never falls.
A guest that slept starts again at the floor less one turn: it is served soon, and can't save up more than that, not even by
waking while all others sleep.
"""

from ovm.abi.config import GuestState, Level
from ovm.core.config import CONFIG
from ovm.core.cpu import this_cpu
from ovm.core.limits import MAX_GUESTS
from ovm.core.vcpu import VCPUS, Vcpu, runs_here
from ovm.metal import fn, u32, u64


@fn
def turn_wanted(vcpu: Vcpu) -> bool:
    """Return whether the guest is an NRT guest that could run."""
    return vcpu.level == Level.NRT and vcpu.state == GuestState.READY


@fn
def turn_charge(vcpu: Vcpu, used: u64) -> None:
    """Count ticks that an NRT guest ran; the floor follows the least of the guests that wanted the CPU meanwhile."""
    vcpu.fair_time += used
    least = vcpu.fair_time
    for index in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        other = VCPUS[index]
        # A guest that woke just now has not been raised to the floor yet.
        if runs_here(other) and turn_wanted(other) and other.counted_ready:
            least = min(least, other.fair_time)
    cpu = this_cpu()
    cpu.fair_floor = max(cpu.fair_floor, least)


@fn
def turn_wake(vcpu: Vcpu) -> None:
    """Note that the guest became ready."""
    turn = u64(CONFIG.turn_ticks)
    floor = this_cpu().fair_floor
    if floor > turn:
        vcpu.fair_time = max(vcpu.fair_time, floor - turn)
