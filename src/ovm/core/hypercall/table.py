# SPDX-License-Identifier: Apache-2.0
"""From a function identifier to its handler (DEN0028)."""

from typing import Final

from ovm.abi.hypercalls import OWNER_HYPERVISOR, SUCCESS
from ovm.core.hypercall.console import console_write, report
from ovm.core.hypercall.context import context_set, register_write, tlb_invalidate, virtual_return
from ovm.core.hypercall.general import call_standard, call_vendor
from ovm.core.hypercall.guests import doorbell, exit_guest, guest_start_call, guest_status, guest_stop_call
from ovm.core.hypercall.memory import balloon
from ovm.core.hypercall.time import interrupt_acknowledge, time, timer_set, wait, yield_turn
from ovm.core.vcpu import Vcpu
from ovm.metal import fn, function_table, u32

OWNER_BITS: Final = 0x3F00_0000
NUMBER_BITS: Final = 0x00FF_FFFF


@fn
def null(vcpu: Vcpu) -> None:
    """NULL: nothing."""
    vcpu.registers[0] = u32(SUCCESS)


# In the order of their numbers.
HANDLERS = function_table(
    null,
    console_write,
    time,
    timer_set,
    interrupt_acknowledge,
    wait,
    yield_turn,
    exit_guest,
    virtual_return,
    context_set,
    tlb_invalidate,
    balloon,
    report,
    doorbell,
    guest_start_call,
    guest_stop_call,
    guest_status,
    register_write,
)
HANDLER_COUNT: Final = 18


@fn(inline=True)
def hypercall(vcpu: Vcpu, function: u32) -> None:
    """Answer a fast call of owner 4 or 6. The result is in the guest's r0; r4-r11, sp and lr are untouched."""
    vcpu.counters.hypercalls += 1
    number = function & NUMBER_BITS
    if function & OWNER_BITS != OWNER_HYPERVISOR:
        call_standard(vcpu, number)
    elif number < HANDLER_COUNT:
        HANDLERS[number](vcpu)
    else:
        call_vendor(vcpu, number)

