# SPDX-License-Identifier: Apache-2.0
"""Status registers, exception-generating instructions, hints (ARM A5.2.10 to A5.2.12, B9.3)."""

from typing import Final

from ovm.board.execute.roles import ALU, NO_CYCLES, NOTHING, READ_FLAGS, SERIAL_CYCLES, UNIT, WRITE_D
from ovm.board.execute.row import Instruction, a32, t32
from ovm.board.processor.exceptions import (
    absent,
    debug_event,
    monitor_call,
    supervisor_call,
    undefined,
    unpredictable,
)
from ovm.board.processor.flow import after, goto_page, pc_of
from ovm.board.processor.status import bank_of, cpsr, may_enter, set_endian, set_it_state, set_masks, set_mode, spsr, write_cpsr
from ovm.board.record import Record
from ovm.board.state import ATTEND_IT_NOW, CPU
from ovm.board.worlds import privileged
from ovm.metal import fn, u32

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
    following = pc_of(at) + u32(record.step) // (8 if CPU.thumb != 0 else 4)
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
def _mrs(record: Record, at: u32, variant: u32) -> u32:
    if variant != 0:
        if bank_of(CPU.mode) == 0:
            return unpredictable(at, 0)
        CPU.r[record.rd] = spsr()
    else:
        CPU.r[record.rd] = cpsr() & (0xF8FF_03DF if privileged() else 0xF80F_0210)
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


# What a record stands for that holds no instruction of the program.
OUTCOMES: Final = [
    Instruction(undefined_instruction, cycles=NO_CYCLES),  # number 0 stands for "not decoded"; the loop never calls it
    Instruction(page_end, cycles=NO_CYCLES),
    Instruction(
        undefined_instruction,
        patterns=(
            t32("udf", "111101111111iiii 1010iiiiiiiiiiii", "arm_forms.undefined"),
            t32("udf", "11110x111xxxxxxx 10x0xxxxxxxxxxxx", "arm_forms.undefined"),
            t32("udf", "11011110iiiiiiii", "narrow_forms.always"),
        ),
    ),
    # Encodings between unallocated memory hints.
    Instruction(
        unpredictable_instruction,
        patterns=(
            a32("reserved", "11110100xx11xxxxxxxxxxxxxxxxxxxx", "arm_forms.unpredictable"),
            a32("reserved", "111101010011xxxxxxxxxxxxxxxxxxxx", "arm_forms.unpredictable"),
            a32("reserved", "111101011x11xxxxxxxxxxxxxxxxxxxx", "arm_forms.unpredictable"),
            a32("reserved", "1111011xxx11xxxxxxxxxxxxxxx0xxxx", "arm_forms.unpredictable"),
        ),
    ),
    Instruction(absent_instruction),
]


EXCEPTIONS: Final = [
    Instruction(
        call,
        patterns=(
            a32("svc", "cccc1111iiiiiiiiiiiiiiiiiiiiiiii", "arm_forms.plain"),
            t32("svc", "11011111iiiiiiii", "narrow_forms.always"),
        ),
        cycles=SERIAL_CYCLES,
    ),
    Instruction(
        call,
        1,
        patterns=(
            a32("smc", "cccc00010110zzzzzzzzzzzz0111iiii", "arm_forms.plain"),
            t32("smc", "111101111111iiii 1000zzzzzzzzzzzz", "arm_forms.plain"),
        ),
        cycles=SERIAL_CYCLES,
    ),
    Instruction(
        breakpoint_instruction,
        patterns=(
            a32("bkpt", "cccc00010010iiiiiiiiiiii0111iiii", "arm_forms.always_only"),
            t32("bkpt", "10111110iiiiiiii", "narrow_forms.always"),
        ),
    ),
]
_READ: Final = ALU << UNIT | READ_FLAGS | WRITE_D
STATUS: Final = [
    *[
        Instruction(
            status_read,
            saved,
            patterns=(
                a32("mrs", f"cccc00010{saved}00ooooddddzz0z0000zzzz", "arm_forms.status_to_register"),
                t32("mrs", f"11110011111{saved}oooo 10z0ddddzzzzzzzz", "wide_forms.status_to_register"),
            ),
            roles=_READ,
        )
        for saved in (0, 1)
    ],
    *[
        Instruction(
            status_write,
            saved,
            patterns=(
                a32("msr", f"cccc00010{saved}10kkkkoooozz0z0000nnnn", "arm_forms.register_to_status"),
                t32("msr", f"11110011100{saved}nnnn 10z0kkkkzzzzzzzz", "wide_forms.register_to_status"),
            ),
            cycles=SERIAL_CYCLES,
        )
        for saved in (0, 1)
    ],
    *[
        Instruction(
            status_write,
            2 | saved,
            patterns=(a32("msr", f"cccc00110{saved}10kkkkooooiiiiiiiiiiii", "arm_forms.register_to_status", 1),),
            cycles=SERIAL_CYCLES,
        )
        for saved in (0, 1)
    ],
    Instruction(
        change_state,
        patterns=(
            a32("cps", "111100010000jjM0zzzzzzzAIF0mmmmm", "arm_forms.processor_state"),
            t32("cps", "111100111010oooo 10z0zjjMAIFmmmmm", "wide_forms.processor_state"),
            t32("cps", "10110110011jzAIF", "narrow_forms.processor_state"),
        ),
        cycles=SERIAL_CYCLES,
    ),
    Instruction(
        set_end,
        patterns=(
            a32("setend", "111100010000zzz1zzzzzzEz0000zzzz", "arm_forms.endianness"),
            t32("setend", "10110110010oEzzz", "narrow_forms.endianness"),
        ),
    ),
    Instruction(
        if_then,
        patterns=(t32("it", "10111111ccccmmmm", "narrow_forms.if_then"),),
        roles=NOTHING,
        host="make.if_then",
    ),
]
