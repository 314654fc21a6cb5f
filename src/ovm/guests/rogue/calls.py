# SPDX-License-Identifier: Apache-2.0
"""Hypercalls with hostile arguments.

A call must answer with the right error, or not be a hypercall at all. Calls that OVM rightly grants, and calls that would only
end the attacker, are left out: EXIT, WAIT, PSCI's ways to switch oneself off.
"""

from typing import Final

from ovm.abi import hypercalls
from ovm.abi.hypercalls import (
    BALLOON_RELEASE,
    CALL_COUNT,
    CONSOLE_WRITE,
    CONTEXT_SET,
    DOORBELL,
    FAST_CALL,
    GUEST_START,
    GUEST_STATUS,
    GUEST_STOP,
    NULL,
    OWNER_HYPERVISOR,
    OWNER_STANDARD,
    REGISTER_WRITE,
    REPORT,
    REPORT_KEYS,
    TIMER_SET,
    TLB_INVALIDATE,
    YIELD,
)
from ovm.arm.assembly import symbol_address
from ovm.guests.rogue.memory import is_own
from ovm.guests.rogue.tally import close_chapter, count
from ovm.guests.rogue.trap import DONE, DONE_ADDRESS, LAST, PREFETCH_ABORT, SUPERVISOR, USER, attempt, attempt_with
from ovm.metal import asm_block, asm_value, fn, naked, rotate_right, symbol, table, text, u32

# The value that `call_piece` leaves when the SVC went to this guest's own vector: it wasn't a hypercall.
NOT_CALLED: Final = 0x0BAD_CAFE
# Identifiers that must be refused with these arguments: identifier, r1, r2.
_REFUSED: Final = (
    (CONSOLE_WRITE, 25, 0),
    (CONSOLE_WRITE, 0xFFFF_FFFF, 0),
    (CONSOLE_WRITE, 0x8000_0018, 0),
    (REPORT, REPORT_KEYS, 1),
    (REPORT, 0xFFFF_FFFF, 1),
    (BALLOON_RELEASE, 0xFFFF_F000, 2),
    (BALLOON_RELEASE, 0x6000_0000, 1),
    (BALLOON_RELEASE, 0x0000_0000, 0xFFFF_FFFF),
    (BALLOON_RELEASE, 0x1000_0001, 1),
    (TLB_INVALIDATE, 3, 0),
    (TLB_INVALIDATE, 0xFFFF_FFFF, 0),
    (REGISTER_WRITE, 4, 0xFFFF_FFFF),
    (REGISTER_WRITE, 0xFFFF_FFFF, 0xFFFF_FFFF),
    (DOORBELL, 0xFFFF_FFFF, 0),
    (DOORBELL, 0x8000_0000, 0),
    (GUEST_START, 0, 0),
    (GUEST_START, 1, 0),
    (GUEST_START, 0xFFFF_FFFF, 0),
    (GUEST_STOP, 0, 0),
    (GUEST_STOP, 1, 0),
    (GUEST_STOP, 2, 0),
    (GUEST_STOP, 0xFFFF_FFFF, 0),
    (GUEST_STATUS, 0, 0),
    (GUEST_STATUS, 0x4000_0000, 0),
    # PSCI: CPU_SUSPEND, CPU_ON, AFFINITY_INFO, MIGRATE are not for guests.
    (FAST_CALL | OWNER_STANDARD | 1, 0, 0x6000_0000),
    (FAST_CALL | OWNER_STANDARD | 3, 1, 0x6000_0000),
    (FAST_CALL | OWNER_STANDARD | 4, 1, 0),
    (FAST_CALL | OWNER_STANDARD | 5, 1, 0),
)
REFUSED: Final = table(u32, [word for triple in _REFUSED for word in triple])
# Calls that may be granted whatever their arguments, and must do no harm.
GRANTED: Final = table(u32, [NULL, YIELD, TIMER_SET, CONTEXT_SET, TLB_INVALIDATE, CALL_COUNT, BALLOON_RELEASE])
HOSTILE: Final = table(
    u32,
    [0, 1, 3, 25, 0xFFF, 0x1000_0001, 0x6000_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_F000, 0xFFFF_E000, 0xFFFF_FFFF],
)
# PSRs to return with: Monitor, Hyp and undefined modes, 26-bit modes, big-endian, Jazelle, IT bits, everything.
PSRS: Final = table(
    u32,
    [0x16, 0xD6, 0x1A, 0x1B, 0x18, 0x14, 0x00, 0x03, 0x11, 0x12, 0x17, 0x1F, 0x210, 0x3D3, 0x0100_0010, 0x0600_FC10]
    + [0xFFFF_FFD6, 0xFFFF_FFDA, 0xFFFF_FFDF, 0xF8FF_FFD0],
)
_RANDOM_CALLS: Final = 128
# The first function number that no call of OVM's or of PSCI's has, and where OVM's general queries begin.
_FREE_NUMBERS: Final = 0x40
_QUERIES: Final = 0xFF00


