# SPDX-License-Identifier: Apache-2.0
"""Many random cases at one call: made, written to memory and executed without leaving compiled code.

A case is one instruction, or a run of some that do not branch, in a random state. `batch_words.make_cases` writes the
code of all, `execute_cases` runs them in order; the other processor (unicorn_side.py) does the same with the same bytes.
"""

from typing import Final

from ovm.board.processor.flow import pc_of
from ovm.board.processor.status import bank_of, cpsr, return_to, set_mode
from ovm.board.run.loop import run, start
from ovm.board.shortcuts.slots import drop_records
from ovm.board.state import BANK_USR, CPU
from ovm.metal import Array, Struct, VirtAddr, array, bound, fn, pointer, static, u32, u64
from tests.board.ram import host_address

MOST_ROWS: Final = 1024
MOST_CASES: Final = 4096
CODE: Final = 0x10_0000
WINDOW: Final = 0x1_0000
WINDOW_BYTES: Final = 0x1_0000
RAM_BYTES: Final = 0x40_0000
EDGE_BYTES: Final = 64
MOST_IN_STREAM: Final = 16

# Row.kind.
CONDITIONAL: Final = 1  # A32 with a condition field
MAY_BRANCH: Final = 2
LEFT_OUT: Final = 4  # judged elsewhere
HAS_TWO_HALVES: Final = 8
NO_RETURN: Final = 16  # not with Rd = PC
ALONE: Final = 32  # not in a run
STORES: Final = 64  # not to its own code: in a run not relative to the PC


class Row(Struct):
    """One encoding of a decoder's table."""

    mask: u32
    value: u32
    should: u32
    ones: u32
    free: u32
    kind: u32


class Case(Struct):
    """A state, the place of the code, and what came of it."""

    place: u32
    count: u32
    status: u32
    saved: u32
    before: Array[u32] = array(u32, 15)
    after: Array[u32] = array(u32, 15)
    pc: u32
    cpsr: u32
    done: u32
    exception: u32
    stopped: u32
    fault: u32
    row: u32
    end: u32
    jumped: u32  # the address of a branch that ended the case


ROWS = static(array(Row, MOST_ROWS))
CASES = static(array(Case, MOST_CASES))
RANDOM = static(u64)
# What the banks hold before each case: r8 to r14 of User mode.
USER_BANK = static(array(u32, 7))


@fn
def execute_cases(first: u32, count: u32) -> None:
    """Execute cases in order."""
    for number in u32.range(first, first + count, bound=MOST_CASES):
        execute(CASES[number])


@fn
def execute(case: Case) -> None:
    """Execute one case and note the state behind it, or before the instruction that took an exception."""
    CPU.exclusive = u32(0)
    return_to(case.status)
    for register in u32.range(15):
        CPU.r[register] = case.before[register]
    for register in u32.range(5):
        if case.status & 0x1F == 0x11:
            CPU.r8_usr[register] = USER_BANK[register]
    if case.status & 0xF != 0 and case.status & 0xF != 0xF:
        CPU.r13[BANK_USR] = USER_BANK[5]
        CPU.r14[BANK_USR] = USER_BANK[6]
        CPU.spsr[bank_of(CPU.mode)] = case.saved
    start(case.place)
    link = u32(0)
    case.done = u32(0)
    case.jumped = u32(0)
    CPU.exception = u32(0)
    CPU.stopped = u32(0)
    while case.done < case.count and CPU.exception == 0 and CPU.stopped == 0:
        bound(MOST_IN_STREAM)
        case.pc = pc_of(CPU.at)
        case.cpsr = cpsr()
        link = CPU.r[14]
        _one_instruction()
        if CPU.exception == 0 and CPU.stopped == 0:
            case.done += 1
            distance = pc_of(CPU.at) - case.pc
            straight = distance == 4 or (distance == 2 and CPU.thumb != 0)
            if not straight or CPU.thumb != (case.status >> 5) & 1:
                case.jumped = case.pc
                break
    _note(case, link)


@fn
def _one_instruction() -> None:
    """Execute one instruction, however many turns of the loop that takes."""
    done = u32(0)
    while done == 0 and CPU.exception == 0 and CPU.stopped == 0:
        bound(64)
        done = run(u32(1))


@fn
def clear_edges() -> None:
    """Clear what a store of several words may have written before it ran into the end of memory: that is UNKNOWN."""
    for index in u32.range(EDGE_BYTES // 4):
        for edge in u32.range(2):
            address = index * 4 + edge * (RAM_BYTES - EDGE_BYTES)
            pointer(u32, VirtAddr(host_address(address)))[0] = u32(0)
            drop_records(address, u32(4))


@fn
def forget_code() -> None:
    """Drop everything decoded."""
    for index in u32.range(RAM_BYTES // 4):
        drop_records(index * 4, u32(4))


@fn
def _note(case: Case, link: u32) -> None:
    case.exception = CPU.exception
    case.stopped = CPU.stopped
    case.fault = u32(0)
    if CPU.exception == 0 and CPU.stopped == 0:
        case.pc = pc_of(CPU.at)
        case.cpsr = cpsr()
    if CPU.exception == 0x10:
        clear_edges()
    if CPU.exception != 0:
        case.fault = CPU.world[CPU.scr & 1].dfsr if CPU.exception == 0x10 else CPU.world[CPU.scr & 1].ifsr
        set_mode(case.status & 0x1F)
    for register in u32.range(15):
        case.after[register] = CPU.r[register]
    if CPU.exception != 0:
        # The exception may have been taken to the mode that it came from.
        case.after[14] = link
