# SPDX-License-Identifier: Apache-2.0
"""Registers of coprocessor 15, with the manual section that gives the encoding.

`NAME = Cp15(name, crn, op1, crm, op2, manual)`; `MRC p15, op1, Rt, crn, crm, op2`. Registers marked banked exist twice;
in Monitor mode SCR.NS chooses the copy (ARM B3.15.3).
"""

from typing import Final

from ovm.metal import Cp15

# Identification (ARM B3.17.2).
MIDR: Final = Cp15("MIDR", 0, 0, 0, 0, "ARM B4.1.105")
CTR: Final = Cp15("CTR", 0, 0, 0, 1, "ARM B4.1.42")
TCMTR: Final = Cp15("TCMTR", 0, 0, 0, 2, "ARM B4.1.132")
TLBTR: Final = Cp15("TLBTR", 0, 0, 0, 3, "ARM B4.1.139")
MPIDR: Final = Cp15("MPIDR", 0, 0, 0, 5, "ARM B4.1.106")
REVIDR: Final = Cp15("REVIDR", 0, 0, 0, 6, "ARM B4.1.128")
ID_PFR0: Final = Cp15("ID_PFR0", 0, 0, 1, 0, "ARM B4.1.93")
ID_PFR1: Final = Cp15("ID_PFR1", 0, 0, 1, 1, "ARM B4.1.94")
ID_DFR0: Final = Cp15("ID_DFR0", 0, 0, 1, 2, "ARM B4.1.82")
ID_AFR0: Final = Cp15("ID_AFR0", 0, 0, 1, 3, "ARM B4.1.81")
ID_MMFR0: Final = Cp15("ID_MMFR0", 0, 0, 1, 4, "ARM B4.1.89")
ID_MMFR1: Final = Cp15("ID_MMFR1", 0, 0, 1, 5, "ARM B4.1.90")
ID_MMFR2: Final = Cp15("ID_MMFR2", 0, 0, 1, 6, "ARM B4.1.91")
ID_MMFR3: Final = Cp15("ID_MMFR3", 0, 0, 1, 7, "ARM B4.1.92")
ID_ISAR0: Final = Cp15("ID_ISAR0", 0, 0, 2, 0, "ARM B4.1.83")
ID_ISAR1: Final = Cp15("ID_ISAR1", 0, 0, 2, 1, "ARM B4.1.84")
ID_ISAR2: Final = Cp15("ID_ISAR2", 0, 0, 2, 2, "ARM B4.1.85")
ID_ISAR3: Final = Cp15("ID_ISAR3", 0, 0, 2, 3, "ARM B4.1.86")
ID_ISAR4: Final = Cp15("ID_ISAR4", 0, 0, 2, 4, "ARM B4.1.87")
CCSIDR: Final = Cp15("CCSIDR", 0, 1, 0, 0, "ARM B4.1.19")
CLIDR: Final = Cp15("CLIDR", 0, 1, 0, 1, "ARM B4.1.20")
AIDR: Final = Cp15("AIDR", 0, 1, 0, 7, "ARM B4.1.3")
CSSELR: Final = Cp15("CSSELR", 0, 2, 0, 0, "ARM B4.1.41")  # banked

# Control (ARM B3.17.2). ACTLR and CPACR are common to both worlds.
SCTLR: Final = Cp15("SCTLR", 1, 0, 0, 0, "ARM B4.1.130")  # banked
ACTLR: Final = Cp15("ACTLR", 1, 0, 0, 1, "A9 4.3.10")
CPACR: Final = Cp15("CPACR", 1, 0, 0, 2, "ARM B4.1.40")
SCR: Final = Cp15("SCR", 1, 0, 1, 0, "ARM B4.1.129")
SDER: Final = Cp15("SDER", 1, 0, 1, 1, "ARM B4.1.131")
NSACR: Final = Cp15("NSACR", 1, 0, 1, 2, "ARM B4.1.111")
VCR: Final = Cp15("VCR", 1, 0, 1, 3, "A9 4.3.14")

