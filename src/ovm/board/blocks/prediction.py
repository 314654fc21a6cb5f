# SPDX-License-Identifier: Apache-2.0
"""Updates of the predictor by branches, as host code; the rules are those of `execute/predict.py`.

If a counter was sure of the direction, the branch is settled in line: the counter doesn't change. Others use code that all
blocks share, without a jump on the prediction, which the host would mispredict as often as the guest. Mispredicted returns and
indirect branches are left to their handlers before anything has been done.
"""

from typing import Final

from ovm.board.arena import x86
from ovm.board.arena.place import BLOCKS
from ovm.board.arena.x86 import EAX, ECX, EDX, MOV, MOV_TO, R14, both, both_wide, constant, increment, jump_if, put, state
from ovm.board.execute.predict import STRONGLY_TAKEN
from ovm.board.parameters import PARAMETERS, Parameters
from ovm.board.predictor import BTAC, SETS, VALID, WAYS, Target
from ovm.board.state import CPU, RETURNS, Cpu
from ovm.metal import address, fn, offsetof, sizeof, u32, unroll

HISTORY: Final = offsetof(Cpu, "history")
HISTORY_MASK: Final = offsetof(Cpu, "history_mask")
COUNTERS: Final = offsetof(Cpu, "counters")
COUNTER_MASK: Final = offsetof(Cpu, "counter_mask")
BRANCHES: Final = offsetof(Cpu, "branches")
MISPREDICTS: Final = offsetof(Cpu, "mispredicts")
RETURN_TOP: Final = offsetof(Cpu, "return_top")
RETURN_STACK: Final = offsetof(Cpu, "returns")
STALLED: Final = offsetof(Cpu, "stalled")
LIMIT: Final = offsetof(Cpu, "limit")
MISPREDICT: Final = offsetof(Parameters, "mispredict")
TARGET: Final = offsetof(Target, "target")
ENTRY_BYTES: Final = sizeof(Target)

CMOVBE: Final = bytes.fromhex("48 0F 46 C8")  # cmovbe RCX, RAX
ADD_TO_FIRST: Final = bytes.fromhex("48 01 44 24 08")  # add [RSP + 8], RAX: what R14 was at first, under a return address
SET_RETURN: Final = bytes.fromhex("89 84 8B")  # mov [RBX + 4 * RCX + what follows], EAX
COMPARE_RETURN: Final = bytes.fromhex("3B 84 93")  # cmp EAX, [RBX + 4 * RDX + what follows]
RETURN: Final = 0xC3


@fn
def expect(counter: u32, taken: u32) -> u32:
    """Settle a direction of which the counter was sure; return the jump that is taken if it was not.

    EAX is then the counter's address, ECX the history.
    """
    compare_counter(counter, taken)
    site = jump_if(x86.IF_NOT_EQUAL)
    _remember(taken)
    return site


@fn
def compare_counter(counter: u32, taken: u32) -> None:
    """Compare a counter, to which EAX is made to point, with one that is sure of a direction. ECX is the history then."""
    state(MOV, ECX, HISTORY)
    both(MOV, EAX, ECX)
    constant(x86.XOR, EAX, counter)
    state(x86.ADD, EAX, COUNTERS)
    _counter(0x80, 7)  # cmp byte
    put(taken * STRONGLY_TAKEN)


@fn
def remember_taken() -> None:
    """Add a branch that was surely taken to the history. Changes ECX."""
    state(MOV, ECX, HISTORY)
    _remember(1)


@fn
def _counter(opcode: u32, register: u32) -> None:
    """Write the code of `opcode` with [R12 + RAX]."""
    put(0x41)
    put(opcode)
    x86.place(register, 0)


@fn
def _remember(taken: u32) -> None:
    """Count a branch, and add its direction to the history, which is in ECX."""
    both(x86.ADD, ECX, ECX)
    if taken != 0:
        constant(x86.OR, ECX, 1)
    state(x86.AND, ECX, HISTORY_MASK)
    state(MOV_TO, ECX, HISTORY)
    increment(BRANCHES)


