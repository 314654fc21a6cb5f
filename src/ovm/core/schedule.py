# SPDX-License-Identifier: Apache-2.0
"""The scheduler of CPU 0.

SRT guests with budget go first, by earliest deadline; then NRT guests in fair turns; if there is none, the CPU sleeps.
OVM isn't preemptible: the choice is made at the end of an entry, if an event may have changed it, and the one alarm is set to
the next moment at which it may change again.
"""

from typing import Final

from ovm.abi.config import GuestState, Level
from ovm.core.clock import alarm_set, now
from ovm.core.config import CONFIG
from ovm.core.context import context_load, context_save
from ovm.core.cpu import NOBODY, this_cpu
from ovm.core.doorbell import doorbell_expire
from ovm.core.limits import MAX_GUESTS
from ovm.core.output import output_waits
from ovm.core.reservation import reservation_charge, reservation_may_run, reservation_wake
from ovm.core.turns import turn_charge, turn_wake, turn_wanted
from ovm.core.vcpu import NEVER, VCPUS, Vcpu, runs_here
from ovm.core.virtual.interrupt import timer_expire
from ovm.metal import address, fn, u32, u64

_NO_GUEST: Final = u32(0xFFFF_FFFF)
# Rate of housekeeping while there is output, or an HRT guest to read: a thousand times a second.
HOUSEKEEPING_HZ: Final = 1000


@fn
def charge(current: u64) -> None:
    """Charge the time since the last accounting to the guest that had the CPU."""
    cpu = this_cpu()
    used = current - cpu.accounted_at
    cpu.accounted_at = current
    if cpu.current == NOBODY:
        cpu.idle_ticks += used
        return
    vcpu = VCPUS[cpu.current]
    vcpu.runtime += used
    if vcpu.level == Level.SRT:
        reservation_charge(vcpu, used)
    else:
        turn_charge(vcpu, used)


@fn
def _runs_before(vcpu: Vcpu, best: u32, current: u64) -> bool:
    """Return whether a guest that is ready may run and goes before guest number `best` (or NOBODY)."""
    if vcpu.level == Level.HRT:
        return False
    if vcpu.level == Level.SRT and not reservation_may_run(vcpu, current):
        return False
    if best == NOBODY:
        return True
    other = VCPUS[best]
    if vcpu.level != other.level:
        return vcpu.level == Level.SRT
    if vcpu.level == Level.SRT:
        return vcpu.deadline < other.deadline
    return vcpu.fair_time < other.fair_time


@fn
def choose(current: u64) -> u32:
    """Raise the guests' timers that are due; return the number of the guest that runs next, or NOBODY.

    The CPU gets the data that `next_event` needs.
    """
    cpu = this_cpu()
    best = _NO_GUEST
    event = u64(NEVER)
    soonest = u64(NEVER)
    turns = u32(0)
    for index in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        vcpu = VCPUS[index]
        if not runs_here(vcpu):
            continue
        if vcpu.state == GuestState.READY or vcpu.state == GuestState.WAITING:
            timer_expire(vcpu, current)
            doorbell_expire(vcpu, current)
            event = min(event, min(vcpu.timer_at, vcpu.doorbell_at))
            if vcpu.level == Level.SRT and vcpu.timer_at <= soonest:
                soonest = vcpu.timer_at
                cpu.expected = index
        ready = vcpu.state == GuestState.READY
        if ready and not vcpu.counted_ready:
            _woken(vcpu, current)
        vcpu.counted_ready = ready
        if vcpu.level == Level.SRT:
            if ready and vcpu.release_at > current:
                event = min(event, vcpu.release_at)
        elif ready and vcpu.level == Level.NRT:
            turns += 1
        if ready and _runs_before(vcpu, best, current):
            best = index
    cpu.due = event
    cpu.turns = turns
    return _keep_turn(best, current)


@fn
def _woken(vcpu: Vcpu, current: u64) -> None:
    if vcpu.level == Level.SRT:
        reservation_wake(vcpu, current)
    elif vcpu.level == Level.NRT:
        turn_wake(vcpu)


@fn
def _keep_turn(best: u32, current: u64) -> u32:
    """Let an NRT guest finish its turn before another NRT guest has one."""
    cpu = this_cpu()
    if cpu.current == NOBODY or best == NOBODY or best == cpu.current:
        return best
    running = VCPUS[cpu.current]
    if turn_wanted(running) and VCPUS[best].level == Level.NRT and current < cpu.turn_ends_at:
        return cpu.current
    return best


@fn
def is_reserved(chosen: u32) -> bool:
    """Return whether an SRT guest is chosen."""
    return chosen != NOBODY and VCPUS[chosen].level == Level.SRT


@fn
def next_event(chosen: u32, current: u64) -> u64:
    """Return the next time at which the choice that was just made may change."""
    cpu = this_cpu()
    if chosen == NOBODY:
        return cpu.due
    running = VCPUS[chosen]
    running.expected = address(VCPUS[cpu.expected])
    running.expected_page = VCPUS[cpu.expected].page
    if running.level == Level.SRT:
        return min(cpu.due, current + u64(running.budget_left))
    if cpu.turns > 1:
        return min(cpu.due, cpu.turn_ends_at)
    return cpu.due


@fn
def _begin_turn(chosen: u32, current: u64) -> None:
    """Give the chosen guest a turn of its own, if it isn't in one."""
    cpu = this_cpu()
    if chosen != cpu.current or current >= cpu.turn_ends_at:
        cpu.turn_ends_at = current + u64(CONFIG.turn_ticks)


@fn
def schedule(current: u64) -> u32:
    """Account, choose, switch. Return the index of the guest that runs, or NOBODY."""
    charge(current)
    cpu = this_cpu()
    chosen = choose(current)
    cpu.reschedule = False
    if chosen != NOBODY:
        _begin_turn(chosen, current)
    if chosen != cpu.current:
        if cpu.current != NOBODY:
            context_save(VCPUS[cpu.current])
        if chosen != NOBODY:
            context_load(VCPUS[chosen])
        cpu.current = chosen
    return chosen


@fn
def alarm_advance(at_time: u64) -> None:
    """Let the alarm go off at `at_time` if it would go off later."""
    if at_time < this_cpu().event_at:
        alarm_set(at_time)


@fn
def alarm_for_output() -> None:
    """Set the alarm so that the rest of the queues is sent."""
    if output_waits():
        current = now()
        soon = current + u64(CONFIG.timer_hz // HOUSEKEEPING_HZ)
        this_cpu().housekeeping_at = min(this_cpu().housekeeping_at, soon)
        alarm_advance(soon)
