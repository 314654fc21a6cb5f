# SPDX-License-Identifier: Apache-2.0
"""Single steps, counted and traced instructions, and instructions that are decoded for one execution only.

All of them use `ATTEND_DEBUG`, with which the loop's `attend` calls `before_instruction`. CPU.slots, which each instruction
moves, shows that an instruction was executed.
"""

from typing import Final

from ovm.board.arena.drop import forget_blocks_at
from ovm.board.events import INSTRUCTION, happened
from ovm.board.processor.flow import pc_of
from ovm.board.record import record_at
from ovm.board.state import ATTEND_DEBUG, ATTEND_STOP, CORES, CPU, STOP_NONE, STOP_REQUEST
from ovm.metal import Struct, array, fn, static, u32, u64

KEPT_HANDLERS: Final = 1  # numbers up to this one are no decoded instructions


class Steps(Struct):
    """The stops of one core after the instruction in progress, and the records to drop."""

    stepping: u32  # 0 no, 1 wanted, 2 the instruction at `pc` is the one
    pc: u32
    once: u32  # a record that is decoded for one execution only; 0 is none
    pass_pc: u32  # a breakpoint at this address doesn't stop the core once, because it has stopped there already; 1 is none
    # CPU.slots, which every instruction moves, before the instruction that
    step_slots: u64  # is stepped
    once_slots: u64  # is decoded for once
    counted_slots: u64  # was counted last
    begun_slots: u64  # has begun, and is traced
    begun: u32  # the address of that one, if there is one, and the mode
    begun_mode: u32
    begun_waits: bool


class Countdown(Struct):
    """Instructions until the machine stops."""

    cores: u32  # bit n: core n's are counted
    spare: u32
    left: u64


class Traced(Struct):
    """The virtual addresses of instructions that become events."""

    first: u32
    bytes: u32


STEPS = static(array(Steps, 2))
TRACED = static(Traced)
COUNTDOWN = static(Countdown)


@fn
def forget_record(at: u32) -> None:
    """Have an instruction decoded again."""
    record = record_at(at)
    if record.handler > KEPT_HANDLERS:
        forget_blocks_at(at)
        record.handler = 0
        record.cost = 0


@fn
def forget_pass(core: u32) -> None:
    """Let a breakpoint stop a core although it has stopped there, since the core is there for another reason now."""
    STEPS[core].pass_pc = 1


@fn
def arm_step(core: u32, pc: u32) -> None:
    """Stop a core, which is at `pc`, after its next instruction, whenever that is."""
    STEPS[core].stepping = 1
    STEPS[core].pass_pc = pc
    _attend(core)


@fn
def count_down(instructions: u64, cores: u32) -> None:
    """Stop the machine when the cores of the mask are about to begin an instruction after this many more."""
    COUNTDOWN.left = instructions
    COUNTDOWN.cores = cores
    for core in u32.range(2):
        STEPS[core].counted_slots = u64(0) - 1
        _attend(core)


@fn
def trace(first: u32, size: u32) -> None:
    """Make an event of each instruction that is executed within so many bytes; 0 ends that."""
    TRACED.first = first
    TRACED.bytes = size
    for core in u32.range(2):
        STEPS[core].begun_waits = False
        if size != 0:
            _attend(core)


@fn
def disarm() -> None:
    """Cancel steps that were not made."""
    for core in u32.range(2):
        STEPS[core].stepping = 0
    COUNTDOWN.cores = 0


@fn
def _attend(core: u32) -> None:
    if CPU.number == core:
        CPU.attention |= ATTEND_DEBUG
    else:
        CORES[core].attention |= ATTEND_DEBUG


@fn(inline=False)
def before_instruction(at: u32) -> None:
    """Handle steps before the instruction at `at`; ask the core to stop where one ends.

    `attend` may call this several times for one instruction, until it is decoded or gives way to an interrupt.
    """
    steps = STEPS[CPU.number]
    if steps.once != 0 and steps.once_slots != CPU.slots:
        forget_record(steps.once)
        steps.once = 0
    if steps.begun_waits and steps.begun_slots != CPU.slots:
        steps.begun_waits = False
        happened(INSTRUCTION, steps.begun, steps.begun_mode)
    if steps.stepping == 1:
        steps.stepping = 2
        steps.pc = pc_of(at)
        steps.step_slots = CPU.slots
    elif steps.stepping == 2 and CPU.stopped == STOP_NONE and (steps.step_slots != CPU.slots or steps.pc != pc_of(at)):
        steps.stepping = 0
        steps.pass_pc = pc_of(at)
        _stop()
    if (COUNTDOWN.cores >> CPU.number) & 1 != 0 and CPU.attention & ATTEND_STOP == 0:
        _count()
    if steps.stepping == 0 and steps.once == 0 and (COUNTDOWN.cores >> CPU.number) & 1 == 0 and TRACED.bytes == 0:
        CPU.attention &= 0xFFFF_FFFF ^ ATTEND_DEBUG


@fn(inline=False)
def instruction_begins(at: u32) -> None:
    """Note an instruction that is to be executed now; its event follows once it has been."""
    if pc_of(at) - TRACED.first < TRACED.bytes:
        steps = STEPS[CPU.number]
        steps.begun = pc_of(at)
        steps.begun_mode = CPU.mode
        steps.begun_slots = CPU.slots
        steps.begun_waits = True


@fn
def _count() -> None:
    """Count the instruction that begins, unless it was counted when it began before."""
    steps = STEPS[CPU.number]
    if steps.counted_slots == CPU.slots:
        return
    if COUNTDOWN.left == 0:
        COUNTDOWN.cores = 0
        _stop()
        return
    COUNTDOWN.left -= 1
    steps.counted_slots = CPU.slots


@fn
def _stop() -> None:
    if CPU.stopped == STOP_NONE:
        CPU.stopped = STOP_REQUEST
    CPU.attention |= ATTEND_STOP
