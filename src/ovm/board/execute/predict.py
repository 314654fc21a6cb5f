# SPDX-License-Identifier: Apache-2.0
"""The effects of a branch on the predictor, and of the predictor on the branch's time.

The common cases are `taken` and `not_taken`, for direct branches with a condition of their own. Conditions that come from
elsewhere than the handler (A32's of calls and returns, IT blocks) and prediction that is off take longer ways to the same
rules. Call these before the page in progress changes.
"""

from typing import Final

from ovm.board.clock import SLOTS_PER_CYCLE, stall
from ovm.board.parameters import PARAMETERS
from ovm.board.predictor import BTAC, NEXT_WAY, SETS, USED_SETS, VALID, WAYS, counter_of
from ovm.board.processor.flow import pc_of
from ovm.board.record import CARE_IT, Record
from ovm.board.state import CPU, RETURNS
from ovm.metal import VirtAddr, fn, pointer, u8, u32, u64

STRONGLY_TAKEN: Final = 3  # 0 is strongly not taken; from 2 on taken is predicted


@fn(inline=True)
def taken(record: Record) -> None:
    """Count a taken conditional branch, whose counter is `aux`."""
    _taken(CPU.counters + (CPU.history ^ u32(record.aux)))


@fn(inline=True)
def not_taken(record: Record) -> None:
    """Count a conditional branch that is not taken, whose counter is `aux`."""
    _not_taken(CPU.counters + (CPU.history ^ u32(record.aux)))


@fn(inline=True)
def _taken(counter: u32) -> None:
    before = _state(counter)
    pointer(u8, VirtAddr(counter))[0] = u8(before + u32(before < STRONGLY_TAKEN))
    _settle((before >> 1) ^ 1)
    CPU.history = (CPU.history * 2 + 1) & CPU.history_mask


@fn(inline=True)
def _not_taken(counter: u32) -> None:
    before = _state(counter)
    pointer(u8, VirtAddr(counter))[0] = u8(before - u32(before > 0))
    _settle(before >> 1)
    CPU.history = (CPU.history * 2) & CPU.history_mask


@fn(inline=True)
def _state(counter: u32) -> u32:
    return u32(pointer(u8, VirtAddr(counter))[0]) & CPU.counter_mask


@fn(inline=True)
def _settle(wrong: u32) -> None:
    """Count a branch; 1: its direction was mispredicted. There is no test of that, which the host would mispredict as often."""
    cycles = (0 - wrong) & PARAMETERS.mispredict
    slots = u64(cycles * SLOTS_PER_CYCLE)
    CPU.stalled += u64(cycles)
    CPU.limit = CPU.limit - slots if CPU.limit > slots else 1
    CPU.mispredicts += wrong
    CPU.branches += 1


@fn(inline=False)
def _mispredicted() -> None:
    CPU.mispredicts += 1
    stall(PARAMETERS.mispredict)


@fn(inline=True)
def plain(record: Record) -> bool:
    """Return whether a branch without a condition of its own has none from elsewhere either, and prediction is on."""
    return u32(record.condition) | CPU.unpredicted == 0


@fn(inline=True)
def direct(record: Record, at: u32) -> None:
    """Count a taken branch to a target in the instruction."""
    CPU.branches += 1
    if not plain(record):
        _direct(record, at)


@fn(inline=False)
def _direct(record: Record, at: u32) -> None:
    if CPU.unpredicted != 0 or _surprised(record, at):
        _mispredicted()


@fn
def _conditional(record: Record) -> bool:
    """Return whether a branch has a condition, in A32 or by an IT block, which then is the one in progress."""
    condition = u32(record.condition)
    return condition & 15 != 0 or (condition & CARE_IT != 0 and CPU.it_now >> 5 != 7)


@fn
def _surprised(record: Record, at: u32) -> bool:
    """Update the counter of a taken branch, if it has a condition; return whether the counter was wrong."""
    if not _conditional(record):
        return False
    counter = CPU.counters + (CPU.history ^ counter_of(pc_of(at)))
    before = _state(counter)
    pointer(u8, VirtAddr(counter))[0] = u8(before + u32(before < STRONGLY_TAKEN))
    CPU.history = (CPU.history * 2 + 1) & CPU.history_mask
    return before >> 1 == 0


@fn(inline=False)
def passed_over(at: u32) -> None:
    """Count a branch that is not taken by a condition outside its handler."""
    _not_taken(CPU.counters + (CPU.history ^ counter_of(pc_of(at))))


@fn(inline=True)
def push_return(link: u32) -> None:
    """Push a call's return address, the value of r14, on the return stack. The ninth drops the first."""
    CPU.returns[CPU.return_top % RETURNS] = link
    CPU.return_top += 1


@fn(inline=True)
def _pop_return() -> u32:
    CPU.return_top -= 1
    return CPU.returns[CPU.return_top % RETURNS]


@fn(inline=True)
def returned(record: Record, at: u32, target: u32) -> None:
    """Count a return, with the instruction set in bit 0 of its target."""
    CPU.branches += 1
    if not plain(record):
        _returned(record, at, target)
    elif _pop_return() != target:
        _mispredicted()


@fn(inline=False)
def _returned(record: Record, at: u32, target: u32) -> None:
    if CPU.unpredicted != 0:
        _mispredicted()
        return
    wrong = _surprised(record, at)
    if _pop_return() != target or wrong:
        _mispredicted()


@fn(inline=False)
def indirect(record: Record, at: u32, target: u32) -> None:
    """Count any other branch to an address that is not in the instruction; bit 0 of its target is the instruction set."""
    CPU.branches += 1
    if CPU.unpredicted != 0:
        _mispredicted()
        return
    wrong = _surprised(record, at)
    if not _known(pc_of(at), target) or wrong:
        _mispredicted()


@fn
def _known(where: u32, target: u32) -> bool:
    """Return whether the BTAC had `target`; it has it from now on."""
    number = CPU.number * SETS + (where >> 2) % SETS
    for way in u32.range(WAYS):
        entry = BTAC[number * WAYS + way]
        if entry.branch == where | VALID:
            same = entry.target == target
            entry.target = target
            return same
    USED_SETS[number // 32] |= 1 << (number % 32)
    entry = BTAC[number * WAYS + u32(NEXT_WAY[number])]
    NEXT_WAY[number] ^= 1
    entry.branch = where | VALID
    entry.target = target
    return False
