# SPDX-License-Identifier: Apache-2.0
"""CP15 by the TRM's tables: who may, what a write keeps, which world's copy counts (A9 4.2; ARM B3.15.3)."""

import pytest

from ovm.arm.control import ACTLR_FW, ACTLR_SMP, SCR_IRQ, SCTLR_M, SCTLR_NMFI, SCTLR_RR, VCR_IRQ
from ovm.board.cp15 import dispatch
from ovm.board.cp15.control import NSACR_SMP, NSACR_TL
from ovm.board.cp15.registers import REGISTERS, key_of
from tests.board.mmu.bare import MON, RULES, SVC, USR, Bare

NOTHING = 0xFFFF
BOTH, READS, WRITES, NEVER = (True, True), (True, False), (False, True), (False, False)
# Secure privileged, Non-secure privileged, Secure User, Non-secure User: (read, write), after reset.
PRIVILEGED = (BOTH, BOTH, NEVER, NEVER)
IDENTITY = (READS, READS, NEVER, NEVER)
SECURE = (BOTH, NEVER, NEVER, NEVER)
SECURE_WRITE = (BOTH, READS, NEVER, NEVER)
OPERATION = (WRITES, WRITES, NEVER, NEVER)
SECURE_OPERATION = (WRITES, NEVER, NEVER, NEVER)
BARRIER = (WRITES, WRITES, WRITES, WRITES)
EXPECTED = {
    **dict.fromkeys(("MIDR", "CTR", "TCMTR", "TLBTR", "MPIDR", "ID_PFR0", "ID_MMFR3", "ID_ISAR4", "ISR", "CCSIDR"), IDENTITY),
    **dict.fromkeys(("CLIDR", "AIDR", "NEON_BUSY"), IDENTITY),
    **dict.fromkeys(("CSSELR", "SCTLR", "CPACR", "TTBR0", "TTBR1", "TTBCR", "DACR", "DFSR", "IFSR", "DFAR", "IFAR"), PRIVILEGED),
    **dict.fromkeys(("PAR", "PRRR", "NMRR", "VBAR", "CONTEXTIDR", "FCSEIDR", "TPIDRPRW", "ADFSR", "AIFSR"), PRIVILEGED),
    **dict.fromkeys(("SCR", "SDER", "VCR", "VIR", "MVBAR", "TLB_VA", "TLB_PA", "TLB_ATTRIBUTES"), SECURE),
    **dict.fromkeys(("NSACR", "POWER", "DIAGNOSTIC"), SECURE_WRITE),
    "ACTLR": SECURE_WRITE,
    "TLB_LOCKDOWN": SECURE,
    "TPIDRURW": (BOTH, BOTH, BOTH, BOTH),
    "TPIDRURO": (BOTH, BOTH, READS, READS),
    "CBAR": (BOTH, READS, READS, READS),
    **dict.fromkeys(("ICIALLU", "ICIALLUIS", "ICIMVAU", "BPIALL", "DCIMVAC", "DCISW", "DCCMVAC", "DCCSW"), OPERATION),
    **dict.fromkeys(("DCCMVAU", "DCCIMVAC", "DCCISW", "ATS1CPR", "ATS1CPW", "ATS1CUR", "ATS1CUW"), OPERATION),
    **dict.fromkeys(("TLBIALL", "TLBIMVA", "TLBIASID", "TLBIMVAA", "TLBIALLIS", "ITLBIALL", "DTLBIMVA"), OPERATION),
    **dict.fromkeys(("ATS12NSOPR", "ATS12NSOUW", "TLB_SELECT_READ", "TLB_SELECT_WRITE"), SECURE_OPERATION),
    **dict.fromkeys(("CP15ISB", "CP15DSB", "CP15DMB"), BARRIER),
    **dict.fromkeys(("PMCR", "PMCNTENSET", "PMCCNTR", "PMXEVTYPER", "PMINTENSET"), PRIVILEGED),
    "PMUSERENR": (BOTH, BOTH, READS, READS),
    "DBGDIDR": (READS, READS, READS, READS),
    **dict.fromkeys(("DBGBVR0", "DBGBCR5", "DBGWVR3", "DBGWCR0", "DBGVCR", "DBGWFAR", "DBGDSCRext"), PRIVILEGED),
    **dict.fromkeys(("DBGECR", "DBGDSCCR", "DBGDSMCR"), PRIVILEGED),
    **dict.fromkeys(("DBGOSLSR", "DBGPRSR"), IDENTITY),
    "DBGOSLAR": OPERATION,
}
PLACES = ((SVC, 0), (SVC, 1), (USR, 0), (USR, 1))


