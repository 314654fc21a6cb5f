# SPDX-License-Identifier: Apache-2.0
"""Every MRC and MCR encoding of CP15 and CP14, in four states: where Unicorn's Cortex-A9 takes it, and where ours does.

Unicorn answers whole ranges that a Cortex-A9 leaves UNDEFINED, and lacks registers that it has. Each difference is named
here; what they are by the TRM is in tests/board/disagreements.md.
"""

import struct
from collections import defaultdict

import unicorn
from unicorn import arm_const as names

from ovm.arm import cp15
from ovm.board.cp15 import access
from ovm.board.cp15.registers import REGISTERS, key_of
from tests.board.mmu.bare import SVC, USR, Bare

CODE = 0x8000
STATES = {"SP": (0, SVC), "SU": (0, USR), "NP": (1, SVC), "NU": (1, USR)}
PRIVILEGED = {"SP", "NP"}
SCR = (15, 1, 0, 1, 0)  # writing it would change the state that is asked about
# Where ours lets pass (+) or refuses (-) otherwise than theirs: state, r or w.
KNOWN = {
    "DBGDSCRint": {"SUr+", "NUr+"},
    **dict.fromkeys(("DBGWFAR", "DBGECR", "DBGDSCCR", "DBGDSMCR"), {"SPr+", "SPw+", "NPr+", "NPw+"}),
    "DBGPRSR": {"SPr+", "NPr+"},
    "TEECR": {"SUr+", "NUr+"},
    "CBAR": {"SUr+", "NUr+"},
    "ACTLR": {"NPw-"},
    "POWER": {"NPw-"},
    "DIAGNOSTIC": {"NPw-"},
    "NEON_BUSY": {"SPw-", "NPw-"},
    "VCR": {"SPr+", "SPw+"},
    "VIR": {"SPr+", "SPw+"},
    "ITLBIMVAA": {"SPw+", "NPw+"},
    "DTLBIMVAA": {"SPw+", "NPw+"},
    "TLB_LOCKDOWN": {"NPr-", "NPw-"},
    "TLB_SELECT_READ": {"NPw-"},
    "TLB_SELECT_WRITE": {"NPw-"},
    "TLB_VA": {"NPr-", "NPw-"},
    "TLB_PA": {"NPr-", "NPw-"},
    "TLB_ATTRIBUTES": {"NPr-", "NPw-"},
}
# Coprocessor, CRn, op1 of encodings that a Cortex-A9 has not, and Unicorn has: others than these must be UNDEFINED on both.
THEIRS = {
    *((15, crn, op1) for crn in (3, 10) for op1 in range(8)),
    *((15, crn, 4) for crn in (1, 2, 5, 6, 12, 13, 14)),
    *((15, crn, 0) for crn in (6, 7, 14, 15)),
    (15, 5, 6),
    (14, 0, 0),
    (14, 1, 0),
}


def judge(ns: int) -> unicorn.Uc:
    machine = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_ARM)
    machine.ctl_set_cpu_model(names.UC_CPU_ARM_CORTEX_A9)
    machine.mem_map(0, 1 << 16)
    machine.reg_write(names.UC_ARM_REG_CPSR, 0x1C0 | SVC)
    scr = cp15.SCR
    machine.reg_write(names.UC_ARM_REG_CP_REG, (15, 0, 1, scr.crn, scr.crm, scr.op1, scr.op2, ns))
    return machine


def takes(machine: unicorn.Uc, word: int, mode: int) -> bool:
    """Tell whether theirs executes an instruction in a mode, with 0 as what may be written."""
    machine.mem_write(CODE, struct.pack("<I", word))
    machine.ctl_remove_cache(CODE, CODE + 4)
    machine.reg_write(names.UC_ARM_REG_R0, 0)
    machine.reg_write(names.UC_ARM_REG_CPSR, 0x1C0 | mode)
    try:
        machine.emu_start(CODE, CODE + 4, count=1)
    except unicorn.UcError:
        return False
    return True


def encodings() -> list[tuple[int, int, int, int, int]]:
    return [
        (coprocessor, crn, op1, crm, op2)
        for coprocessor in (15, 14)
        for crn in range(16)
        for op1 in range(8)
        for crm in range(16)
        for op2 in range(8)
    ]


def test_every_encoding() -> None:
    ours, rows = Bare(), {register.key: register for register in REGISTERS}
    found: dict[tuple[int, int, int, int, int], set[str]] = defaultdict(set)
    for state, (ns, mode) in STATES.items():
        theirs = judge(ns)
        ours.enter(mode, ns)
        for where in encodings():
            coprocessor, crn, op1, crm, op2 = where
            register = rows.get(key_of(*where))
            for load, direction in ((1, "r"), (0, "w")):
                if where == SCR and not load:
                    continue
                word = 0xEE00_0010 | coprocessor << 8 | load << 20 | op1 << 21 | crn << 16 | op2 << 5 | crm
                mine = register is not None and bool(ours.call(access.allowed, register.rules, 1 - load))
                if mine != takes(theirs, word, mode):
                    found[where].add(state + direction + "-+"[mine])
    named = {rows[key_of(*where)].name: differences for where, differences in found.items() if key_of(*where) in rows}
    assert named == KNOWN
    for where, differences in found.items():
        if key_of(*where) not in rows:
            assert where[:3] in THEIRS, where
            assert {each[:2] for each in differences} <= PRIVILEGED, where
    print(len(encodings()) * 8, "accesses,", len(found), "encodings that only one of them has")
