# SPDX-License-Identifier: Apache-2.0
"""Reservations of SRT guests: earliest deadline first over constant bandwidth servers, with a hard limit.

Each SRT guest may use `budget` ticks in each `period`. Its server has a deadline and the rest of the budget
(Abeni and Buttazzo, Integrating multimedia applications in hard real-time systems, RTSS 1998). Waking late starts a new server
period if the old one's bandwidth would be exceeded; using the budget up moves the deadline one period ahead and holds the guest
until the old deadline. As long as the sum of budget/period is at most 1, each guest
gets its budget by each of its deadlines, whatever the others do. The unused rest of a reservation goes to the NRT guests.
"""

from ovm.core.vcpu import Vcpu, config_of
from ovm.metal import fn, u32, u64


@fn
def _begin(vcpu: Vcpu, current: u64) -> None:
    vcpu.release_at = current
    vcpu.deadline = current + u64(config_of(vcpu).period_ticks)
    vcpu.budget_left = config_of(vcpu).budget_ticks


@fn
def reservation_wake(vcpu: Vcpu, current: u64) -> None:
    """Note that the guest became ready: keep its server period only if the rest fits its bandwidth."""
    if current >= vcpu.deadline:
        _begin(vcpu, current)
        return
    # While its budget is used up, a period and more is left, so the rest fits: the guest is held until the old deadline.
    config = config_of(vcpu)
    room = (vcpu.deadline - current) * u64(config.budget_ticks)
    if u64(vcpu.budget_left) * u64(config.period_ticks) > room:
        _begin(vcpu, current)


@fn
def reservation_charge(vcpu: Vcpu, used: u64) -> None:
    """Take used ticks from the budget; when it is gone, hold the guest until its deadline."""
    if used < u64(vcpu.budget_left):
        vcpu.budget_left -= u32(used)
        return
    # An overrun (the length of an entry into OVM) is taken from the next budget, or uses up that one and more.
    over = u32(used - u64(vcpu.budget_left))
    config = config_of(vcpu)
    more = u32(0)
    if over >= config.budget_ticks:
        more = over // config.budget_ticks
        over %= config.budget_ticks
    vcpu.counters.used_up += 1 + more
    vcpu.release_at = vcpu.deadline + u64(more) * u64(config.period_ticks)
    vcpu.deadline = vcpu.release_at + u64(config.period_ticks)
    vcpu.budget_left = config.budget_ticks - over


@fn
def reservation_may_run(vcpu: Vcpu, current: u64) -> bool:
    """Return whether the guest has budget now."""
    return current >= vcpu.release_at
