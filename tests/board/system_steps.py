# SPDX-License-Identifier: Apache-2.0
"""Single steps with all banked registers: for instructions that reach other modes."""

from typing import Final

from ovm.arm.psr import MODE_SYS
from ovm.board.processor.status import set_mode
from ovm.board.state import CPU
from ovm.metal import array, fn, static, u32
from tests.board.batch import CASES, MOST_CASES, execute

# r8 to r12 of FIQ; r13, r14 and SPSR of FIQ, IRQ, Supervisor, Abort, Undefined; r8 to r14 of User.
FIQ_ONLY: Final = 5
BANKED_MODES: Final = 5
USER_FROM: Final = FIQ_ONLY + 3 * BANKED_MODES
ALL_BANKED: Final = USER_FROM + 7
BANKS = static(array(u32, ALL_BANKED))
AFTER = static(array(u32, ALL_BANKED * MOST_CASES))


@fn
def execute_system(first: u32, count: u32) -> None:
    """Execute cases in order, each from the same banks."""
    for number in u32.range(first, first + count, bound=MOST_CASES):
        _fill_banks()
        execute(CASES[number])
        _keep_banks(number * ALL_BANKED)


@fn
def _fill_banks() -> None:
    set_mode(u32(MODE_SYS))
    for index in u32.range(FIQ_ONLY):
        CPU.r8_fiq[index] = BANKS[index]
    for bank in u32.range(BANKED_MODES):
        CPU.r13[bank + 1] = BANKS[FIQ_ONLY + bank * 3]
        CPU.r14[bank + 1] = BANKS[FIQ_ONLY + bank * 3 + 1]
        CPU.spsr[bank + 1] = BANKS[FIQ_ONLY + bank * 3 + 2]
    for index in u32.range(7):
        CPU.r[8 + index] = BANKS[USER_FROM + index]


@fn
def _keep_banks(place: u32) -> None:
    set_mode(u32(MODE_SYS))
    for index in u32.range(FIQ_ONLY):
        AFTER[place + index] = CPU.r8_fiq[index]
    for bank in u32.range(BANKED_MODES):
        at = place + (FIQ_ONLY + bank * 3)
        AFTER[at] = CPU.r13[bank + 1]
        AFTER[at + 1] = CPU.r14[bank + 1]
        AFTER[at + 2] = CPU.spsr[bank + 1]
    for index in u32.range(7):
        AFTER[place + (USER_FROM + index)] = CPU.r[8 + index]
