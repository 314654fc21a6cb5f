# SPDX-License-Identifier: Apache-2.0
"""The registers of CP15 and CP14, in the manual's notation (A9 4.2; ARM B3.17, B4.2, C6.4, C12.7).

A register that is not listed is UNDEFINED: of the Cortex-A9's registers these are the preload engine (c11), jTLB and parity
diagnostics (c15). Debug events don't exist: the debug registers are storage, and DBGDSCR reads as with DBGEN LOW (ARM C11.11.20).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from ovm.board.cache.maintain import CLEAN, INVALIDATE
from ovm.board.coprocessors import BREAKPOINTS, WATCHPOINTS, Extra
from ovm.board.cp15 import control as c
from ovm.board.cp15 import fields as f
from ovm.board.cp15 import identification as i
from ovm.board.cp15 import lockdown as lock
from ovm.board.cp15 import operations as o
from ovm.board.cp15 import performance as p
from ovm.board.cp15.access import (
    LOCKDOWN,
    MONITORS,
    READ,
    REFETCH,
    SECURE,
    SECURE_WRITE,
    SMP_WRITE,
    THUMB_EE,
    USER_READ,
    USER_WRITE,
    WRITE,
)
from ovm.board.mmu import maintain as tlb
from ovm.board.state import Cpu, WorldRegisters
from ovm.metal import offsetof, u32

ALL_BITS: Final = 0xFFFF_FFFF
BOTH: Final = READ | WRITE
ANYONE: Final = BOTH | USER_READ | USER_WRITE


@dataclass(frozen=True)
class Register:
    """One register or operation: its rights, and the functions that read and write it."""

    name: str
    key: int
    rules: int
    read: Callable[..., u32]
    write: Callable[..., None]
    offset: int
    mask: int


def key_of(coprocessor: int, crn: int, op1: int, crm: int, op2: int) -> int:
    """Fold the fields that select a register into one number."""
    return coprocessor << 16 | crn << 12 | op1 << 8 | crm << 4 | op2


def _row(name: str, where: str, rules: int, read: Any, write: Any, offset: int = 0, mask: int = ALL_BITS) -> Register:
    """Make a row; `where` is `[p14,] CRn, op1, CRm, op2` as in `c1,0,c0,0`."""
    parts = [int(part.strip("cp ")) for part in where.split(",")]
    coprocessor, numbers = (parts[0], parts[1:]) if len(parts) == 5 else (15, parts)
    crn, op1, crm, op2 = numbers
    return Register(name, key_of(coprocessor, crn, op1, crm, op2), rules, read, write, offset, mask)


def _constant(name: str, where: str, value: int, rules: int = READ) -> Register:
    return _row(name, where, rules, f.constant, f.ignore, mask=value)


def _banked(name: str, where: str, mask: int = ALL_BITS, rules: int = BOTH, field: str = "") -> Register:
    offset = offsetof(WorldRegisters, field or name.lower())
    return _row(name, where, rules, f.read_banked, f.write_banked, offset, mask)


def _common(name: str, where: str, mask: int, rules: int, write: Any = f.write_common) -> Register:
    return _row(name, where, rules, f.read_common, write, offsetof(Cpu, name.lower()), mask)


def _extra(name: str, where: str, field: str, mask: int, rules: int) -> Register:
    return _row(name, where, rules, f.read_extra, f.write_extra, offsetof(Extra, field), mask)


def _operation(name: str, where: str, write: Any, mask: int = 0, rules: int = WRITE) -> Register:
    return _row(name, where, rules, f.constant, write, 0, mask)


_IDENTIFICATION: Final = (
    _constant("MIDR", "c0,0,c0,0", i.MIDR),
    _constant("CTR", "c0,0,c0,1", i.CTR),
    _constant("TCMTR", "c0,0,c0,2", 0),
    _constant("TLBTR", "c0,0,c0,3", i.TLBTR),
    _constant("MIDR_4", "c0,0,c0,4", i.MIDR),
    _row("MPIDR", "c0,0,c0,5", READ, i.read_mpidr, f.ignore),
    _constant("REVIDR", "c0,0,c0,6", 0),
    _constant("MIDR_7", "c0,0,c0,7", i.MIDR),
    _constant("ID_PFR0", "c0,0,c1,0", i.ID_PFR0),
    _constant("ID_PFR1", "c0,0,c1,1", i.ID_PFR1),
    _constant("ID_DFR0", "c0,0,c1,2", i.ID_DFR0),
    _constant("ID_AFR0", "c0,0,c1,3", 0),
    _constant("ID_MMFR0", "c0,0,c1,4", i.ID_MMFR0),
    _constant("ID_MMFR1", "c0,0,c1,5", i.ID_MMFR1),
    _constant("ID_MMFR2", "c0,0,c1,6", i.ID_MMFR2),
    _constant("ID_MMFR3", "c0,0,c1,7", i.ID_MMFR3),
    _constant("ID_ISAR0", "c0,0,c2,0", i.ID_ISAR0),
    _constant("ID_ISAR1", "c0,0,c2,1", i.ID_ISAR1),
    _constant("ID_ISAR2", "c0,0,c2,2", i.ID_ISAR2),
    _constant("ID_ISAR3", "c0,0,c2,3", i.ID_ISAR3),
    _constant("ID_ISAR4", "c0,0,c2,4", i.ID_ISAR4),
    # The rest of the identification scheme reads as zero (ARM B3.17.2, CRn 0).
    *(_constant(f"ID_ISAR{number}", f"c0,0,c2,{number}", 0) for number in (5, 6, 7)),
    *(_constant(f"ID_{crm}_{op2}", f"c0,0,c{crm},{op2}", 0) for crm in range(3, 8) for op2 in range(8)),
    _row("CCSIDR", "c0,1,c0,0", READ, i.read_ccsidr, f.ignore),
    _constant("CLIDR", "c0,1,c0,1", i.CLIDR),
    _constant("AIDR", "c0,1,c0,7", 0),
    _banked("CSSELR", "c0,2,c0,0", i.CSSELR_WRITABLE),
)

_CONTROL: Final = (
    _row("SCTLR", "c1,0,c0,0", BOTH | REFETCH, c.read_sctlr, c.write_sctlr),
    _common("ACTLR", "c1,0,c0,1", ALL_BITS, BOTH | SMP_WRITE, c.write_actlr),
    _row("CPACR", "c1,0,c0,2", BOTH, c.read_cpacr, c.write_cpacr),
    _common("SCR", "c1,0,c1,0", ALL_BITS, BOTH | SECURE | REFETCH, c.write_scr),
    _common("SDER", "c1,0,c1,1", 3, BOTH | SECURE),
    _common("NSACR", "c1,0,c1,2", c.NSACR_WRITABLE, BOTH | SECURE_WRITE),
    _common("VCR", "c1,0,c1,3", 0x1C0, BOTH | SECURE, f.write_routing),
    _banked("TTBR0", "c2,0,c0,0"),
    _banked("TTBR1", "c2,0,c0,1"),
    _banked("TTBCR", "c2,0,c0,2", 0x37),
    _row("DACR", "c3,0,c0,0", BOTH | REFETCH, f.read_banked, c.write_dacr, offsetof(WorldRegisters, "dacr")),
    _banked("DFSR", "c5,0,c0,0", 0x1DFF),
    _banked("IFSR", "c5,0,c0,1", 0x140F),
    _constant("ADFSR", "c5,0,c1,0", 0, BOTH),
    _constant("AIFSR", "c5,0,c1,1", 0, BOTH),
    _banked("DFAR", "c6,0,c0,0"),
    _banked("IFAR", "c6,0,c0,2"),
    _row("TLB_LOCKDOWN", "c10,0,c0,0", BOTH | LOCKDOWN, lock.read_lock, lock.write_lock),
    _banked("PRRR", "c10,0,c2,0"),
    _banked("NMRR", "c10,0,c2,1"),
    _banked("VBAR", "c12,0,c0,0", 0xFFFF_FFE0),
    _common("MVBAR", "c12,0,c0,1", 0xFFFF_FFE0, BOTH | SECURE),
    _row("ISR", "c12,0,c1,0", READ, c.read_isr, f.ignore),
    _common("VIR", "c12,0,c1,1", 0x1C0, BOTH | SECURE, f.write_routing),
    _constant("FCSEIDR", "c13,0,c0,0", 0, BOTH),
    _row("CONTEXTIDR", "c13,0,c0,1", BOTH | REFETCH, f.read_banked, c.write_contextidr, offsetof(WorldRegisters, "contextidr")),
    _banked("TPIDRURW", "c13,0,c0,2", rules=ANYONE),
    _banked("TPIDRURO", "c13,0,c0,3", rules=BOTH | USER_READ),
    _banked("TPIDRPRW", "c13,0,c0,4"),
)

_CACHES: Final = (
    _operation("NOP", "c7,0,c0,4", f.ignore),
    _operation("ICIALLUIS", "c7,0,c1,0", o.instruction_all_shared),
    _operation("BPIALLIS", "c7,0,c1,6", o.branch_all_shared),
    _banked("PAR", "c7,0,c4,0", 0xFFFF_F6FF),
    _operation("ICIALLU", "c7,0,c5,0", o.instruction_all),
    _operation("ICIMVAU", "c7,0,c5,1", o.instruction_line),
    _operation("CP15ISB", "c7,0,c5,4", o.barrier, rules=WRITE | USER_WRITE | REFETCH),
    _operation("BPIALL", "c7,0,c5,6", o.branch_all),
    _operation("BPIMVA", "c7,0,c5,7", o.branch_at),
    _operation("DCIMVAC", "c7,0,c6,1", o.data_line, INVALIDATE),
    _operation("DCISW", "c7,0,c6,2", o.data_set_way, INVALIDATE),
    _operation("DCCMVAC", "c7,0,c10,1", o.data_line, CLEAN),
    _operation("DCCSW", "c7,0,c10,2", o.data_set_way, CLEAN),
    _operation("CP15DSB", "c7,0,c10,4", o.barrier, o.DATA_SYNCHRONISE, rules=WRITE | USER_WRITE),
    _operation("CP15DMB", "c7,0,c10,5", o.barrier, rules=WRITE | USER_WRITE),
    _operation("DCCMVAU", "c7,0,c11,1", o.data_line, CLEAN),
    _operation("NOP_13", "c7,0,c13,1", f.ignore),
    _operation("DCCIMVAC", "c7,0,c14,1", o.data_line, CLEAN | INVALIDATE),
    _operation("DCCISW", "c7,0,c14,2", o.data_set_way, CLEAN | INVALIDATE),
    *(_operation(f"ATS1C{who}", f"c7,0,c8,{n}", o.address_translation, n) for n, who in enumerate(("PR", "PW", "UR", "UW"))),
    *(
        _operation(f"ATS12NSO{who}", f"c7,0,c8,{4 + n}", o.address_translation, 4 + n, WRITE | SECURE)
        for n, who in enumerate(("PR", "PW", "UR", "UW"))
    ),
)

_KINDS: Final = ((tlb.ALL, "ALL"), (tlb.BY_ADDRESS, "MVA"), (tlb.BY_ASID, "ASID"), (tlb.BY_ADDRESS_ANY_ASID, "MVAA"))
_TLBS: Final = tuple(
    _operation(f"{side}TLBI{kind}{ending}", f"c8,0,c{crm},{op2}", o.translation_buffers, op2 | shared, WRITE | REFETCH)
    for crm, side, ending, shared in ((3, "", "IS", tlb.SHARED), (5, "I", "", 0), (6, "D", "", 0), (7, "", "", 0))
    for op2, kind in _KINDS
)

_MONITOR: Final = BOTH | MONITORS
_PERFORMANCE: Final = (
    _row("PMCR", "c9,0,c12,0", _MONITOR, p.read_control, p.write_control),
    _row("PMCNTENSET", "c9,0,c12,1", _MONITOR, p.read_enabled, p.write_enabled, mask=1),
    _row("PMCNTENCLR", "c9,0,c12,2", _MONITOR, p.read_enabled, p.write_enabled, mask=0),
    _row("PMOVSR", "c9,0,c12,3", _MONITOR, p.read_overflow, p.write_overflow),
    _row("PMSWINC", "c9,0,c12,4", WRITE | MONITORS, f.constant, p.write_increment),
    _extra("PMSELR", "c9,0,c12,5", "selected", 0x1F, _MONITOR),
    _row("PMCCNTR", "c9,0,c13,0", _MONITOR, p.read_cycles, p.write_cycles),
    _row("PMXEVTYPER", "c9,0,c13,1", _MONITOR, p.read_type, p.write_type),
    _row("PMXEVCNTR", "c9,0,c13,2", _MONITOR, p.read_value, p.write_value),
    _extra("PMUSERENR", "c9,0,c14,0", "user", 1, BOTH | USER_READ),
    _row("PMINTENSET", "c9,0,c14,1", BOTH, p.read_interrupts, p.write_interrupts, mask=1),
    _row("PMINTENCLR", "c9,0,c14,2", BOTH, p.read_interrupts, p.write_interrupts, mask=0),
)

_DEFINED_BY_CORE: Final = (
    _extra("POWER", "c15,0,c0,0", "power", 0x701, BOTH | SECURE_WRITE),
    _extra("DIAGNOSTIC", "c15,0,c0,1", "diagnostic", ALL_BITS, BOTH | SECURE_WRITE),
    _constant("NEON_BUSY", "c15,0,c1,0", 0),
    _extra("CBAR", "c15,4,c0,0", "base", 0xFFFF_E000, BOTH | USER_READ | SECURE_WRITE),
    _row("TLB_SELECT_READ", "c15,5,c4,2", WRITE | SECURE, f.constant, lock.select_read),
    _row("TLB_SELECT_WRITE", "c15,5,c4,4", WRITE | SECURE, f.constant, lock.select_write),
    _row("TLB_VA", "c15,5,c5,2", BOTH | SECURE, lock.read_virtual, lock.write_virtual),
    _row("TLB_PA", "c15,5,c6,2", BOTH | SECURE | REFETCH, lock.read_physical, lock.write_physical),
    _row("TLB_ATTRIBUTES", "c15,5,c7,2", BOTH | SECURE, lock.read_attributes, lock.write_attributes),
)

_WORD: Final = 4


def _debug_pairs(kind: str, field: str, count: int, op2: int) -> Iterator[Register]:
    """Yield value and control registers of breakpoints or watchpoints (ARM C11.11.1 to C11.11.5, C11.11.42 to C11.11.44)."""
    for number in range(count):
        for part, value, mask in ((0, "VR", 0xFFFF_FFFC), (1, "CR", ALL_BITS)):
            offset = offsetof(Extra, f"{field}_{'controls' if part else 'values'}") + _WORD * number
            where = f"p14,c0,0,c{number},{op2 + part}"
            yield _row(f"DBG{kind}{value}{number}", where, BOTH, f.read_extra, f.write_extra, offset, mask)


_DEBUG: Final = (
    _constant("DBGDIDR", "p14,c0,0,c0,0", 0x3513_7030, READ | USER_READ),
    _constant("DBGDSCRint", "p14,c0,0,c1,0", 0, READ | USER_READ),
    _extra("DBGWFAR", "p14,c0,0,c6,0", "watchpoint_fault", ALL_BITS, BOTH),
    _extra("DBGVCR", "p14,c0,0,c7,0", "vector_catch", ALL_BITS, BOTH),
    *(_constant(name, f"p14,c0,0,c{crm},0", 0, BOTH) for name, crm in (("DBGECR", 9), ("DBGDSCCR", 10), ("DBGDSMCR", 11))),
    _constant("DBGDSCRext", "p14,c0,0,c2,2", 0, BOTH),
    *_debug_pairs("B", "breakpoint", BREAKPOINTS, 4),
    *_debug_pairs("W", "watchpoint", WATCHPOINTS, 6),
    # OS save and restore isn't there, and the core has power (A9 10.2.1).
    _operation("DBGOSLAR", "p14,c1,0,c0,4", f.ignore),
    _constant("DBGOSLSR", "p14,c1,0,c1,4", 0),
    _constant("DBGPRSR", "p14,c1,0,c5,4", 1),
    _constant("DBGDRAR", "p14,c1,0,c0,0", 0, READ | USER_READ),
    _constant("DBGDSAR", "p14,c2,0,c0,0", 0, READ | USER_READ),
    _extra("TEECR", "p14,c0,6,c0,0", "teecr", 1, BOTH | USER_READ),
    _extra("TEEHBR", "p14,c1,6,c0,0", "teehbr", 0xFFFF_FFFC, BOTH | THUMB_EE),
    _constant("JIDR", "p14,c0,7,c0,0", 0),
    _extra("JOSCR", "p14,c1,7,c0,0", "joscr", 3, BOTH),
    _extra("JMCR", "p14,c2,7,c0,0", "jmcr", 0, BOTH),
)

REGISTERS: Final = [
    *_IDENTIFICATION,
    *_CONTROL,
    *_CACHES,
    *_TLBS,
    *_PERFORMANCE,
    *_DEFINED_BY_CORE,
    *_DEBUG,
]
