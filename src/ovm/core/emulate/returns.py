# SPDX-License-Identifier: Apache-2.0
"""Exception returns and user-bank transfers: data processing to PC with S, LDM and STM with ^, RFE, SRS.

ARM B9.3.20 (SUBS PC, LR and related), B9.3.5, B9.3.6 (LDM), B9.3.17 (STM), B9.3.13 (RFE), B9.3.16 (SRS).
All memory accesses of one instruction are tried before anything of the virtual CPU changes, so that the instruction can be
made again: after an abort, or when an access has to give way to an interrupt. Data is in the byte order of CPSR.E (MemA, ARM
B2.4.3).
"""

from typing import Final

from ovm.arm.psr import MODE_USR, PSR_E
from ovm.core.emulate.operand import carry_of, register_operand, shifted_register
from ovm.core.emulate.outcome import Emulated, without_data
from ovm.core.memory.guest_access import GuestWord, guest_load, guest_store
from ovm.core.vcpu import LR, SP, Vcpu
from ovm.core.virtual.mode import bank_of, has_spsr, is_mode, page_of, psr_return
from ovm.metal import Array, Struct, array, byte_swap, fn, rotate_right, u32

BIT_PRE: Final = 1 << 24
BIT_UP: Final = 1 << 23
BIT_WRITE_BACK: Final = 1 << 21


class Loaded(Struct):
    """Words that an instruction loaded."""

    words: Array[u32] = array(u32, 16)


@fn
def _ordered(vcpu: Vcpu, value: u32) -> u32:
    """Return a word between memory and the guest's registers."""
    return byte_swap(value) if vcpu.psr & PSR_E != 0 else value


@fn
def _read(vcpu: Vcpu, place: u32, word: GuestWord) -> bool:
    if not guest_load(vcpu, place, word):
        return False
    word.value = _ordered(vcpu, word.value)
    return True


@fn
def _write(vcpu: Vcpu, place: u32, value: u32, word: GuestWord) -> bool:
    return guest_store(vcpu, place, _ordered(vcpu, value), word)


@fn
def user_register(vcpu: Vcpu, index: u32) -> u32:
    """Return a register of the User bank."""
    if index - SP <= LR - SP and bank_of(vcpu.mode) != 0:
        page = page_of(vcpu)
        return page.sp[0] if index == SP else page.lr[0]
    if index >= 8 and index < SP and bank_of(vcpu.mode) == 5:
        return vcpu.banked_high[index - 8]
    return register_operand(vcpu, index)


@fn
def user_register_set(vcpu: Vcpu, index: u32, value: u32) -> None:
    """Write a register of the User bank."""
    page = page_of(vcpu)
    if index == SP and bank_of(vcpu.mode) != 0:
        page.sp[0] = value
    elif index == LR and bank_of(vcpu.mode) != 0:
        page.lr[0] = value
    elif index >= 8 and index < SP and bank_of(vcpu.mode) == 5:
        vcpu.banked_high[index - 8] = value
    else:
        vcpu.registers[index] = value


@fn
def _operand(vcpu: Vcpu, instruction: u32) -> u32:
    """Return the flexible second operand (ARM A5.2)."""
    if instruction >> 25 & 1 != 0:
        return rotate_right(instruction & 0xFF, (instruction >> 8 & 0xF) * 2)
    return shifted_register(vcpu, instruction)


@fn
def _calculate(operation: u32, left: u32, right: u32, carry: u32) -> u32:
    """Return the result of a data-processing operation that has one (ARM A5.2.1)."""
    match operation:
        case 0:
            return left & right
        case 1:
            return left ^ right
        case 2:
            return left - right
        case 3:
            return right - left
        case 4:
            return left + right
        case 5:
            return left + right + carry
        case 6:
            return left - right - (1 - carry)
        case 7:
            return right - left - (1 - carry)
        case 12:
            return left | right
        case 13:
            return right
        case 14:
            return left & ~right
        case _:
            return ~right


@fn
def return_to(vcpu: Vcpu, target: u32) -> Emulated:
    """Return to `target` with the SPSR of the current mode."""
    if not has_spsr(vcpu.mode):
        return Emulated.UNDEFINED
    psr_return(vcpu, target, page_of(vcpu).spsr[bank_of(vcpu.mode)])
    return Emulated.JUMPED


@fn
def return_by_calculation(vcpu: Vcpu, instruction: u32) -> Emulated:
    """Emulate SUBS PC, LR, #n, MOVS PC, LR and all related instructions."""
    carry = carry_of(vcpu)
    left = register_operand(vcpu, instruction >> 16 & 0xF)
    return return_to(vcpu, _calculate(instruction >> 21 & 0xF, left, _operand(vcpu, instruction), carry))


