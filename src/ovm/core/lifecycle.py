# SPDX-License-Identifier: Apache-2.0
"""Life of a guest: start, exit, stop."""

from ovm.abi.config import GuestState, Level
from ovm.core.config import CONFIG
from ovm.core.console import console_close
from ovm.core.cpu import this_cpu
from ovm.core.floating import floating_forget
from ovm.core.limits import MAX_GUESTS
from ovm.core.memory.guest import guest_memory_start, guest_memory_stop
from ovm.core.record import field_number, record_about, record_end
from ovm.core.start_state import start_state
from ovm.core.vcpu import VCPUS, Vcpu, guest_of
from ovm.metal import fn, text, u32


@fn
def guest_start(vcpu: Vcpu) -> None:
    """Give a guest its memory and its initial state, and make it ready."""
    guest_memory_start(vcpu)
    start_state(vcpu)
    vcpu.state = GuestState.READY
    this_cpu().reschedule = True


@fn
def guest_ended(vcpu: Vcpu, state: GuestState, status: u32) -> None:
    """Note that a guest has ended, exited with a status or stopped by OVM; its memory goes back."""
    vcpu.state = state
    guest_of(vcpu).exit_status = status
    vcpu.waits_console = False
    console_close(vcpu.guest)
    if state == GuestState.EXITED:
        record_about(vcpu.guest, text("exit"))
        field_number(text("status"), status)
        record_end()
    if vcpu.level != Level.HRT:
        guest_memory_stop(vcpu)
        # Its frames go back in parts, in housekeeping.
        vcpu.releasing = True
        this_cpu().housekeeping_at = 0
        floating_forget(vcpu.guest)
    this_cpu().reschedule = True


@fn
def guests_left() -> bool:
    """Return whether any guest still runs or waits. A held guest doesn't count: no guest is left to start it."""
    for index in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        state = VCPUS[index].state
        if state == GuestState.READY or state == GuestState.WAITING:
            return True
    return False
