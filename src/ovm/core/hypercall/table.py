# SPDX-License-Identifier: Apache-2.0
"""The table from function identifiers to handlers (DEN0028)."""

from typing import Final

from ovm.abi.hypercalls import NULL, OWNER_HYPERVISOR, SUCCESS
from ovm.core.hypercall.console import console_write, report
from ovm.core.hypercall.context import context_set, register_write, tlb_invalidate, virtual_return
from ovm.core.hypercall.general import call_standard, call_vendor
from ovm.core.hypercall.guests import doorbell, exit_guest, guest_start_call, guest_status, guest_stop_call
from ovm.core.hypercall.memory import balloon
from ovm.core.hypercall.time import interrupt_acknowledge, time, timer_set, wait, yield_turn
from ovm.core.vcpu import Vcpu
from ovm.metal import fn, function_table, u32

FIRST_CALL: Final = NULL
# Bit 31: fast; bit 30 clear: 32-bit; owner 4 or 6 (DEN0028 2.5).
CALL_MASK: Final = 0xFD00_0000
CALL: Final = 0x8400_0000
OWNER_BITS: Final = 0x3F00_0000
NUMBER_BITS: Final = 0x00FF_FFFF


@fn
def null(vcpu: Vcpu) -> None:
    """Handle NULL, which does nothing."""
    vcpu.registers[0] = SUCCESS


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


@fn(inline=False)
def _other_call(vcpu: Vcpu, function: u32) -> bool:
    """Answer a call that isn't in the table; return False if it isn't for OVM at all."""
    if function & CALL_MASK != CALL:
        return False
    if function & OWNER_BITS == OWNER_HYPERVISOR:
        call_vendor(vcpu, function & NUMBER_BITS)
    else:
        call_standard(vcpu, function & NUMBER_BITS)
    return True


@fn(inline=True)
def hypercall(vcpu: Vcpu) -> bool:
    """Answer a fast call of owner 4 or 6 (the function is in r0); return False, with nothing done, for any other call.

    The result is in the guest's r0; r4-r11, sp and lr are untouched.
    """
    function = vcpu.registers[0]
    number = function - FIRST_CALL
    if number < len(HANDLERS):
        HANDLERS[number](vcpu)
        return True
    return _other_call(vcpu, function)
