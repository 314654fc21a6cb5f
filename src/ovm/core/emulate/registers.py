# SPDX-License-Identifier: Apache-2.0
"""The virtual coprocessor 15 as a table: a row for each register and operation (ARM B3.17, B4.1, B4.2).

A guest sees the processor that it runs on, a Cortex-A9, as one CPU of a uniprocessor and without Security Extensions. A
register that isn't here is Undefined for the guest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ovm.arm import cp15
from ovm.arm.cp15 import key, key_of
from ovm.core.emulate import fields as f
from ovm.core.emulate import maintain as m
from ovm.core.emulate.outcome import Emulated
from ovm.core.vcpu import Vcpu
from ovm.metal import Cp15, offsetof, u32

Read = Callable[[Vcpu, u32], u32]
Write = Callable[[Vcpu, u32, u32], Emulated]
# MPIDR: multiprocessing format, uniprocessor, CPU 0 (ARM B4.1.106).
MPIDR_VALUE: Final = 0xC000_0000
# ID_PFR1 without Security Extensions: programmers' model only (ARM B4.1.94).
PFR1_VALUE: Final = 1


@dataclass(frozen=True)
class Register:
    """A register or an operation. Without `read` or `write` that access is Undefined.

    `operand` goes to both; a register that is read `through` gives the value of the hardware's own.
    """

    key: int
    read: Read | None = None
    write: Write | None = None
    operand: int = 0
    through: Cp15 | None = None


def _through(register: Cp15, write: Write | None = None) -> Register:
    return Register(key_of(register), write=write, through=register)


def _constant(place: int, value: int, write: Write | None = None) -> Register:
    return Register(place, f.constant, write, value)


def _field(register: Cp15, write: Write | None = f.field_write, field: str = "") -> Register:
    return Register(key_of(register), f.field_read, write, offsetof(Vcpu, field or register.name.lower()))


def _operation(place: int, write: Write, operand: int = 0) -> Register:
    return Register(place, write=write, operand=operand)


def _operations(registers: tuple[Cp15, ...], write: Write) -> tuple[Register, ...]:
    return tuple(_operation(key_of(register), write) for register in registers)


_IDENTIFICATION: Final = (
    *map(_through, (cp15.MIDR, cp15.CTR, cp15.TCMTR, cp15.TLBTR, cp15.REVIDR)),
    *map(_through, (cp15.ID_PFR0, cp15.ID_DFR0, cp15.ID_AFR0)),
    *map(_through, (cp15.ID_MMFR0, cp15.ID_MMFR1, cp15.ID_MMFR2, cp15.ID_MMFR3)),
    *map(_through, (cp15.ID_ISAR0, cp15.ID_ISAR1, cp15.ID_ISAR2, cp15.ID_ISAR3, cp15.ID_ISAR4)),
    *map(_through, (cp15.CLIDR, cp15.AIDR)),
    _constant(key_of(cp15.MPIDR), MPIDR_VALUE),
    _constant(key_of(cp15.ID_PFR1), PFR1_VALUE),
    # Encodings of c0, c0 without a register of their own are MIDR again (ARM B3.17.2).
    *(Register(key(0, 0, 0, op2), through=cp15.MIDR) for op2 in (4, 7)),
    Register(key_of(cp15.CCSIDR), f.cache_size_read),
    _field(cp15.CSSELR, f.cache_select_write),
)

_CONTROL: Final = (
    _field(cp15.SCTLR, f.control_write),
    _field(cp15.ACTLR),
    _field(cp15.CPACR, f.access_write),
    _field(cp15.TTBR0, f.context_write),
    _field(cp15.TTBR1, f.context_write),
    _field(cp15.TTBCR, f.table_control_write),
    _field(cp15.DACR, f.context_write),
    _field(cp15.DFSR, field="guest_dfsr"),
    _field(cp15.IFSR, field="guest_ifsr"),
    # And AIFSR, the next one.
    _constant(key_of(cp15.ADFSR), 0, f.nothing),
    _constant(key_of(cp15.ADFSR) + 1, 0, f.nothing),
    _field(cp15.DFAR, field="guest_dfar"),
    _field(cp15.IFAR, field="guest_ifar"),
    _field(cp15.PAR, field="physical_address"),
    _constant(key_of(cp15.PMUSERENR), 0),
    _field(cp15.PRRR),
    _field(cp15.NMRR),
    _field(cp15.VBAR, f.vectors_write),
    _constant(key_of(cp15.ISR), 0),
    # The FCSE is not there: writes are ignored (ARM B4.1.67).
    _constant(key_of(cp15.FCSEIDR), 0, f.nothing),
    _field(cp15.CONTEXTIDR, f.context_write),
    _through(cp15.TPIDRURW, f.thread_user_write),
    _field(cp15.TPIDRURO, f.thread_read_only_write),
    _field(cp15.TPIDRPRW),
)

_CACHES: Final = (
    *_operations((cp15.ICIALLU, cp15.ICIALLUIS, cp15.BPIALL, cp15.BPIALLIS, cp15.BPIMVA), m.instruction_all),
    *_operations((cp15.ICIMVAU,), m.instruction_line),
    *_operations((cp15.DCCMVAC, cp15.DCCMVAU, cp15.DCCIMVAC, cp15.DCIMVAC), m.data_line),
    *_operations((cp15.DCCSW, cp15.DCCISW), m.data_set_way),
    *_operations((cp15.DCISW,), f.nothing),
    *(_operation(key_of(cp15.ATS1CPR) + way, m.translate, way) for way in range(4)),
    # CP15ISB, CP15DSB, CP15DMB, the old WFI, and the prefetch of an instruction line, which ARMv7 has as a NOP (ARM B3.17.2).
    *(_operation(key(7, 0, crm, op2), f.nothing) for crm, op2 in ((5, 4), (10, 4), (10, 5), (0, 4), (13, 1))),
)

# Operations on instruction, data and unified TLBs, which are one here; and in the inner shareable domain (ARM B4.2.2).
_TLBS: Final = tuple(
    _operation(key(8, 0, crm, op2), write)
    for crm in (3, 5, 6, 7)
    for op2, write in enumerate((m.tlb_all, m.tlb_address, m.tlb_asid, m.tlb_address))
)

# The rest of the identification scheme, c0, c2, 5 to c0, c7, 7, reads as zero (ARM B7.1.1). These keys alone.
FIRST_ZERO: Final = key(0, 0, 2, 5)
LAST_ZERO: Final = key(0, 0, 7, 7)

REGISTERS: Final = (*_IDENTIFICATION, *_CONTROL, *_CACHES, *_TLBS)
