# SPDX-License-Identifier: Apache-2.0
"""Doorbells of channels: an interrupt at the other ends, at each not more often than the description allows.

Waking a guest costs that guest time, so the guest that rings must not decide how often. A ring that comes too early is kept:
the rings in between become one, which comes as soon as it may. None is lost.
"""

from ovm.abi.config import GuestState
from ovm.abi.hypercalls import INTERRUPT_DOORBELL
from ovm.core.config import CONFIG, REGIONS
from ovm.core.limits import MAX_REGIONS
from ovm.core.vcpu import NEVER, Vcpu, vcpu_of
from ovm.core.virtual.interrupt import interrupt_raise
from ovm.metal import Struct, array, fn, static, u8, u32, u64


class End(Struct):
    """One guest's end of a channel."""

    # The time when the next ring may come; whether one waits for it.
    next_at: u64
    waits: bool


ENDS = static(array(End, MAX_REGIONS))


@fn
def _deliver(index: u32, current: u64) -> None:
    """Deliver a ring at this end."""
    ENDS[index].waits = False
    ENDS[index].next_at = current + u64(REGIONS[index].ring_ticks)
    vcpu = vcpu_of(u32(REGIONS[index].guest))
    vcpu.counters.doorbells += 1
    interrupt_raise(vcpu, INTERRUPT_DOORBELL)


@fn
def _ring_end(index: u32, current: u64) -> u64:
    """Ring at one end; return the time of the ring if it comes later, else NEVER."""
    vcpu = vcpu_of(u32(REGIONS[index].guest))
    if vcpu.state != GuestState.READY and vcpu.state != GuestState.WAITING:
        return NEVER
    if current >= ENDS[index].next_at:
        _deliver(index, current)
        return NEVER
    vcpu.counters.doorbells_early += 1
    ENDS[index].waits = True
    vcpu.doorbell_at = min(vcpu.doorbell_at, ENDS[index].next_at)
    return vcpu.doorbell_at


@fn
def doorbell_ring(ringer: Vcpu, key: u8, current: u64) -> u64:
    """Ring at every end of a channel except the ringer's own. Return the earliest time of the rings that come later, or NEVER."""
    later = u64(NEVER)
    for index in u32.range(CONFIG.region_count, bound=MAX_REGIONS):
        if REGIONS[index].key == key and u32(REGIONS[index].guest) != ringer.guest:
            later = min(later, _ring_end(index, current))
    return later


@fn
def doorbell_expire(vcpu: Vcpu, current: u64) -> None:
    """Deliver the rings that have waited long enough for this guest."""
    if vcpu.doorbell_at > current:
        return
    vcpu.doorbell_at = NEVER
    for index in u32.range(CONFIG.region_count, bound=MAX_REGIONS):
        if u32(REGIONS[index].guest) == vcpu.guest and ENDS[index].waits:
            if ENDS[index].next_at <= current:
                _deliver(index, current)
            else:
                vcpu.doorbell_at = min(vcpu.doorbell_at, ENDS[index].next_at)
