# SPDX-License-Identifier: Apache-2.0
"""The decoder of loads and stores of one register, ARM and Thumb (ARM A5.3, A5.2.8, A6.2.4, A6.3.7 to A6.3.10).

An access to a virtual device comes as an abort, and the processor gives neither its width nor its register. Instructions that
aren't decoded here can't reach such a device: several registers, exclusive and literal accesses, PC as any register, a base
that is loaded and
written back.
"""

from typing import Final

from ovm.core.emulate.operand import shifted_register
from ovm.core.vcpu import PC, SP, Vcpu
from ovm.metal import Struct, fn, u32

_IMMEDIATE_OFFSET: Final = 2
_REGISTER_OFFSET: Final = 3
_EXTRA: Final = 0


class Transfer(Struct):
    """One load or store."""

    # The register that is loaded or stored, and the bytes of the access: 1, 2 or 4.
    register: u32
    bytes: u32
    load: bool
    signed: bool
    # The base register, its value afterwards, and whether that is written.
    base: u32
    moved: u32
    write_back: bool
    # The address of the access.
    place: u32


@fn
def _bit(instruction: u32, position: u32) -> bool:
    return instruction >> position & 1 != 0


@fn
def _place(vcpu: Vcpu, out: Transfer, base: u32, offset: u32, before: bool, up: bool) -> None:
    """Fill in the address of the access: the base, or its new value."""
    value = vcpu.registers[base]
    out.base = base
    out.moved = value + offset if up else value - offset
    out.place = out.moved if before else value


@fn
def _is_decoded(out: Transfer) -> bool:
    """Tell whether no register is PC, and none is loaded and written back, which is UNPREDICTABLE."""
    return out.register != PC and out.base != PC and not (out.write_back and out.base == out.register)


@fn
def _extra_kind(instruction: u32, out: Transfer) -> bool:
    """Decode halfwords and signed bytes, but no doublewords (ARM A5.2.8)."""
    operation = instruction >> 5 & 3
    if instruction & 0x90 != 0x90 or operation == 0 or (operation != 1 and not out.load):
        return False
    if not _bit(instruction, 22) and instruction & 0xF00 != 0:
        return False
    out.bytes = 1 if operation == 2 else 2
    out.signed = operation != 1
    return True


@fn
def _arm_offset(vcpu: Vcpu, instruction: u32) -> u32:
    match instruction >> 25 & 7:
        case 2:
            return instruction & 0xFFF
        case 3:
            return shifted_register(vcpu, instruction)
        case _:
            if _bit(instruction, 22):
                return instruction >> 4 & 0xF0 | instruction & 0xF
            return vcpu.registers[instruction & 0xF]


@fn(inline=False)
def arm_transfer(vcpu: Vcpu, instruction: u32, out: Transfer) -> bool:
    """Decode an ARM instruction; False if it is no load or store of this kind."""
    kind = instruction >> 25 & 7
    out.load = _bit(instruction, 20)
    out.register = instruction >> 12 & 0xF
    out.signed = False
    before = _bit(instruction, 24)
    out.write_back = not before or _bit(instruction, 21)
    if instruction >> 28 == 0xF:
        return False
    if kind == _EXTRA:
        if not _extra_kind(instruction, out):
            return False
    elif kind == _IMMEDIATE_OFFSET or (kind == _REGISTER_OFFSET and not _bit(instruction, 4)):
        out.bytes = 1 if _bit(instruction, 22) else 4
    else:
        return False
    by_register = kind == _REGISTER_OFFSET or (kind == _EXTRA and not _bit(instruction, 22))
    if by_register and instruction & 0xF == PC:
        return False
    _place(vcpu, out, instruction >> 16 & 0xF, _arm_offset(vcpu, instruction), before, _bit(instruction, 23))
    return _is_decoded(out)


@fn
def _short_by_register(vcpu: Vcpu, instruction: u32, out: Transfer) -> None:
    """Decode 0101: STR, STRH, STRB, LDRSB, LDR, LDRH, LDRB, LDRSH with a register as the offset (ARM A6.2.4)."""
    operation = instruction >> 9 & 7
    out.load = operation >= 3
    out.signed = operation == 3 or operation == 7
    out.bytes = 1
    if operation & 3 == 0:
        out.bytes = 4
    elif operation == 1 or operation == 5 or operation == 7:
        out.bytes = 2
    _place(vcpu, out, instruction >> 3 & 7, vcpu.registers[instruction >> 6 & 7], True, True)


@fn
def _short(vcpu: Vcpu, instruction: u32, out: Transfer) -> bool:
    """Decode a 16-bit Thumb instruction (ARM A6.2.4)."""
    out.load = _bit(instruction, 11)
    out.register = instruction & 7
    offset = instruction >> 6 & 0x1F
    match instruction >> 12:
        case 5:
            _short_by_register(vcpu, instruction, out)
            return True
        case 6:
            out.bytes = 4
        case 7:
            out.bytes = 1
        case 8:
            out.bytes = 2
        case 9:
            out.bytes = 4
            out.register = instruction >> 8 & 7
            _place(vcpu, out, SP, (instruction & 0xFF) * 4, True, True)
            return True
        case _:
            return False
    _place(vcpu, out, instruction >> 3 & 7, offset * out.bytes, True, True)
    return True


@fn
def _long(vcpu: Vcpu, instruction: u32, out: Transfer) -> bool:
    """Decode a 32-bit Thumb instruction: 1111 100 (ARM A6.3.7 to A6.3.10)."""
    size = instruction >> 21 & 3
    out.load = _bit(instruction, 20)
    out.signed = _bit(instruction, 24)
    if instruction >> 25 != 0x7C or size == 3 or (out.signed and (size == 2 or not out.load)):
        return False
    out.bytes = 1 << size
    out.register = instruction >> 12 & 0xF
    base = instruction >> 16 & 0xF
    if _bit(instruction, 23):
        _place(vcpu, out, base, instruction & 0xFFF, True, True)
    elif _bit(instruction, 11):
        before = _bit(instruction, 10)
        out.write_back = _bit(instruction, 8)
        if not before and not out.write_back:
            return False
        _place(vcpu, out, base, instruction & 0xFF, before, _bit(instruction, 9))
    elif instruction & 0x7C0 == 0 and instruction & 0xF != PC:
        _place(vcpu, out, base, vcpu.registers[instruction & 0xF] << (instruction >> 4 & 3), True, True)
    else:
        return False
    return _is_decoded(out)


@fn(inline=False)
def thumb_transfer(vcpu: Vcpu, instruction: u32, out: Transfer) -> bool:
    """Decode a Thumb instruction, a 32-bit one as `thumb` has it; False if it is no load or store of this kind."""
    out.signed = False
    out.write_back = False
    return _long(vcpu, instruction, out) if instruction >> 16 != 0 else _short(vcpu, instruction, out)
