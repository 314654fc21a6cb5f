# SPDX-License-Identifier: Apache-2.0
"""Fair turns of NRT guests: the one that has had least goes next.

Each guest's `fair_time` counts the ticks it ran. A guest that slept comes back at the least time of the others that are
ready, less one turn: it is served soon, and can't save up more than that.
"""

from ovm.abi.config import MAX_GUESTS, GuestState, Level
from ovm.core.config import CONFIG
from ovm.core.vcpu import NEVER, VCPUS, Vcpu
from ovm.metal import fn, u32, u64


@fn
def turn_wanted(vcpu: Vcpu) -> bool:
    """Whether the guest is an NRT guest that could run."""
    return vcpu.level == Level.NRT and vcpu.state == GuestState.READY


@fn
def turn_wake(vcpu: Vcpu) -> None:
    """Note that the guest became ready."""
    least = u64(NEVER)
    for index in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        other = VCPUS[index]
        if index != vcpu.index and turn_wanted(other):
            least = min(least, other.fair_time)
    if least == NEVER:
        return
    turn = u64(CONFIG.turn_ticks)
    earliest = least - turn if least > turn else u64(0)
    vcpu.fair_time = max(vcpu.fair_time, earliest)


@fn
def turn_count() -> u32:
    """How many NRT guests could run."""
    count = u32(0)
    for index in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        if turn_wanted(VCPUS[index]):
            count += 1
    return count
