# SPDX-License-Identifier: Apache-2.0
"""Outcomes of an emulated instruction, and the step over one."""

from typing import Final

from ovm.arm.psr import PSR_IT, PSR_T
from ovm.core.memory.access import FaultOutcome
from ovm.core.vcpu import PC, Vcpu
from ovm.metal import Enum, fn, u8, u32


class Emulated(Enum, width=u8):
    """The work that is left after an emulation."""

    # Continue behind the instruction.
    DONE = 0
    # The pc is set: an exception return, or an exception delivered.
    JUMPED = 1
    # Not an instruction that OVM knows: the guest's own Undefined exception.
    UNDEFINED = 2
    # The guest makes it again: an interrupt waits, or it has just got a frame.
    AGAIN = 3
    # The guest's Data Abort, by Vcpu.fault_status and fault_address; and one that is a refusal.
    ABORTED = 4
    REFUSED = 5


@fn
def without_data(outcome: FaultOutcome) -> Emulated:
    """Return the outcome of an instruction whose data couldn't be reached."""
    if outcome == FaultOutcome.RETRY:
        return Emulated.AGAIN
    return Emulated.REFUSED if outcome == FaultOutcome.REFUSED else Emulated.ABORTED


IT_LOW_SHIFT: Final = 25
IT_HIGH_SHIFT: Final = 10


@fn(inline=True)
def it_state(psr: u32) -> u32:
    """Return ITSTATE from its two halves (ARM A2.5.2)."""
    return psr >> IT_LOW_SHIFT & 3 | (psr >> IT_HIGH_SHIFT & 0x3F) << 2


@fn
def it_advanced(psr: u32) -> u32:
    """Return the PSR after one instruction of an IT block: ITAdvance() (ARM A2.5.2)."""
    state = it_state(psr)
    following = u32(0)
    if state & 7 != 0:
        following = state & 0xE0 | state << 1 & 0x1F
    rest = psr & ~PSR_IT
    return rest | (following & 3) << IT_LOW_SHIFT | (following >> 2) << IT_HIGH_SHIFT


@fn
def it_before(psr: u32) -> u32:
    """Return the PSR before an instruction whose condition held, from the PSR behind it: ITAdvance() undone.

    The last instruction of a block leaves no state: made again without one, it is unconditional, and leaves none again.
    """
    state = it_state(psr)
    if state & 0xF == 0:
        return psr
    # The lowest bit of its condition was shifted out; one of the two conditions holds.
    before = state & 0xE0 | state >> 1 & 0xF
    if not condition_holds(before >> 4, psr):
        before |= 0x10
    rest = psr & ~PSR_IT
    return rest | (before & 3) << IT_LOW_SHIFT | (before >> 2) << IT_HIGH_SHIFT


@fn
def step_over(vcpu: Vcpu, width: u32) -> None:
    """Continue behind the instruction, as the hardware would have done."""
    vcpu.registers[PC] += width
    if vcpu.psr & PSR_T != 0:
        vcpu.psr = it_advanced(vcpu.psr)


@fn
def condition_holds(condition: u32, psr: u32) -> bool:
    """Return ConditionPassed() (ARM A8.3.1)."""
    negative = psr >> 31 & 1
    zero = psr >> 30 & 1
    carry = psr >> 29 & 1
    overflow = psr >> 28 & 1
    result = True
    match condition >> 1:
        case 0:
            result = zero == 1
        case 1:
            result = carry == 1
        case 2:
            result = negative == 1
        case 3:
            result = overflow == 1
        case 4:
            result = carry == 1 and zero == 0
        case 5:
            result = negative == overflow
        case 6:
            result = negative == overflow and zero == 0
        case _:
            return True
    return not result if condition & 1 != 0 else result
