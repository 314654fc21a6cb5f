# SPDX-License-Identifier: Apache-2.0
"""Many single steps with extension registers at one call: the state before and behind each is in `CASES`."""

from typing import Final

from ovm.board.processor.flow import pc_of
from ovm.board.processor.status import cpsr, return_to, set_mode
from ovm.board.run.loop import run, start
from ovm.board.shortcuts.slots import drop_records
from ovm.board.state import CPU
from ovm.board.vfp.state import FLOATING, FPEXC_EN, get_double, set_double
from ovm.metal import Array, Struct, array, bound, fn, static, u32, u64
from tests.board.batch import clear_edges

MOST_CASES: Final = 1024


class FloatingCase(Struct):
    """A state and what came of it; `failed` is an exception, `stopped` a reason to stop."""

    doubles: Array[u64] = array(u64, 32)
    status: u32
    registers: Array[u32] = array(u32, 15)
    fpscr: u32
    place: u32
    doubles_after: Array[u64] = array(u64, 32)
    registers_after: Array[u32] = array(u32, 15)
    pc: u32
    cpsr: u32
    fpscr_after: u32
    failed: u32
    stopped: u32
    fault: u32
    spare: u32


CASES = static(array(FloatingCase, MOST_CASES), align=64)


@fn
def execute_floating(first: u32, count: u32) -> None:
    """Execute cases in order."""
    CPU.cpacr = u32(0xF << 20)
    for number in u32.range(first, first + count, bound=MOST_CASES):
        _execute(CASES[number])


@fn
def _execute(case: FloatingCase) -> None:
    drop_records(case.place, u32(4))
    return_to(case.status)
    for register in u32.range(15):
        CPU.r[register] = case.registers[register]
    for register in u32.range(32):
        set_double(FLOATING[0], register, case.doubles[register])
    FLOATING[0].fpscr = case.fpscr
    FLOATING[0].fpexc = u32(FPEXC_EN)
    start(case.place)
    CPU.exception = u32(0)
    CPU.stopped = u32(0)
    done = u32(0)
    while done == 0 and CPU.exception == 0 and CPU.stopped == 0:
        bound(64)
        done = run(u32(1))
    _note(case)


@fn
def _note(case: FloatingCase) -> None:
    case.failed = CPU.exception
    case.stopped = CPU.stopped
    case.pc = pc_of(CPU.at)
    case.cpsr = cpsr()
    case.fault = u32(0)
    if CPU.exception != 0:
        case.fault = CPU.world[0].dfsr if CPU.exception == 0x10 else CPU.world[0].ifsr
        set_mode(case.status & 0x1F)
    if CPU.exception == 0x10:
        clear_edges()
    for register in u32.range(15):
        case.registers_after[register] = CPU.r[register]
    for register in u32.range(32):
        case.doubles_after[register] = get_double(FLOATING[0], register)
    case.fpscr_after = FLOATING[0].fpscr
