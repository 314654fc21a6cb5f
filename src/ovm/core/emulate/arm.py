# SPDX-License-Identifier: Apache-2.0
"""The decoder of ARM instructions that a virtual privileged mode may execute and User mode may not (ARM A5, B9)."""

from ovm.core.emulate.coprocessor import coprocessor_transfer, is_coprocessor_transfer
from ovm.core.emulate.outcome import Emulated
from ovm.core.emulate.returns import (
    load_multiple,
    return_by_calculation,
    return_from_memory,
    store_multiple_user,
    store_return_state,
)
from ovm.core.emulate.status import processor_state, status_read, status_write
from ovm.core.emulate.wait import wait_instruction
from ovm.core.vcpu import PC, Vcpu
from ovm.metal import fn, rotate_right, u32


@fn
def _bit(instruction: u32, position: u32) -> bool:
    return instruction >> position & 1 != 0


@fn(inline=False)
def arm_unconditional(vcpu: Vcpu, instruction: u32) -> Emulated:
    """Emulate an instruction whose condition field is 0b1111 (ARM A5.7)."""
    before = _bit(instruction, 24)
    up = _bit(instruction, 23)
    write_back = _bit(instruction, 21)
    if instruction & 0xFFF1_FE20 == 0xF100_0000:
        affected = instruction >> 6 & 7
        return processor_state(vcpu, instruction >> 18 & 3, affected, _bit(instruction, 17), instruction & 0x1F)
    if instruction & 0xFE50_FFFF == 0xF810_0A00:
        return return_from_memory(vcpu, instruction >> 16 & 0xF, before, up, write_back)
    if instruction & 0xFE5F_FFE0 == 0xF84D_0500:
        return store_return_state(vcpu, instruction & 0x1F, before, up, write_back)
    return Emulated.UNDEFINED


@fn
def _block_transfer(vcpu: Vcpu, instruction: u32) -> Emulated:
    """Emulate LDM and STM with ^. A base of PC, an empty list, and write-back of a user-bank transfer are UNPREDICTABLE."""
    registers = instruction & 0xFFFF
    exception_return = _bit(instruction, 20) and registers >> 15 != 0
    if instruction >> 16 & 0xF == 15 or registers == 0:
        return Emulated.UNDEFINED
    if _bit(instruction, 21) and not exception_return:
        return Emulated.UNDEFINED
    if _bit(instruction, 20):
        return load_multiple(vcpu, instruction)
    return store_multiple_user(vcpu, instruction)


@fn
def _is_return_by_calculation(instruction: u32) -> bool:
    """Return whether this is data processing with S set and PC as its result; a comparison has none (ARM A5.2).

    With a shift by register it is UNPREDICTABLE.
    """
    if instruction & 0x0C10_F000 != 0x0010_F000:
        return False
    if instruction >> 23 & 3 == 2:
        return False
    return _bit(instruction, 25) or not _bit(instruction, 4)


@fn
def _status_write(vcpu: Vcpu, instruction: u32) -> Emulated:
    fields = instruction >> 16 & 0xF
    saved = _bit(instruction, 22)
    if _bit(instruction, 25):
        if fields == 0 and not saved:
            return wait_instruction(vcpu, instruction & 0xFF)
        value = rotate_right(instruction & 0xFF, (instruction >> 8 & 0xF) * 2)
        return status_write(vcpu, saved, fields, value)
    register = instruction & 0xF
    if register == PC:
        return Emulated.UNDEFINED
    return status_write(vcpu, saved, fields, vcpu.registers[register])


@fn(inline=False)
def arm_conditional(vcpu: Vcpu, instruction: u32) -> Emulated:
    """Emulate any other instruction; the condition holds."""
    if is_coprocessor_transfer(instruction):
        return coprocessor_transfer(vcpu, instruction)
    if instruction & 0x0FBF_0FFF == 0x010F_0000:
        return status_read(vcpu, _bit(instruction, 22), instruction >> 12 & 0xF)
    if instruction & 0x0FB0_FFF0 == 0x0120_F000 or instruction & 0x0FB0_F000 == 0x0320_F000:
        return _status_write(vcpu, instruction)
    if instruction & 0x0E40_0000 == 0x0840_0000:
        return _block_transfer(vcpu, instruction)
    if _is_return_by_calculation(instruction):
        return return_by_calculation(vcpu, instruction)
    return Emulated.UNDEFINED
