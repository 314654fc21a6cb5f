# SPDX-License-Identifier: Apache-2.0
"""The decoder of Thumb instructions that a virtual privileged mode may execute and User mode may not (ARM A6, B9).

A 32-bit instruction is its two halfwords as one word, the first one higher.
"""

from ovm.core.emulate.coprocessor import coprocessor_transfer, is_coprocessor_transfer
from ovm.core.emulate.outcome import Emulated
from ovm.core.emulate.returns import return_from_memory, return_to, store_return_state
from ovm.core.emulate.status import processor_state, status_read, status_write
from ovm.core.emulate.wait import wait_instruction
from ovm.core.vcpu import LR, PC, Vcpu
from ovm.metal import fn, u32


@fn
def _bit(instruction: u32, position: u32) -> bool:
    return instruction >> position & 1 != 0


@fn
def thumb_short(vcpu: Vcpu, instruction: u32) -> Emulated:
    """Emulate a 16-bit instruction: CPS without a mode, hints (ARM A6.2.5)."""
    if instruction & 0xFFE8 == 0xB660:
        operation = u32(3 if _bit(instruction, 4) else 2)
        return processor_state(vcpu, operation, instruction & 7, False, 0)
    if instruction & 0xFF0F == 0xBF00:
        return wait_instruction(vcpu, instruction >> 4 & 0xF)
    return Emulated.UNDEFINED


@fn
def _state_or_hint(vcpu: Vcpu, instruction: u32) -> Emulated:
    """Emulate F3AF 8xxx (ARM A6.3.4): CPS with and without mode, hints."""
    operation = instruction >> 9 & 3
    change_mode = _bit(instruction, 8)
    if operation == 0 and not change_mode:
        return wait_instruction(vcpu, instruction & 0xFF)
    return processor_state(vcpu, operation, instruction >> 5 & 7, change_mode, instruction & 0x1F)


@fn
def _is_block(instruction: u32) -> bool:
    """Return whether bits 24 and 23 say IA (11) or DB (00), as RFE and SRS do."""
    return _bit(instruction, 24) == _bit(instruction, 23)


@fn(inline=False)
def thumb_long(vcpu: Vcpu, instruction: u32) -> Emulated:
    """Emulate a 32-bit instruction."""
    up = _bit(instruction, 23)
    write_back = _bit(instruction, 21)
    if instruction >> 28 == 0xE and is_coprocessor_transfer(instruction):
        return coprocessor_transfer(vcpu, instruction)
    if instruction & 0xFFEF_F0FF == 0xF3EF_8000:
        return status_read(vcpu, _bit(instruction, 20), instruction >> 8 & 0xF)
    if instruction & 0xFFE0_F0FF == 0xF380_8000 and instruction >> 16 & 0xF != PC:
        value = vcpu.registers[instruction >> 16 & 0xF]
        return status_write(vcpu, _bit(instruction, 20), instruction >> 8 & 0xF, value)
    if instruction & 0xFFFF_F800 == 0xF3AF_8000:
        return _state_or_hint(vcpu, instruction)
    if instruction & 0xFFFF_FF00 == 0xF3DE_8F00:
        return return_to(vcpu, vcpu.registers[LR] - (instruction & 0xFF))
    if instruction & 0xFE50_FFFF == 0xE810_C000 and _is_block(instruction):
        return return_from_memory(vcpu, instruction >> 16 & 0xF, not up, up, write_back)
    if instruction & 0xFE5F_FFE0 == 0xE80D_C000 and _is_block(instruction):
        return store_return_state(vcpu, instruction & 0x1F, not up, up, write_back)
    return Emulated.UNDEFINED