@fn
def write_ways() -> None:
    """Write the code for directions of which the counter was not sure, and for a branch without prediction."""
    BLOCKS.not_taken = BLOCKS.here
    _uncertain(0)
    first = x86.jump()
    BLOCKS.taken = BLOCKS.here
    _uncertain(1)
    second = x86.jump()
    BLOCKS.wrong = BLOCKS.here
    constant(x86.OR, EAX, ~u32(0))
    x86.link(first, BLOCKS.here)
    x86.link(second, BLOCKS.here)
    _wait()


@fn
def _uncertain(taken: u32) -> None:
    """Move a counter, at EAX; make EAX all ones if it was wrong, else 0."""
    _remember(taken)
    put(0x41)
    put(0x0F)
    put(x86.MOVZX_BYTE)
    x86.place(ECX, 0)
    state(x86.AND, ECX, COUNTER_MASK)
    # Not taken: one less except at 0, wrong if it is still above 0. Taken: one more except at 3, wrong if still below 3.
    constant(x86.CMP, ECX, taken * (STRONGLY_TAKEN - 1) + 1)
    constant(x86.ADC, ECX, taken - 1)
    _counter(0x88, ECX)
    constant(x86.CMP, ECX, taken * (STRONGLY_TAKEN - 1) + 1)
    both(x86.SBB, EAX, EAX)
    if taken == 0:
        constant(x86.XOR, EAX, ~u32(0))


@fn
def _wait() -> None:
    """Count a misprediction, and wait for it, if EAX is all ones; return to the block."""
    state(x86.SUB_TO, EAX, MISPREDICTS)
    state(x86.AND, EAX, u32(address(PARAMETERS)) + MISPREDICT - u32(address(CPU)))
    put(0x48)
    state(x86.ADD_TO, EAX, STALLED)
    both(x86.ADD, EAX, EAX)  # two slots a cycle
    both_wide(x86.ADD, R14, EAX)
    for each in unroll(ADD_TO_FIRST):
        put(u32(each))
    put(0x48)
    state(MOV, ECX, LIMIT)
    both_wide(x86.SUB, ECX, EAX)
    constant(MOV, EAX, 1)
    for each in unroll(CMOVBE):
        put(u32(each))
    put(0x48)
    state(MOV_TO, ECX, LIMIT)
    put(RETURN)


@fn
def push_return() -> None:
    """Put EAX on the return stack."""
    state(MOV, ECX, RETURN_TOP)
    constant(x86.AND, ECX, RETURNS - 1)
    for each in unroll(SET_RETURN):
        put(u32(each))
    x86.put_word(RETURN_STACK)
    increment(RETURN_TOP)


@fn
def compare_return() -> None:
    """Compare EAX with the top of the return stack, and put the new top's index into ECX."""
    state(MOV, ECX, RETURN_TOP)
    constant(x86.SUB, ECX, 1)
    both(MOV, EDX, ECX)
    constant(x86.AND, EDX, RETURNS - 1)
    for each in unroll(COMPARE_RETURN):
        put(u32(each))
    x86.put_word(RETURN_STACK)


@fn
def pop_return() -> None:
    """Pop a right prediction off the return stack."""
    state(MOV_TO, ECX, RETURN_TOP)


@fn
def compare_target(offset: u32) -> None:
    """Compare EAX with the BTAC's target of the branch at an offset in its page, whose address is in ECX."""
    constant(x86.OR, ECX, VALID)
    first = (CPU.number * SETS + (offset >> 2) % SETS) * WAYS
    entry = u32(address(BTAC)) + first * ENTRY_BYTES - u32(address(CPU))
    state(x86.CMP, ECX, entry)
    site = jump_if(x86.IF_NOT_EQUAL)
    state(x86.CMP, EAX, entry + TARGET)
    found = x86.jump()
    x86.link(site, BLOCKS.here)
    state(x86.CMP, ECX, entry + ENTRY_BYTES)
    site = jump_if(x86.IF_NOT_EQUAL)
    state(x86.CMP, EAX, entry + ENTRY_BYTES + TARGET)
    x86.link(site, BLOCKS.here)
    x86.link(found, BLOCKS.here)
