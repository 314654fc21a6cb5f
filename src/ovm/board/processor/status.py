# SPDX-License-Identifier: Apache-2.0
"""The program status registers: composing and splitting CPSR, changing modes (ARM B1.3, B1.5)."""

from typing import Final

from ovm.arm.control import SCR_AW, SCR_FW
from ovm.arm.psr import (
    MODE_ABT,
    MODE_FIQ,
    MODE_IRQ,
    MODE_MON,
    MODE_SVC,
    MODE_SYS,
    MODE_UND,
    MODE_USR,
    PSR_A,
    PSR_F,
    PSR_I,
    PSR_MASKS,
    PSR_MODE,
)
from ovm.board.shortcuts.changes import context_changed
from ovm.board.state import (
    ATTEND_ACCOUNT,
    ATTEND_INTERRUPT,
    ATTEND_IT,
    ATTEND_IT_NOW,
    ATTEND_IT_SHIFT,
    BANK_ABT,
    BANK_FIQ,
    BANK_IRQ,
    BANK_MON,
    BANK_SVC,
    BANK_UND,
    BANK_USR,
    CPU,
)
from ovm.board.worlds import privileged, secure
from ovm.metal import fn, u32

NO_BANK: Final = u32(7)


@fn
def bank_of(mode: u32) -> u32:
    """Return the bank of a mode; NO_BANK for a number that is no mode of this core."""
    if mode == MODE_USR or mode == MODE_SYS:
        return BANK_USR
    if mode == MODE_FIQ:
        return BANK_FIQ
    if mode == MODE_IRQ:
        return BANK_IRQ
    if mode == MODE_SVC:
        return BANK_SVC
    if mode == MODE_ABT:
        return BANK_ABT
    if mode == MODE_UND:
        return BANK_UND
    if mode == MODE_MON:
        return BANK_MON
    return NO_BANK


@fn
def it_state() -> u32:
    """Return the ITSTATE of the instruction in progress, or of the next one between instructions."""
    if CPU.attention & ATTEND_IT_NOW != 0:
        return CPU.it_now
    return CPU.attention >> ATTEND_IT_SHIFT


@fn
def set_it_state(state: u32) -> None:
    """Set the ITSTATE of the next instruction."""
    CPU.attention = (CPU.attention & (0xFFFF_FFFF ^ (ATTEND_IT | ATTEND_IT_NOW))) | (state << ATTEND_IT_SHIFT)


@fn
def cpsr() -> u32:
    """Return CPSR."""
    it = it_state()
    flags = (CPU.negative & 0x8000_0000) | (u32(CPU.zero == 0) << 30) | (CPU.carry << 29) | (CPU.overflow << 28)
    rest = (CPU.saturated << 27) | ((it & 3) << 25) | (CPU.greater_equal << 16) | ((it >> 2) << 10)
    return flags | rest | (CPU.big_endian << 9) | CPU.masks | (CPU.thumb << 5) | CPU.mode


@fn
def set_flags(value: u32) -> None:
    """Take N, Z, C, V and Q from a PSR value."""
    CPU.negative = value
    CPU.zero = u32(value & 0x4000_0000 == 0)
    CPU.carry = (value >> 29) & 1
    CPU.overflow = (value >> 28) & 1
    CPU.saturated = (value >> 27) & 1


@fn
def set_endian(big: u32) -> None:
    """Set CPSR.E. Lines hold little-endian data only."""
    if CPU.big_endian != big:
        CPU.big_endian = big
        context_changed()


@fn
def _writable_masks() -> u32:
    """Return which of A, I and F an instruction may change (ARM B1.5.6, NMFI = 1 on this core)."""
    mask = PSR_I
    if secure() or CPU.scr & SCR_AW != 0:
        mask |= PSR_A
    if secure() or CPU.scr & SCR_FW != 0:
        mask |= PSR_F
    return mask


@fn
def set_masks(value: u32, returning: bool) -> None:
    """Write A, I and F. With NMFI only an exception return, or clearing, changes F (ARM B1.8.3)."""
    mask = _writable_masks()
    if value & PSR_F != 0 and not returning:
        mask &= 0xFFFF_FFFF ^ PSR_F
    CPU.masks = (CPU.masks & (PSR_MASKS ^ (mask & PSR_MASKS))) | (value & mask & PSR_MASKS)
    CPU.attention |= ATTEND_INTERRUPT


@fn
def set_mode(mode: u32) -> None:
    """Change the mode, with the banked registers (ARM B1.3.2)."""
    before = CPU.mode
    if before == mode:
        return
    leaving = bank_of(before)
    entering = bank_of(mode)
    CPU.r13[leaving] = CPU.r[13]
    CPU.r14[leaving] = CPU.r[14]
    CPU.r[13] = CPU.r13[entering]
    CPU.r[14] = CPU.r14[entering]
    if (leaving == BANK_FIQ) != (entering == BANK_FIQ):
        for index in u32.range(5):
            if leaving == BANK_FIQ:
                CPU.r8_fiq[index] = CPU.r[8 + index]
                CPU.r[8 + index] = CPU.r8_usr[index]
            else:
                CPU.r8_usr[index] = CPU.r[8 + index]
                CPU.r[8 + index] = CPU.r8_fiq[index]
    CPU.mode = mode
    if before == MODE_MON or mode == MODE_MON:
        CPU.attention |= ATTEND_ACCOUNT
    context_changed()
    CPU.attention |= ATTEND_INTERRUPT


@fn
def may_enter(mode: u32) -> bool:
    """Return whether CPSR.M may become `mode`: a mode of this core, Monitor only from the Secure state."""
    if bank_of(mode) == NO_BANK:
        return False
    return mode != MODE_MON or secure()


@fn
def spsr() -> u32:
    """Return SPSR of the present mode; User and System have none, which decides UNPREDICTABLE before this."""
    return CPU.spsr[bank_of(CPU.mode)]


@fn
def write_cpsr(value: u32, mask: u32) -> None:
    """Do MSR CPSR: write the bytes that `mask` selects, as far as the mode allows (ARM B1.3.3, CPSRWriteByInstr)."""
    if mask & 8 != 0:
        set_flags(value)
    if mask & 4 != 0:
        CPU.greater_equal = (value >> 16) & 0xF
    if mask & 2 != 0:
        set_endian((value >> 9) & 1)
    if not privileged():
        return
    kept = CPU.masks
    chosen = u32(0)
    if mask & 2 != 0:
        chosen |= PSR_A
    if mask & 1 != 0:
        chosen |= PSR_I | PSR_F
    set_masks((kept & (PSR_MASKS ^ chosen)) | (value & chosen), False)
    if mask & 1 != 0 and may_enter(value & PSR_MODE):
        set_mode(value & PSR_MODE)


@fn
def return_to(value: u32) -> None:
    """Write CPSR from a saved one, execution state included (ARM B1.8.12); the caller branches."""
    set_flags(value)
    CPU.greater_equal = (value >> 16) & 0xF
    set_endian((value >> 9) & 1)
    set_masks(value, True)
    CPU.thumb = (value >> 5) & 1
    if may_enter(value & PSR_MODE):
        set_mode(value & PSR_MODE)
    set_it_state(((value >> 25) & 3) | (((value >> 10) & 0x3F) << 2) if CPU.thumb != 0 else 0)