@pytest.fixture(scope="module")
def shared() -> Bare:
    return Bare()


@pytest.fixture
def core(shared: Bare) -> Bare:
    shared.reset()
    return shared


def rights(core: Bare, name: str) -> tuple[tuple[bool, bool], ...]:
    found = []
    for mode, ns in PLACES:
        core.enter(mode, ns)
        found.append((core.allowed(name, False), core.allowed(name, True)))
    return tuple(found)


@pytest.mark.parametrize("name", EXPECTED)
def test_access_rights(core: Bare, name: str) -> None:
    assert rights(core, name) == EXPECTED[name]


def test_nsacr_opens_registers(core: Bare) -> None:
    core.write("NSACR", NSACR_TL)
    assert rights(core, "TLB_LOCKDOWN") == PRIVILEGED
    assert rights(core, "TLB_VA") == SECURE
    assert rights(core, "ACTLR") == SECURE_WRITE
    core.write("NSACR", NSACR_SMP)
    assert rights(core, "ACTLR") == PRIVILEGED
    assert rights(core, "TLB_LOCKDOWN") == SECURE
    core.enter(SVC, 1)
    core.write("ACTLR", ACTLR_SMP | ACTLR_FW)
    assert core.read("ACTLR") == ACTLR_SMP


def test_pmuserenr_opens_the_monitors(core: Bare) -> None:
    core.write("PMUSERENR", 1)
    assert rights(core, "PMCCNTR") == (BOTH,) * 4
    assert rights(core, "PMUSERENR") == (BOTH, BOTH, READS, READS)
    assert rights(core, "PMINTENSET") == PRIVILEGED


def test_monitor_mode_is_secure_whatever_ns_says(core: Bare) -> None:
    core.enter(MON, 1)
    assert core.allowed("SCR", True)
    assert core.allowed("TLB_PA", True)


def test_banked_registers_follow_ns(core: Bare) -> None:
    banked = ("CSSELR", "TTBR0", "TTBR1", "TTBCR", "DACR", "DFSR", "IFSR", "DFAR", "IFAR", "PAR", "PRRR", "NMRR", "VBAR")
    for name in (*banked, "CONTEXTIDR", "TPIDRURW", "TPIDRURO", "TPIDRPRW"):
        core.enter(MON, 0)
        core.write(name, 0)
        core.enter(MON, 1)
        core.write(name, 0xFFFF_FFFF)
        written = core.read(name)
        assert written != 0, name
        core.enter(SVC, 0)
        assert core.read(name) == 0, name
        core.enter(SVC, 1)
        assert core.read(name) == written, name


def test_common_registers_do_not(core: Bare) -> None:
    for name in ("ACTLR", "TLB_LOCKDOWN", "PMCNTENSET", "MVBAR", "SCR"):
        core.enter(SVC, 0)
        core.write(name, 0x20)
        seen = core.read(name)
        core.enter(MON, 1)
        assert core.read(name) & ~1 == seen & ~1, name


RESET = {
    "MIDR": 0x413F_C090,
    "TLBTR": 0x402,
    "MPIDR": 0x8000_0000,
    "SCTLR": 0x08C5_0078,
    "ACTLR": 0,
    "SCR": 0,
    "NSACR": 0,
    "CPACR": 0,
    "TTBCR": 0,
    "VBAR": 0,
    "TLB_LOCKDOWN": 0,
    "CBAR": 0xF8F0_0000,
    "ID_ISAR0": 0x0010_1111,
}


@pytest.mark.parametrize("name", RESET)
def test_reset_values(core: Bare, name: str) -> None:
    assert core.read(name) == RESET[name]


# What a write of ones leaves (A9 4.3).
KEPT = {
    "SCTLR": 0x7AC5_7C7F | 1 << 27,
    "ACTLR": 0x3CF,
    "SDER": 3,
    "NSACR": 0x7_CC00,
    "VCR": 0x1C0,
    "VIR": 0x1C0,
    "CPACR": 0xC0F0_0000,
    "TTBCR": 0x37,
    "VBAR": 0xFFFF_FFE0,
    "MVBAR": 0xFFFF_FFE0,
    "CSSELR": 0xF,
    "FCSEIDR": 0,
    "TLB_LOCKDOWN": 0x3000_0001,
    "PMCNTENSET": 0x8000_003F,
    "PMUSERENR": 1,
    "MIDR": 0x413F_C090,
    **dict.fromkeys(("DBGBVR2", "DBGWVR2"), 0xFFFF_FFFC),
    **dict.fromkeys(("DBGBCR2", "DBGWCR2", "DBGVCR", "DBGWFAR"), 0xFFFF_FFFF),
    **dict.fromkeys(("DBGECR", "DBGDSCCR", "DBGDSMCR", "DBGDSCRext", "DBGOSLSR"), 0),
    "DBGPRSR": 1,
}


