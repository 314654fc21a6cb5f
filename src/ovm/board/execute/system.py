# SPDX-License-Identifier: Apache-2.0
"""Status registers, exception-generating instructions, hints (ARM A5.2.10 to A5.2.12, B9.3)."""

from typing import Final

from ovm.board import clock
from ovm.board.cache.prefetch import prefetch_stop
from ovm.board.parameters import PARAMETERS
from ovm.board.processor.exceptions import (
    absent,
    debug_event,
    interrupt_pending,
    monitor_call,
    stop,
    supervisor_call,
    undefined,
    unpredictable,
)
from ovm.board.processor.flow import after, goto_page, pc_of
from ovm.board.processor.status import bank_of, cpsr, may_enter, set_endian, set_it_state, set_masks, set_mode, spsr, write_cpsr
from ovm.board.record import Record
from ovm.board.state import ATTEND_IT_NOW, CPU, STOP_WAIT
from ovm.board.worlds import privileged
from ovm.metal import fn, u32

# Variants of `hint`.
NOP: Final = 0
WFE: Final = 2
WFI: Final = 3
SEV: Final = 4
BARRIER: Final = 5  # DMB
SYNCHRONISE: Final = 6  # ISB
DATA_SYNCHRONISE: Final = 7  # DSB
PSR_SETTABLE: Final = 0xFF0F_FFFF
CPS_MODE: Final = 1 << 0
CPS_ENABLE: Final = 1 << 1
CPS_DISABLE: Final = 1 << 2


@fn(inline=True)
def page_end(record: Record, at: u32, variant: u32) -> u32:
    """Continue in the next page; this isn't an instruction."""
    CPU.uncounted += 1
    return goto_page(pc_of(at))


@fn(inline=True)
def undefined_instruction(record: Record, at: u32, variant: u32) -> u32:
    """Execute UDF, and every encoding that is UNDEFINED on this core."""
    return undefined(at)


@fn(inline=True)
def unpredictable_instruction(record: Record, at: u32, variant: u32) -> u32:
    """Stop at an encoding that the manual calls UNPREDICTABLE."""
    return unpredictable(at, record.imm)


@fn(inline=True)
def absent_instruction(record: Record, at: u32, variant: u32) -> u32:
    """Stop at an instruction that the core has and this model doesn't."""
    return absent(at, record.imm)


@fn(inline=False)
def _call(record: Record, at: u32, variant: u32) -> u32:
    # The call is complete when its exception is taken: the saved ITSTATE is that of the next instruction.
    following = pc_of(at) + u32(record.step) // (u32(8) if CPU.thumb != 0 else u32(4))
    if variant == 0:
        CPU.attention &= 0xFFFF_FFFF ^ ATTEND_IT_NOW
        return supervisor_call(following)
    if not privileged():
        return undefined(at)
    CPU.attention &= 0xFFFF_FFFF ^ ATTEND_IT_NOW
    return monitor_call(following)


@fn(inline=True)
def call(record: Record, at: u32, variant: u32) -> u32:
    """Execute SVC (variant 0), SMC (1)."""
    return _call(record, at, variant)


@fn(inline=True)
def breakpoint_instruction(record: Record, at: u32, variant: u32) -> u32:
    """Execute BKPT."""
    return debug_event(at)


@fn(inline=False)
def _hint(variant: u32) -> None:
    if variant == SEV:
        CPU.event_register = 1
        CPU.send_event = 1
        clock.not_after(clock.now())
    elif variant == BARRIER or variant == DATA_SYNCHRONISE:
        if variant == DATA_SYNCHRONISE:
            prefetch_stop(CPU.number)
        clock.stall(PARAMETERS.barrier)
    elif variant == SYNCHRONISE:
        clock.stall(PARAMETERS.serialise)
    elif variant == WFE and CPU.event_register != 0:
        CPU.event_register = 0
    elif variant == WFE or (variant == WFI and not interrupt_pending()):
        CPU.event_word = variant
        stop(STOP_WAIT)


@fn(inline=True)
def hint(record: Record, at: u32, variant: u32) -> u32:
    """Execute NOP, YIELD, WFE, WFI, SEV, DBG, PLI; barriers, before which everything is done anyway, wait."""
    if variant != NOP:
        _hint(variant)
    return after(record, at)


@fn(inline=False)
def _mrs(record: Record, at: u32, variant: u32) -> u32:
    if variant != 0:
        if bank_of(CPU.mode) == 0:
            return unpredictable(at, 0)
        CPU.r[record.rd] = spsr()
    else:
        CPU.r[record.rd] = cpsr() & (u32(0xF8FF_03DF) if privileged() else u32(0xF80F_0210))
    return after(record, at)


@fn(inline=True)
def status_read(record: Record, at: u32, variant: u32) -> u32:
    """Execute MRS of CPSR (variant 0) or SPSR (1); execution state reads as zero (ARM B9.3.8)."""
    return _mrs(record, at, variant)


@fn(inline=False)
def _msr(record: Record, at: u32, value: u32, saved: bool) -> u32:
    mask = u32(record.aux)
    if saved:
        bank = bank_of(CPU.mode)
        if bank == 0:
            return unpredictable(at, value)
        bits = u32(0)
        for index in u32.range(4):
            if (mask >> index) & 1 != 0:
                bits |= 0xFF << (index * 8)
        bits &= PSR_SETTABLE
        CPU.spsr[bank] = (CPU.spsr[bank] & ~bits) | (value & bits)
    else:
        if privileged() and mask & 1 != 0 and not may_enter(value & 0x1F):
            return unpredictable(at, value)
        write_cpsr(value, mask)
    return after(record, at)


@fn(inline=True)
def status_write(record: Record, at: u32, variant: u32) -> u32:
    """Execute MSR, of Rn or (variant bit 1) of an immediate, to CPSR or (bit 0) SPSR; aux is the byte mask."""
    value = record.imm if variant & 2 != 0 else CPU.r[record.rn]
    return _msr(record, at, value, variant & 1 != 0)


@fn(inline=False)
def _change_state(record: Record, at: u32) -> u32:
    how = u32(record.aux)
    if not privileged():
        return after(record, at)
    if how & CPS_MODE != 0 and not may_enter(u32(record.rd)):
        return unpredictable(at, record.imm)
    if how & CPS_ENABLE != 0:
        set_masks(CPU.masks & ~record.imm, False)
    if how & CPS_DISABLE != 0:
        before = CPU.masks
        set_masks(before | record.imm, False)
    if how & CPS_MODE != 0:
        set_mode(u32(record.rd))
    return after(record, at)


@fn(inline=True)
def change_state(record: Record, at: u32, variant: u32) -> u32:
    """Execute CPS: `imm` has A, I, F at their places, `rd` the mode. No effect in User mode (ARM B9.3.2)."""
    return _change_state(record, at)


@fn(inline=True)
def set_end(record: Record, at: u32, variant: u32) -> u32:
    """Execute SETEND."""
    set_endian(u32(record.aux))
    return after(record, at)


@fn(inline=True)
def if_then(record: Record, at: u32, variant: u32) -> u32:
    """Execute IT: `imm` is the new ITSTATE."""
    set_it_state(record.imm)
    return after(record, at)
