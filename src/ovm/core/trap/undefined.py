# SPDX-License-Identifier: Apache-2.0
"""Undefined instructions: privileged and sensitive ones of a guest's kernel are emulated, others are the guest's own.

The pc is first moved back to the instruction: LR is 4 past an ARM instruction and 2 past a Thumb one, 32-bit Thumb
included (ARM B1.8.3). There is no syndrome register, so the instruction is read as the guest would read it. An instruction that
is conditional or in an IT block may trap though its condition fails; then it does nothing.
"""

from typing import Final

from ovm.arm.faults import IFSR_BITS
from ovm.arm.psr import MODE_ABT, MODE_UND, PSR_T
from ovm.core.emulate.arm import arm_conditional, arm_unconditional
from ovm.core.emulate.coprocessor import is_floating
from ovm.core.emulate.fetch import instruction_fetch
from ovm.core.emulate.outcome import Emulated, condition_holds, it_state, step_over
from ovm.core.emulate.thumb import thumb_long, thumb_short
from ovm.core.floating import floating_granted, floating_take
from ovm.core.hypercall.table import hypercall
from ovm.core.leave import leave
from ovm.core.memory.access import Access, FaultOutcome
from ovm.core.memory.guest_access import GuestWord
from ovm.core.memory.refusal import reflect
from ovm.core.report import STOP_NO_VECTORS, guest_stop
from ovm.core.trap.abort import abort_deliver
from ovm.core.vcpu import PC, Vcpu
from ovm.core.virtual.exception import VECTORS_BYTES, take_undefined, vectors_of
from ovm.metal import VirtAddr, fn, u32

ALWAYS: Final = u32(0xE)
UNCONDITIONAL: Final = 0xF
# SMC, any immediate: a second conduit for hypercalls besides SVC (ARM B9.3.14; T1 in the same section).
ARM_SMC_MASK: Final = u32(0x0FF0_00F0)
ARM_SMC: Final = u32(0x0160_0070)
THUMB_SMC_MASK: Final = u32(0xFFF0_F000)
THUMB_SMC: Final = u32(0xF7F0_8000)


@fn
def _thumb_condition(vcpu: Vcpu) -> u32:
    """Return the condition that the IT block gives the instruction (ARM A8.3.1)."""
    state = it_state(vcpu.psr)
    return state >> 4 if state & 0xF != 0 else ALWAYS


@fn
def _monitor_call(vcpu: Vcpu) -> Emulated:
    """Handle SMC: a hypercall, or Undefined as without Security Extensions."""
    pc = vcpu.registers[PC]
    psr = vcpu.psr
    # ORDER: the pc first, as after SVC; the call itself may move it.
    step_over(vcpu, 4)
    if hypercall(vcpu):
        vcpu.counters.emulated_calls += 1
        if vcpu.again:
            vcpu.again = False
            vcpu.registers[PC] = pc
            vcpu.psr = psr
        return Emulated.JUMPED
    vcpu.registers[PC] = pc
    vcpu.psr = psr
    return Emulated.UNDEFINED


@fn
def _privileged(vcpu: Vcpu, instruction: u32, thumb: bool) -> Emulated:
    """Emulate an instruction of a virtual privileged mode, whose condition holds."""
    mask = THUMB_SMC_MASK if thumb else ARM_SMC_MASK
    call = THUMB_SMC if thumb else ARM_SMC
    if instruction & mask == call:
        return _monitor_call(vcpu)
    if thumb:
        return thumb_long(vcpu, instruction) if instruction >> 16 != 0 else thumb_short(vcpu, instruction)
    if instruction >> 28 == UNCONDITIONAL:
        return arm_unconditional(vcpu, instruction)
    return arm_conditional(vcpu, instruction)


@fn
def _emulate(vcpu: Vcpu, instruction: u32, thumb: bool) -> Emulated:
    condition = _thumb_condition(vcpu) if thumb else instruction >> 28
    if not condition_holds(condition, vcpu.psr):
        return Emulated.DONE
    if is_floating(instruction, thumb):
        if not floating_granted(vcpu):
            return Emulated.UNDEFINED
        if floating_take(vcpu):
            return Emulated.JUMPED
    if vcpu.privileged == 0:
        return Emulated.UNDEFINED
    return _privileged(vcpu, instruction, thumb)


@fn
def _deliver(vcpu: Vcpu) -> None:
    """Give the guest its Undefined exception; stop it if the undefined instruction is in its vectors."""
    if vcpu.privileged != 0 and vcpu.registers[PC] - vectors_of(vcpu) < VECTORS_BYTES:
        if vcpu.mode == MODE_UND or vcpu.mode == MODE_ABT:
            # The guest's author needs the first cause.
            vcpu.registers[PC] = vcpu.last_pc
        else:
            vcpu.last_status = 0
            vcpu.last_address = vcpu.registers[PC]
        guest_stop(vcpu, STOP_NO_VECTORS, vcpu.last_status, vcpu.last_address)
        return
    vcpu.last_pc = vcpu.registers[PC]
    vcpu.last_status = 0
    vcpu.last_address = vcpu.registers[PC]
    take_undefined(vcpu)


@fn
def emulated_end(vcpu: Vcpu, outcome: Emulated, width: u32) -> None:
    """Do the rest of the work for an emulated instruction."""
    match outcome:
        case Emulated.UNDEFINED:
            _deliver(vcpu)
            return
        case Emulated.AGAIN:
            return
        case Emulated.ABORTED:
            abort_deliver(vcpu, Access.READ, FaultOutcome.REFLECT)
        case Emulated.REFUSED:
            abort_deliver(vcpu, Access.READ, FaultOutcome.REFUSED)
        case Emulated.DONE:
            step_over(vcpu, width)
        case _:
            pass
    vcpu.counters.emulated += 1


@fn(inline=False)
def undefined(vcpu: Vcpu) -> VirtAddr:
    """Handle an Undefined exception."""
    vcpu.counters.undefined += 1
    thumb = vcpu.psr & PSR_T != 0
    vcpu.registers[PC] -= 2 if thumb else 4
    word = GuestWord()
    if not instruction_fetch(vcpu, thumb, word):
        # The mapping differs from the hardware's: the guest changed its tables without maintenance. It gets the fault.
        reflect(vcpu, vcpu.registers[PC], Access.FETCH, word.status & IFSR_BITS)
        abort_deliver(vcpu, Access.FETCH, FaultOutcome.REFLECT)
        return leave(vcpu)
    emulated_end(vcpu, _emulate(vcpu, word.value, thumb), 2 if thumb and word.value >> 16 == 0 else 4)
    return leave(vcpu)
