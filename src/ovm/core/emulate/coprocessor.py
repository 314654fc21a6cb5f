# SPDX-License-Identifier: Apache-2.0
"""Coprocessor instructions: the same bits in ARM and in Thumb (ARM A7.7, A8.8.98, A8.8.107)."""

from typing import Final

from ovm.arm.control import FPEXC_EN
from ovm.arm.psr import PSR_C, PSR_N, PSR_V, PSR_Z
from ovm.core.emulate.cp15 import KNOWN, register_read, register_write
from ovm.core.emulate.outcome import Emulated
from ovm.core.floating import floating_leave, fpsid_read, mvfr0_read, mvfr1_read
from ovm.core.vcpu import Vcpu
from ovm.metal import fn, u32

SYSTEM_CONTROL: Final = 15
FLAGS: Final = u32(PSR_N | PSR_Z | PSR_C | PSR_V)
# VMRS and VMSR (ARM B9.3.26): coprocessor 10, opc1 = 7; FPEXC is register 8.
FLOATING: Final = 10
FPSID: Final = 0
MVFR1: Final = 6
MVFR0: Final = 7
FPEXC: Final = 8


@fn
def is_coprocessor_transfer(instruction: u32) -> bool:
    """Return whether the instruction is MRC or MCR (with any condition)."""
    return instruction & 0x0F00_0010 == 0x0E00_0010


@fn(inline=True)
def is_floating(instruction: u32, thumb: bool) -> bool:
    """Return whether an instruction is of coprocessors 10 and 11, or Advanced SIMD, which has encodings of its own (ARM A7.2)."""
    if thumb:
        # 111U 1111: data processing; 1111 1001 ...0: element and structure transfers.
        if instruction & 0xEF00_0000 == 0xEF00_0000 or instruction & 0xFF10_0000 == 0xF900_0000:
            return True
    elif instruction & 0xFE00_0000 == 0xF200_0000 or instruction & 0xFF10_0000 == 0xF400_0000:
        return True
    if instruction & 0x0E00_0000 == 0x0C00_0000 or instruction & 0x0F00_0000 == 0x0E00_0000:
        return instruction >> 9 & 7 == 5
    return False


@fn
def _key(instruction: u32) -> u32:
    """Return the four numbers of a transfer, folded as `ovm.arm.cp15.key` does."""
    crn = instruction >> 16 & 0xF
    op1 = instruction >> 21 & 7
    return crn << 12 | op1 << 8 | (instruction & 0xF) << 4 | instruction >> 5 & 7


@fn
def _read(vcpu: Vcpu, instruction: u32) -> Emulated:
    value = register_read(vcpu, _key(instruction))
    if value & KNOWN == 0:
        return Emulated.UNDEFINED
    target = instruction >> 12 & 0xF
    if target == 15:
        vcpu.psr = vcpu.psr & ~FLAGS | u32(value) & FLAGS
    else:
        vcpu.registers[target] = u32(value)
    return Emulated.DONE


@fn
def _floating_read(vcpu: Vcpu, register: u32, target: u32) -> Emulated:
    match register:
        case 0:
            vcpu.registers[target] = fpsid_read()
        case 6:
            vcpu.registers[target] = mvfr1_read()
        case 7:
            vcpu.registers[target] = mvfr0_read()
        case 8:
            vcpu.registers[target] = vcpu.fpexc
        case _:
            return Emulated.UNDEFINED
    return Emulated.DONE


@fn
def _floating_write(vcpu: Vcpu, register: u32, value: u32) -> Emulated:
    if register == FPEXC:
        vcpu.fpexc = value & FPEXC_EN
        floating_leave(vcpu)
    # Writes to FPSID are ignored.
    return Emulated.DONE if register == FPEXC or register == FPSID else Emulated.UNDEFINED


@fn
def _floating_control(vcpu: Vcpu, instruction: u32) -> Emulated:
    """Emulate VMRS and VMSR of the registers that User mode can't reach, whatever FPEXC says (ARM B9.3.27, B9.3.28)."""
    target = instruction >> 12 & 0xF
    register = instruction >> 16 & 0xF
    if instruction >> 21 & 7 != 7 or target == 15:
        return Emulated.UNDEFINED
    if instruction >> 20 & 1 != 0:
        return _floating_read(vcpu, register, target)
    return _floating_write(vcpu, register, vcpu.registers[target])


@fn
def coprocessor_transfer(vcpu: Vcpu, instruction: u32) -> Emulated:
    """Emulate MRC or MCR from a virtual privileged mode."""
    coprocessor = instruction >> 8 & 0xF
    if coprocessor == FLOATING:
        return _floating_control(vcpu, instruction)
    if coprocessor != SYSTEM_CONTROL:
        return Emulated.UNDEFINED
    if instruction >> 20 & 1 != 0:
        return _read(vcpu, instruction)
    source = instruction >> 12 & 0xF
    return Emulated.UNDEFINED if source == 15 else register_write(vcpu, _key(instruction), vcpu.registers[source])
