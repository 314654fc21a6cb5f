# SPDX-License-Identifier: Apache-2.0
"""Flags, and conditions of the guest as conditions of the host (ARM A8.3).

The instruction that has just set a guest's flags has also set the host's: where both agree, a branch right after it needs no
access to memory.
"""

from typing import Final

from ovm.board.arena.x86 import (
    ADC,
    EAX,
    IF_ABOVE,
    IF_ABOVE_OR_EQUAL,
    IF_BELOW,
    IF_BELOW_OR_EQUAL,
    IF_EQUAL,
    IF_GREATER,
    IF_GREATER_OR_EQUAL,
    IF_LESS,
    IF_LESS_OR_EQUAL,
    IF_NO_SIGN,
    IF_NOT_EQUAL,
    IF_OVERFLOW,
    IF_SIGN,
    MOV,
    MOV_TO,
    SBB,
    SHR,
    compare_state,
    compare_state_byte,
    constant,
    put,
    set_state,
    shifted,
    state,
    state_byte,
)
from ovm.board.state import Cpu
from ovm.metal import Struct, fn, offsetof, static, table, u8, u32

NEGATIVE: Final = offsetof(Cpu, "negative")
ZERO: Final = offsetof(Cpu, "zero")
CARRY: Final = offsetof(Cpu, "carry")
OVERFLOW: Final = offsetof(Cpu, "overflow")

# The state of the host's flags.
UNKNOWN: Final = 0
OF_DIFFERENCE: Final = u32(1)  # as after SUB: its carry is the inverse of the guest's
OF_SUM: Final = u32(2)
OF_RESULT: Final = 3  # N and Z only

NONE: Final = 0xFF
_DIFFERENCE: Final = (
    IF_EQUAL,
    IF_NOT_EQUAL,
    IF_ABOVE_OR_EQUAL,
    IF_BELOW,
    IF_SIGN,
    IF_NO_SIGN,
    IF_OVERFLOW,
    IF_OVERFLOW ^ 1,
    IF_ABOVE,
    IF_BELOW_OR_EQUAL,
    IF_GREATER_OR_EQUAL,
    IF_LESS,
    IF_GREATER,
    IF_LESS_OR_EQUAL,
)
_SUM: Final = (*_DIFFERENCE[:2], IF_BELOW, IF_ABOVE_OR_EQUAL, *_DIFFERENCE[4:8], NONE, NONE, *_DIFFERENCE[10:])
_RESULT: Final = (*_DIFFERENCE[:2], NONE, NONE, *_DIFFERENCE[4:6], *[NONE] * 8)
HOST_CONDITION = table(u8, [*[NONE] * 14, *_DIFFERENCE, *_SUM, *_RESULT])
CONDITIONS: Final = 14


class Flags(Struct):
    """The known state of the host's flags at the place of the next byte."""

    known: u32


FLAGS = static(Flags)


@fn
def set_flags(known: u32) -> None:
    """Write N, Z, C and V of an addition whose result is in EAX and whose flags are the host's."""
    set_state(IF_ABOVE_OR_EQUAL if known == OF_DIFFERENCE else IF_BELOW, CARRY)
    set_state(IF_OVERFLOW, OVERFLOW)
    set_result(known)


@fn
def set_result(known: u32) -> None:
    """Write N and Z of EAX."""
    state(MOV_TO, EAX, NEGATIVE)
    state(MOV_TO, EAX, ZERO)
    FLAGS.known = known


@fn
def condition_of(condition: u32, known: u32) -> u32:
    """Return the host's condition for a guest's (0 to 13); write code that sets the host's flags if they don't hold it yet."""
    found = u32(HOST_CONDITION[known * CONDITIONS + condition])
    if found != NONE:
        return found
    odd = condition & 1
    match condition >> 1:
        case 0:
            compare_state(ZERO, 0)
            return IF_EQUAL ^ odd
        case 1:
            compare_state_byte(CARRY, 0)
            return IF_NOT_EQUAL ^ odd
        case 2:
            compare_state(NEGATIVE, 0)
            return IF_SIGN ^ odd
        case 3:
            compare_state_byte(OVERFLOW, 0)
            return IF_NOT_EQUAL ^ odd
        case 4:
            return _higher() ^ odd
        case 5:
            _sign_or_overflow()
            return IF_EQUAL ^ odd
        case _:
            _sign_or_overflow()
            _carry_if_zero()
            constant(ADC, EAX, 0)
            return IF_EQUAL ^ odd


@fn
def _carry_if_zero() -> None:
    """Set the host's carry if the guest's Z is set, that is if the word is below 1."""
    compare_state(ZERO, 1)


@fn
def _higher() -> u32:
    """Return the condition for C and not Z: C minus Z is 1."""
    state_byte(EAX, CARRY)
    _carry_if_zero()
    constant(SBB, EAX, 0)
    return IF_GREATER


@fn
def _sign_or_overflow() -> None:
    """Make EAX 0 where N equals V."""
    state(MOV, EAX, NEGATIVE)
    shifted(SHR, EAX, 31)
    # xor AL, [overflow]
    state(0x32, EAX, OVERFLOW)


@fn
def carry_in(inverted: bool) -> None:
    """Copy the guest's carry, or its inverse, to the host's."""
    state_byte(2, CARRY)
    if inverted:
        # cmp DL, 1
        put(0x80)
        put(0xFA)
        put(0x01)
    else:
        # add DL, 0xFF
        put(0x80)
        put(0xC2)
        put(0xFF)
