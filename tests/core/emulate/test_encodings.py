# SPDX-License-Identifier: Apache-2.0
"""Every MRC and MCR encoding of CP15: a guest's kernel finds what a Non-secure kernel finds, except what is named here.

What the Cortex-A9 has is the virtual board's table, of which Unicorn is the judge (tests/board/cp15/test_encodings.py).
"""

from __future__ import annotations

import struct

from ovm.abi.config import GuestState
from ovm.board.cp15 import access
from ovm.board.cp15.registers import REGISTERS, key_of
from ovm.core.trap.undefined import undefined
from ovm.metal import u32
from tests.board.mmu.bare import SVC, Bare
from tests.core.machine import ENTRY, machine, write

# Performance monitors, which guests don't have; registers of the Security Extensions; what is the hypervisor's business.
MONITORS = {
    "PMCR", "PMCNTENSET", "PMCNTENCLR", "PMOVSR", "PMSELR", "PMCCNTR", "PMXEVTYPER", "PMXEVCNTR", "PMINTENSET", "PMINTENCLR",
}  # fmt: skip
HIDDEN_READS = MONITORS | {"NSACR", "POWER", "DIAGNOSTIC", "NEON_BUSY", "CBAR"}
HIDDEN_WRITES = MONITORS | {"PMSWINC", "PMUSERENR"}
# A guest's own one.
SHOWN_WRITES = {"ACTLR"}


def test_every_encoding() -> None:
    rows = {register.key: register for register in REGISTERS}
    processor = Bare()
    processor.enter(SVC, 1)
    found: dict[str, set[str]] = {"r-": set(), "r+": set(), "w-": set(), "w+": set()}
    with machine() as made:
        vcpu = made.vcpu()
        for number in range(1 << 14):
            crn, op1, crm, op2 = number >> 10, number >> 7 & 7, number >> 3 & 15, number & 7
            register = rows.get(key_of(15, crn, op1, crm, op2))
            for load, direction in ((1, "r"), (0, "w")):
                there = register is not None and bool(processor.call(access.allowed, register.rules, 1 - load))
                word = 0xEE00_1F10 | load << 20 | op1 << 21 | crn << 16 | op2 << 5 | crm
                write(vcpu, mode=0x13, privileged=1, psr=0x10, state=GuestState.READY, vbar=0x2000, sctlr=0x00C5_0078)
                made.guest_write(ENTRY, struct.pack("<I", word))
                vcpu.registers[1], vcpu.registers[15] = u32(0), u32(ENTRY + 4)
                made.call(undefined, vcpu)
                if (int(vcpu.mode) != 0x1B) != there:
                    found[direction + "-+"[not there]].add(register.name if register else f"{crn} {op1} {crm} {op2}")
    assert found == {"r-": HIDDEN_READS, "r+": set(), "w-": HIDDEN_WRITES, "w+": SHOWN_WRITES}


def test_what_the_scheme_leaves_free_reads_as_zero_and_as_midr() -> None:
    with machine() as made:
        vcpu = made.vcpu()
        for crm, op2, value in ((0, 4, 0x414F_C091), (0, 7, 0x414F_C091), (2, 5, 0), (2, 7, 0), (3, 0, 0), (7, 7, 0)):
            write(vcpu, mode=0x13, privileged=1, psr=0x10, state=GuestState.READY)
            made.guest_write(ENTRY, struct.pack("<I", 0xEE10_1F10 | op2 << 5 | crm))
            vcpu.registers[1], vcpu.registers[15] = u32(0x55), u32(ENTRY + 4)
            made.call(undefined, vcpu)
            assert int(vcpu.registers[15]) == ENTRY + 4 and int(vcpu.registers[1]) == value