# Translation (ARM B3.17.2); all banked.
TTBR0: Final = Cp15("TTBR0", 2, 0, 0, 0, "ARM B4.1.154")
TTBR1: Final = Cp15("TTBR1", 2, 0, 0, 1, "ARM B4.1.155")
TTBCR: Final = Cp15("TTBCR", 2, 0, 0, 2, "ARM B4.1.153")
DACR: Final = Cp15("DACR", 3, 0, 0, 0, "ARM B4.1.43")
DFSR: Final = Cp15("DFSR", 5, 0, 0, 0, "ARM B4.1.52")
IFSR: Final = Cp15("IFSR", 5, 0, 0, 1, "ARM B4.1.96")
ADFSR: Final = Cp15("ADFSR", 5, 0, 1, 0, "ARM B4.1.2")
AIFSR: Final = Cp15("AIFSR", 5, 0, 1, 1, "ARM B4.1.2")
DFAR: Final = Cp15("DFAR", 6, 0, 0, 0, "ARM B4.1.51")
IFAR: Final = Cp15("IFAR", 6, 0, 0, 2, "ARM B4.1.95")

# Cache, branch predictor and address translation operations (ARM B4.2.1, B4.2.4).
ICIALLUIS: Final = Cp15("ICIALLUIS", 7, 0, 1, 0, "ARM B4.2.1")
BPIALLIS: Final = Cp15("BPIALLIS", 7, 0, 1, 6, "ARM B4.2.1")
PAR: Final = Cp15("PAR", 7, 0, 4, 0, "ARM B4.1.112")  # banked
ICIALLU: Final = Cp15("ICIALLU", 7, 0, 5, 0, "ARM B4.2.1")
ICIMVAU: Final = Cp15("ICIMVAU", 7, 0, 5, 1, "ARM B4.2.1")
BPIALL: Final = Cp15("BPIALL", 7, 0, 5, 6, "ARM B4.2.1")
BPIMVA: Final = Cp15("BPIMVA", 7, 0, 5, 7, "ARM B4.2.1")
DCIMVAC: Final = Cp15("DCIMVAC", 7, 0, 6, 1, "ARM B4.2.1")
DCISW: Final = Cp15("DCISW", 7, 0, 6, 2, "ARM B4.2.1")
ATS1CPR: Final = Cp15("ATS1CPR", 7, 0, 8, 0, "ARM B4.2.4")
ATS1CPW: Final = Cp15("ATS1CPW", 7, 0, 8, 1, "ARM B4.2.4")
ATS1CUR: Final = Cp15("ATS1CUR", 7, 0, 8, 2, "ARM B4.2.4")
ATS1CUW: Final = Cp15("ATS1CUW", 7, 0, 8, 3, "ARM B4.2.4")
DCCMVAC: Final = Cp15("DCCMVAC", 7, 0, 10, 1, "ARM B4.2.1")
DCCSW: Final = Cp15("DCCSW", 7, 0, 10, 2, "ARM B4.2.1")
DCCMVAU: Final = Cp15("DCCMVAU", 7, 0, 11, 1, "ARM B4.2.1")
DCCIMVAC: Final = Cp15("DCCIMVAC", 7, 0, 14, 1, "ARM B4.2.1")
DCCISW: Final = Cp15("DCCISW", 7, 0, 14, 2, "ARM B4.2.1")

# TLB maintenance (ARM B4.2.2). In Monitor mode SCR.NS chooses the world on whose entries they act.
TLBIALLIS: Final = Cp15("TLBIALLIS", 8, 0, 3, 0, "ARM B4.2.2")
TLBIMVAIS: Final = Cp15("TLBIMVAIS", 8, 0, 3, 1, "ARM B4.2.2")
TLBIASIDIS: Final = Cp15("TLBIASIDIS", 8, 0, 3, 2, "ARM B4.2.2")
TLBIMVAAIS: Final = Cp15("TLBIMVAAIS", 8, 0, 3, 3, "ARM B4.2.2")
TLBIALL: Final = Cp15("TLBIALL", 8, 0, 7, 0, "ARM B4.2.2")
TLBIMVA: Final = Cp15("TLBIMVA", 8, 0, 7, 1, "ARM B4.2.2")
TLBIASID: Final = Cp15("TLBIASID", 8, 0, 7, 2, "ARM B4.2.2")
TLBIMVAA: Final = Cp15("TLBIMVAA", 8, 0, 7, 3, "ARM B4.2.2")

