# SPDX-License-Identifier: Apache-2.0
"""Unicorn's Cortex-A9 as a judge of translations: its MMU walks tables in the memory that a test wrote."""

import struct

import unicorn
from unicorn import arm_const as names

from ovm.arm import cp15
from ovm.metal import Cp15

CODE = 0x8000
RAM_BYTES = 64 << 20
_REGISTERS = [getattr(names, f"UC_ARM_REG_R{number}") for number in range(13)]
_ATS = (cp15.ATS1CPR, cp15.ATS1CPW, cp15.ATS1CUR, cp15.ATS1CUW)
_SVC, _USR = 0x1D3, 0x1D0


def move(register: Cp15, target: int, load: bool = False) -> bytes:
    """MCR p15, or MRC."""
    selected = register.op1 << 21 | register.crn << 16 | register.op2 << 5 | register.crm
    return struct.pack("<I", 0xEE00_0F10 | load << 20 | target << 12 | selected)


class Judge:
    """Unicorn in a security state, in Supervisor mode, with code at CODE."""

    def __init__(self, ns: int) -> None:
        self.machine = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_ARM)
        self.machine.ctl_set_cpu_model(names.UC_CPU_ARM_CORTEX_A9)
        self.machine.mem_map(0, RAM_BYTES)
        self.machine.reg_write(names.UC_ARM_REG_CPSR, _SVC)
        scr = cp15.SCR
        self.machine.reg_write(names.UC_ARM_REG_CP_REG, (15, 0, 1, scr.crn, scr.crm, scr.op1, scr.op2, ns))
        question = b"".join(move(ats, 0) + move(cp15.PAR, 1 + index, True) for index, ats in enumerate(_ATS))
        self.machine.mem_write(CODE, question)
        self._size = len(question)
        self._spare = CODE + 0x100

    def set(self, register: Cp15, value: int) -> None:
        """Write a register of CP15 by an instruction."""
        self.machine.mem_write(self._spare, move(register, 0))
        self.machine.ctl_flush_tb()
        self.machine.reg_write(_REGISTERS[0], value)
        self.machine.emu_start(self._spare, self._spare + 4)

    def ask(self, address: int) -> tuple[int, int, int, int]:
        """PAR for an address: privileged read and write, unprivileged read and write."""
        self.machine.reg_write(_REGISTERS[0], address)
        self.machine.emu_start(CODE, CODE + self._size)
        first, second, third, fourth = (self.machine.reg_read(register) for register in _REGISTERS[1:5])
        return first, second, third, fourth

    def may_fetch(self, address: int, user: bool) -> bool:
        """Tell whether an instruction at an address is executed; memory there must be zero."""
        self.machine.reg_write(names.UC_ARM_REG_CPSR, _USR if user else _SVC)
        try:
            self.machine.emu_start(address & 0xFFFF_FFFC, 0xFFFF_FFF0, count=1)
        except unicorn.UcError:
            return False
        finally:
            self.machine.reg_write(names.UC_ARM_REG_CPSR, _SVC)
        return True
