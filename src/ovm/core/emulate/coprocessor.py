# SPDX-License-Identifier: Apache-2.0
"""Coprocessor instructions: the same bits in ARM and in Thumb (ARM A7.7, A8.8.98, A8.8.107)."""

from typing import Final

from ovm.arm.control import FPEXC_EN
from ovm.arm.psr import PSR_C, PSR_N, PSR_V, PSR_Z
from ovm.core.emulate.cp15 import register_read, register_write
from ovm.core.emulate.identification import KNOWN
from ovm.core.emulate.outcome import Emulated
from ovm.core.floating import floating_leave
from ovm.core.memory.tables import NO_TABLE
from ovm.core.vcpu import Vcpu
from ovm.metal import fn, u32

SYSTEM_CONTROL: Final = 15
FLAGS: Final = PSR_N | PSR_Z | PSR_C | PSR_V
# VMRS and VMSR (ARM B9.3.26): coprocessor 10, opc1 = 7; FPEXC is register 8.
FLOATING: Final = 10
# CRn of TLB maintenance (ARM B4.2.2).
TLB_OPERATIONS: Final = 8
FPEXC: Final = 8


@fn
def is_coprocessor_transfer(instruction: u32) -> bool:
    """Whether the instruction is MRC or MCR (with any condition)."""
    return instruction & 0x0F00_0010 == 0x0E00_0010


@fn
def is_floating(instruction: u32, thumb: bool) -> bool:
    """Whether an instruction is of coprocessors 10 and 11, or Advanced SIMD, which has places of its own (ARM A7.2)."""
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
    """The four numbers of a transfer, folded as `ovm.arm.cp15.key` does."""
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
        vcpu.psr = vcpu.psr & ~u32(FLAGS) | u32(value) & FLAGS
    else:
        vcpu.registers[target] = u32(value)
    return Emulated.DONE


@fn
def _floating_control(vcpu: Vcpu, instruction: u32) -> Emulated:
    """VMRS and VMSR of FPEXC, the one floating-point register that User mode can't reach."""
    target = instruction >> 12 & 0xF
    if instruction >> 16 & 0xFF != 0xE0 | FPEXC and instruction >> 16 & 0xFF != 0xF0 | FPEXC or target == 15:
        return Emulated.UNDEFINED
    if instruction >> 20 & 1 != 0:
        vcpu.registers[target] = vcpu.fpexc
    else:
        vcpu.fpexc = vcpu.registers[target] & FPEXC_EN
        floating_leave(vcpu)
    return Emulated.DONE


@fn
def coprocessor_transfer(vcpu: Vcpu, instruction: u32) -> Emulated:
    """MRC or MCR from a virtual privileged mode."""
    coprocessor = instruction >> 8 & 0xF
    if coprocessor == FLOATING:
        return _floating_control(vcpu, instruction)
    if coprocessor != SYSTEM_CONTROL:
        return Emulated.UNDEFINED
    if instruction >> 20 & 1 != 0:
        return _read(vcpu, instruction)
    source = instruction >> 12 & 0xF
    register = _key(instruction)
    if source == 15 or not register_write(vcpu, register, vcpu.registers[source]):
        return Emulated.UNDEFINED
    # TLB maintenance that isn't done is made again: the pc is still there.
    return Emulated.JUMPED if register >> 12 == TLB_OPERATIONS and vcpu.maintained != NO_TABLE else Emulated.DONE