# TLB lockdown and memory remap (A9 4.3.15; ARM B4.1.127); PRRR and NMRR are banked.
TLB_LOCKDOWN: Final = Cp15("TLB_LOCKDOWN", 10, 0, 0, 0, "A9 4.3.15")
PRRR: Final = Cp15("PRRR", 10, 0, 2, 0, "ARM B4.1.127")
NMRR: Final = Cp15("NMRR", 10, 0, 2, 1, "ARM B4.1.109")

# Vectors and virtual interrupts (ARM B4.1.156; A9 4.3.21).
VBAR: Final = Cp15("VBAR", 12, 0, 0, 0, "ARM B4.1.156")  # banked
MVBAR: Final = Cp15("MVBAR", 12, 0, 0, 1, "ARM B4.1.107")
ISR: Final = Cp15("ISR", 12, 0, 1, 0, "ARM B4.1.98")
VIR: Final = Cp15("VIR", 12, 0, 1, 1, "A9 4.3.21")

# Context and thread identification (ARM B3.17.2); banked.
FCSEIDR: Final = Cp15("FCSEIDR", 13, 0, 0, 0, "ARM B4.1.67")
CONTEXTIDR: Final = Cp15("CONTEXTIDR", 13, 0, 0, 1, "ARM B4.1.36")
TPIDRURW: Final = Cp15("TPIDRURW", 13, 0, 0, 2, "ARM B4.1.150")
TPIDRURO: Final = Cp15("TPIDRURO", 13, 0, 0, 3, "ARM B4.1.149")
TPIDRPRW: Final = Cp15("TPIDRPRW", 13, 0, 0, 4, "ARM B4.1.148")

# Performance monitors (ARM B4.1.117 to B4.1.126).
PMCR: Final = Cp15("PMCR", 9, 0, 12, 0, "ARM B4.1.117")
PMCNTENSET: Final = Cp15("PMCNTENSET", 9, 0, 12, 1, "ARM B4.1.116")
PMCCNTR: Final = Cp15("PMCCNTR", 9, 0, 13, 0, "ARM B4.1.113")
PMCNTENCLR: Final = Cp15("PMCNTENCLR", 9, 0, 12, 2, "ARM B4.1.115")
PMOVSR: Final = Cp15("PMOVSR", 9, 0, 12, 3, "ARM B4.1.121")
PMSELR: Final = Cp15("PMSELR", 9, 0, 12, 5, "ARM B4.1.123")
PMXEVTYPER: Final = Cp15("PMXEVTYPER", 9, 0, 13, 1, "ARM B4.1.126")
PMINTENCLR: Final = Cp15("PMINTENCLR", 9, 0, 14, 2, "ARM B4.1.119")
PMUSERENR: Final = Cp15("PMUSERENR", 9, 0, 14, 0, "ARM B4.1.124")

# Implementation defined: base of the private peripherals, and the lock entries of the main TLB (A9 4.3.25).
DIAGNOSTIC: Final = Cp15("DIAGNOSTIC", 15, 0, 0, 1, "Cortex-A9 MPCore errata notice")
CBAR: Final = Cp15("CBAR", 15, 4, 0, 0, "A9 4.3.24")
TLB_SELECT_READ: Final = Cp15("TLB_SELECT_READ", 15, 5, 4, 2, "A9 4.3.25")
TLB_SELECT_WRITE: Final = Cp15("TLB_SELECT_WRITE", 15, 5, 4, 4, "A9 4.3.25")
TLB_VA: Final = Cp15("TLB_VA", 15, 5, 5, 2, "A9 4.3.25")
TLB_PA: Final = Cp15("TLB_PA", 15, 5, 6, 2, "A9 4.3.25")
TLB_ATTRIBUTES: Final = Cp15("TLB_ATTRIBUTES", 15, 5, 7, 2, "A9 4.3.25")


def key(crn: int, op1: int, crm: int, op2: int) -> int:
    """Fold the four numbers that select a register into the one that the emulator switches on."""
    return crn << 12 | op1 << 8 | crm << 4 | op2


def key_of(register: Cp15) -> int:
    """Fold a register's encoding, as `key` does."""
    return key(register.crn, register.op1, register.crm, register.op2)