@pytest.mark.parametrize("name", KEPT)
def test_writes_keep_what_exists(core: Bare, name: str) -> None:
    core.write(name, 0xFFFF_FFFF)
    assert core.read(name) == KEPT[name]


def test_nmfi_cannot_be_cleared(core: Bare) -> None:
    core.write("SCTLR", 0)
    assert core.read("SCTLR") == 0x00C5_0078 & ~0 | SCTLR_NMFI


def test_rr_is_the_secure_states(core: Bare) -> None:
    core.enter(SVC, 1)
    core.write("SCTLR", SCTLR_RR | SCTLR_M)
    assert core.read("SCTLR") & (SCTLR_RR | SCTLR_M) == SCTLR_M
    core.enter(SVC, 0)
    core.write("SCTLR", SCTLR_RR)
    core.enter(SVC, 1)
    assert core.read("SCTLR") & (SCTLR_RR | SCTLR_M) == SCTLR_RR | SCTLR_M


def test_nsacr_closes_cpacr(core: Bare) -> None:
    core.write("CPACR", 0x00F0_0000)
    core.enter(SVC, 1)
    assert core.read("CPACR") == 0
    core.write("CPACR", 0)
    core.enter(SVC, 0)
    assert core.read("CPACR") == 0x00F0_0000
    core.write("NSACR", 0xC00 | 1 << 15)
    core.enter(SVC, 1)
    assert core.read("CPACR") == 0x80F0_0000
    core.write("CPACR", 0)
    core.enter(SVC, 0)
    assert core.read("CPACR") == 0


def test_ccsidr_follows_csselr(core: Bare) -> None:
    for selected, expected in ((0, 0x701F_E019), (1, 0x201F_E019), (2, 0)):
        core.write("CSSELR", selected)
        assert core.read("CCSIDR") == expected


def test_isr_shows_what_the_state_sees(core: Bare) -> None:
    core.set("lines", 2)
    assert core.read("ISR") == 1 << 7
    core.write("SCR", SCR_IRQ)
    core.write("VCR", VCR_IRQ)
    assert core.read("ISR") == 1 << 7
    core.enter(SVC, 1)
    assert core.read("ISR") == 0
    core.write("VIR", VCR_IRQ)
    core.set("lines", 0)
    assert core.read("ISR") == 1 << 7


def test_every_register_is_found_by_its_encoding(core: Bare) -> None:
    keys = [register.key for register in REGISTERS]
    assert len(set(keys)) == len(keys)
    for row, register in enumerate(REGISTERS):
        assert core.call(dispatch.row_of, register.key) == row


@pytest.mark.parametrize(
    "where",
    (
        (15, 1, 0, 0, 3),
        (15, 4, 0, 0, 0),
        (15, 9, 0, 0, 0),
        (15, 11, 0, 0, 0),
        (15, 15, 5, 4, 0),
        (14, 0, 0, 5, 0),
        (15, 0, 4, 0, 0),
    ),
)
def test_others_are_undefined(core: Bare, where: tuple[int, int, int, int, int]) -> None:
    assert core.call(dispatch.row_of, key_of(*where)) == NOTHING


def test_rules_are_complete() -> None:
    """Nothing that the Secure state alone may touch is missing from the table of expectations."""
    from ovm.board.cp15.access import LOCKDOWN, SECURE, SECURE_WRITE, SMP_WRITE

    guarded = {name for name, rules in RULES.items() if rules & (SECURE | SECURE_WRITE | LOCKDOWN | SMP_WRITE)}
    assert guarded - set(EXPECTED) == {"ATS12NSOPW", "ATS12NSOUR"}


def test_each_debug_register_is_its_own(core: Bare) -> None:
    """DBGDIDR says how many there are: six breakpoints, four watchpoints (A9 10.3)."""
    identity = core.read("DBGDIDR")
    breakpoints, watchpoints = (identity >> 24 & 15) + 1, (identity >> 28) + 1
    counts = {"DBGBVR": breakpoints, "DBGBCR": breakpoints, "DBGWVR": watchpoints, "DBGWCR": watchpoints}
    names = [f"{kind}{number}" for kind, count in counts.items() for number in range(count)]
    for value, name in enumerate(names, start=1):
        core.write(name, value << 2)
    assert [core.read(name) for name in names] == [value << 2 for value in range(1, len(names) + 1)]
    assert not {row.name for row in REGISTERS} & {f"{kind}{count}" for kind, count in counts.items()}