@fn
def _count(registers: u32) -> u32:
    count = u32(0)
    for index in u32.range(16):
        count += registers >> index & 1
    return count


@fn
def _lowest_address(vcpu: Vcpu, instruction: u32) -> u32:
    """Return the lowest address of a block transfer, from its base and P, U bits (ARM A8.8.58 to A8.8.61)."""
    base = register_operand(vcpu, instruction >> 16 & 0xF)
    length = _count(instruction & 0xFFFF) * 4
    up = instruction & BIT_UP != 0
    before = instruction & BIT_PRE != 0
    start = base if up else base - length
    return start + 4 if before == up else start


@fn
def _load_words(vcpu: Vcpu, registers: u32, start: u32, loaded: Loaded) -> Emulated:
    """Load the words of a register list; return DONE, or the instruction's other outcome."""
    word = GuestWord()
    place = start
    for index in u32.range(16):
        if registers >> index & 1 != 0:
            if not _read(vcpu, place, word):
                return without_data(word.outcome)
            loaded.words[index] = word.value
            place += 4
    return Emulated.DONE


@fn
def load_multiple(vcpu: Vcpu, instruction: u32) -> Emulated:
    """Emulate LDM with ^: with PC an exception return, without it a load of User registers."""
    registers = instruction & 0xFFFF
    loaded = Loaded()
    outcome = _load_words(vcpu, registers, _lowest_address(vcpu, instruction), loaded)
    if outcome != Emulated.DONE:
        return outcome
    if registers >> 15 == 0:
        for index in u32.range(15):
            if registers >> index & 1 != 0:
                user_register_set(vcpu, index, loaded.words[index])
        return Emulated.DONE
    if not has_spsr(vcpu.mode):
        return Emulated.UNDEFINED
    base = instruction >> 16 & 0xF
    if instruction & BIT_WRITE_BACK != 0:
        length = _count(registers) * 4
        vcpu.registers[base] += length if instruction & BIT_UP != 0 else 0 - length
    for index in u32.range(15):
        if registers >> index & 1 != 0:
            vcpu.registers[index] = loaded.words[index]
    return return_to(vcpu, loaded.words[15])


@fn
def store_multiple_user(vcpu: Vcpu, instruction: u32) -> Emulated:
    """Emulate STM with ^: store User registers."""
    word = GuestWord()
    place = _lowest_address(vcpu, instruction)
    for index in u32.range(16):
        if instruction >> index & 1 != 0:
            if not _write(vcpu, place, user_register(vcpu, index), word):
                return without_data(word.outcome)
            place += 4
    return Emulated.DONE


@fn
def return_from_memory(vcpu: Vcpu, base: u32, before: bool, up: bool, write_back: bool) -> Emulated:
    """Emulate RFE: load PC and CPSR from memory."""
    if base == 15 or vcpu.mode == MODE_USR:
        return Emulated.UNDEFINED
    place = vcpu.registers[base] if up else vcpu.registers[base] - 8
    place = place + 4 if before == up else place
    word = GuestWord()
    if not _read(vcpu, place, word):
        return without_data(word.outcome)
    target = word.value
    if not _read(vcpu, place + 4, word):
        return without_data(word.outcome)
    if write_back:
        vcpu.registers[base] += u32(8) if up else 0 - u32(8)
    psr_return(vcpu, target, word.value)
    return Emulated.JUMPED


@fn
def store_return_state(vcpu: Vcpu, mode: u32, before: bool, up: bool, write_back: bool) -> Emulated:
    """Emulate SRS: store LR and SPSR of the current mode on the stack of `mode`."""
    if not has_spsr(vcpu.mode) or not is_mode(mode):
        return Emulated.UNDEFINED
    page = page_of(vcpu)
    bank = bank_of(mode)
    own = bank == bank_of(vcpu.mode)
    base = vcpu.registers[SP] if own else page.sp[bank]
    place = base if up else base - 8
    place = place + 4 if before == up else place
    word = GuestWord()
    if not _write(vcpu, place, vcpu.registers[LR], word):
        return without_data(word.outcome)
    if not _write(vcpu, place + 4, page.spsr[bank_of(vcpu.mode)], word):
        return without_data(word.outcome)
    if write_back:
        moved = base + 8 if up else base - 8
        if own:
            vcpu.registers[SP] = moved
        else:
            page.sp[bank] = moved
    return Emulated.DONE