@naked
def call_piece() -> None:
    """Call with r0 to r2 as given and all ones in the rest; leave the answer in r5."""
    asm_block("""
        mov r3, #-1
        mov r4, #-1
        mov r6, #-1
        mov r7, #-1
        svc #0
        mov r5, r0
        bx lr
    """)


CALL_PIECE_ADDRESS: Final = symbol_address(symbol(call_piece))


@fn
def hostile_call(psr: u32, function: u32, first: u32, second: u32) -> None:
    """Make a call; LAST holds its result."""
    attempt_with(asm_value(u32, CALL_PIECE_ADDRESS), psr, function, first, second)


@fn
def refused() -> bool:
    """Return whether the last call was answered with one of the standard's errors."""
    match LAST.value:
        case hypercalls.NOT_SUPPORTED | hypercalls.INVALID_PARAMETER | hypercalls.DENIED:
            return LAST.outcome == DONE
        case _:
            return False


@fn
def not_called() -> bool:
    """Return whether the last call was no hypercall but a system call of this guest."""
    return LAST.outcome == DONE and LAST.value == NOT_CALLED


@fn
def try_known_calls() -> None:
    """Make each known call with arguments that it must refuse, then with any arguments those that OVM may grant."""
    for index in u32.range(len(REFUSED) // 3):
        function = REFUSED[index * 3]
        hostile_call(SUPERVISOR, function, REFUSED[index * 3 + 1], REFUSED[index * 3 + 2])
        count(not refused(), text("call"), function)
        hostile_call(USER, function, REFUSED[index * 3 + 1], REFUSED[index * 3 + 2])
        count(not not_called(), text("call of an application"), function)
    for index in u32.range(len(GRANTED)):
        for other in u32.range(len(HOSTILE)):
            hostile_call(SUPERVISOR, GRANTED[index], HOSTILE[other], HOSTILE[len(HOSTILE) - 1 - other])
            count(LAST.outcome != DONE, text("call"), GRANTED[index])


@fn
def try_unknown_calls() -> None:
    """Make calls that don't exist: random numbers of known owners, then random identifiers."""
    for index in u32.range(_RANDOM_CALLS):
        mixed = rotate_right((index + 1) * 0x9E37_79B1, 13)
        number = _FREE_NUMBERS + mixed % (_QUERIES - _FREE_NUMBERS)
        hostile_call(SUPERVISOR, number | (FAST_CALL | OWNER_HYPERVISOR), mixed, ~mixed)
        count(not refused(), text("unknown call"), number)
        hostile_call(SUPERVISOR, number | (FAST_CALL | OWNER_STANDARD), mixed, ~mixed)
        count(not refused(), text("unknown standard call"), number)
        hostile_call(SUPERVISOR, mixed | _FREE_NUMBERS, ~mixed, mixed)
        count(not refused() and not not_called(), text("random call"), mixed)


@fn
def try_returns() -> None:
    """Return to modes that a guest can't have, and to addresses outside its memory."""
    for index in u32.range(len(PSRS)):
        attempt(asm_value(u32, DONE_ADDRESS), PSRS[index], 0, 0)
        count(False, text("return"), PSRS[index])
    for index in u32.range(len(HOSTILE)):
        place = HOSTILE[index] & 0xFFFF_F000
        if not is_own(place):
            outcome = attempt(place, SUPERVISOR, 0, 0)
            count(outcome != PREFETCH_ABORT, text("return to"), place)


@fn
def try_calls() -> None:
    """Make every hostile call."""
    try_known_calls()
    try_unknown_calls()
    try_returns()
    close_chapter(text("hypercalls"))
