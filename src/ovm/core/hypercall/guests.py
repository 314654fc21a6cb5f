# SPDX-License-Identifier: Apache-2.0
"""EXIT, DOORBELL, and the calls by which a guest with that right manages others."""

from ovm.abi.config import GuestState, Level
from ovm.abi.hypercalls import DENIED, INVALID_PARAMETER, SUCCESS
from ovm.core.clock import now
from ovm.core.config import CONFIG, REGIONS
from ovm.core.doorbell import doorbell_ring
from ovm.core.guest import GUESTS
from ovm.core.lifecycle import guest_ended, guest_start
from ovm.core.limits import MAX_REGIONS
from ovm.core.report import STOP_BY_MANAGER, guest_stop, report_denied
from ovm.core.schedule import alarm_advance
from ovm.core.vcpu import Vcpu, config_of, vcpu_of
from ovm.metal import fn, u32


@fn
def exit_guest(vcpu: Vcpu) -> None:
    """Handle EXIT: r1 = status."""
    guest_ended(vcpu, GuestState.EXITED, vcpu.registers[1])


@fn
def _may_manage(vcpu: Vcpu, guest: u32) -> u32:
    """Return SUCCESS, or the reason why the guest may not do this to guest number `guest`."""
    if not config_of(vcpu).flags.manager:
        report_denied(vcpu, vcpu.registers[0])
        return DENIED
    if guest >= CONFIG.guest_count or guest == vcpu.guest:
        return INVALID_PARAMETER
    return SUCCESS


@fn
def _lives(vcpu: Vcpu) -> bool:
    return vcpu.state == GuestState.READY or vcpu.state == GuestState.WAITING


@fn
def guest_start_call(vcpu: Vcpu) -> None:
    """Handle GUEST_START: r1 = guest that is held. One that has run can't run again: its memory is no longer as loaded."""
    guest = vcpu.registers[1]
    result = _may_manage(vcpu, guest)
    if result == SUCCESS:
        other = vcpu_of(guest)
        if other.state == GuestState.HELD and other.level != Level.HRT:
            guest_start(other)
        else:
            result = u32(DENIED)
    vcpu.registers[0] = result


@fn
def guest_stop_call(vcpu: Vcpu) -> None:
    """Handle GUEST_STOP: r1 = guest that runs or waits."""
    guest = vcpu.registers[1]
    result = _may_manage(vcpu, guest)
    if result == SUCCESS:
        other = vcpu_of(guest)
        if _lives(other) and other.level != Level.HRT:
            guest_stop(other, STOP_BY_MANAGER, 0, 0)
        else:
            result = u32(DENIED)
    vcpu.registers[0] = result


@fn
def guest_status(vcpu: Vcpu) -> None:
    """Handle GUEST_STATUS: r1 = guest; results: r1 = state, r2 = exit status."""
    guest = vcpu.registers[1]
    result = _may_manage(vcpu, guest)
    if result == SUCCESS:
        vcpu.registers[1] = vcpu_of(guest).state.raw
        vcpu.registers[2] = GUESTS[guest].exit_status
    vcpu.registers[0] = result


@fn
def doorbell(vcpu: Vcpu) -> None:
    """Handle DOORBELL: r1 = a channel, numbered as in the caller's vCPU page; its other ends get the doorbell interrupt.

    At an end where an interrupt came less than the channel's `ring_us` ago, it comes when that time is over.
    """
    number = vcpu.registers[1]
    vcpu.registers[0] = INVALID_PARAMETER
    count = u32(0)
    for index in u32.range(CONFIG.region_count, bound=MAX_REGIONS):
        region = REGIONS[index]
        if u32(region.guest) == vcpu.guest:
            if count == number and u32(region.key) > CONFIG.guest_count and not region.flags.device:
                alarm_advance(doorbell_ring(vcpu, region.key, now()))
                vcpu.registers[0] = SUCCESS
            count += 1
