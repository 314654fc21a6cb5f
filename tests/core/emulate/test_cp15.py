# SPDX-License-Identifier: Apache-2.0
"""The virtual coprocessor 15: what each register keeps, and that everything else is Undefined."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from ovm.abi.config import GuestState
from ovm.arm.cp15 import SCTLR, key_of
from ovm.core.trap.undefined import undefined
from ovm.metal import u32
from tests.core.emulate.assembled import assemble, word_of
from tests.core.machine import ENTRY, Machine, machine, write

# Operands of MCR and MRC, bits that a guest may set, bits that always read as one.
WRITABLE = {
    "c1, c0, 0": (0x7200_7C07, 0x00C5_0078),
    "c1, c0, 1": (0xFFFF_FFFF, 0),
    "c1, c0, 2": (0x00F0_0000, 0),
    "c2, c0, 0": (0xFFFF_FFFF, 0),
    "c2, c0, 1": (0xFFFF_FFFF, 0),
    "c2, c0, 2": (0x37, 0),
    "c3, c0, 0": (0xFFFF_FFFF, 0),
    "c5, c0, 0": (0xFFFF_FFFF, 0),
    "c5, c0, 1": (0xFFFF_FFFF, 0),
    "c6, c0, 0": (0xFFFF_FFFF, 0),
    "c6, c0, 2": (0xFFFF_FFFF, 0),
    "c7, c4, 0": (0xFFFF_FFFF, 0),
    "c10, c2, 0": (0xFFFF_FFFF, 0),
    "c10, c2, 1": (0xFFFF_FFFF, 0),
    "c12, c0, 0": (0xFFFF_FFE0, 0),
    "c13, c0, 0": (0, 0),
    "c13, c0, 1": (0xFFFF_FFFF, 0),
    "c13, c0, 2": (0xFFFF_FFFF, 0),
    "c13, c0, 3": (0xFFFF_FFFF, 0),
    "c13, c0, 4": (0xFFFF_FFFF, 0),
}
READ_ONLY = ("c0, c0, 0", "c0, c0, 1", "c0, c0, 3", "c0, c0, 5", "c0, c1, 0", "c0, c1, 4", "c0, c2, 0", "c12, c1, 0")
# Secure registers, lock entries, performance monitors, and encodings that nobody uses.
UNKNOWN = (
    "0, r1, c1, c1, 0", "0, r1, c1, c1, 1", "0, r1, c1, c1, 3", "0, r1, c12, c0, 1", "0, r1, c12, c1, 1",
    "0, r1, c10, c0, 0", "5, r1, c15, c4, 4", "5, r1, c15, c5, 2", "5, r1, c15, c6, 2", "5, r1, c15, c7, 2",
    "0, r1, c15, c0, 1", "0, r1, c9, c12, 0", "0, r1, c7, c8, 4", "0, r1, c8, c7, 4", "3, r1, c1, c0, 0", "0, r1, c4, c0, 0",
)  # fmt: skip
OPERATIONS = (
    "c7, c5, 0", "c7, c5, 1", "c7, c5, 4", "c7, c5, 6", "c7, c6, 1", "c7, c6, 2", "c7, c10, 1", "c7, c10, 2", "c7, c10, 4",
    "c7, c10, 5", "c7, c11, 1", "c7, c14, 1", "c7, c14, 2", "c8, c7, 0", "c8, c7, 1", "c8, c7, 2", "c8, c7, 3", "c8, c3, 0",
    "c8, c5, 0", "c8, c6, 1",
)  # fmt: skip
LINES = (
    *(f"mcr p15, 0, r1, {name}" for name in (*WRITABLE, *READ_ONLY, *OPERATIONS)),
    *(f"mrc p15, 0, r2, {name}" for name in (*WRITABLE, *READ_ONLY)),
    *(f"{operation} p15, {name}" for operation in ("mcr", "mrc") for name in UNKNOWN),
    "mrc p15, 0, apsr_nzcv, c2, c0, 0",
    "mcrr p15, 0, r1, r2, c2",
    "mrc p14, 0, r1, c0, c1, 0",
    "mcr p15, 0, r1, c7, c8, 0",
)


@pytest.fixture
def made() -> Iterator[Machine]:
    with machine() as prepared:
        write(prepared.vcpu(), vbar=0x2000, sctlr=0x00C5_0078)
        yield prepared


def execute(made: Machine, line: str, **registers: int) -> bool:
    """Let the guest's kernel meet an instruction; whether it was emulated."""
    vcpu = made.vcpu()
    write(vcpu, mode=0x13, privileged=1, psr=0x10, state=GuestState.READY)
    for name, value in registers.items():
        vcpu.registers[int(name[1:])] = u32(value)
    made.guest_write(ENTRY, word_of(assemble(LINES)[LINES.index(line)], False))
    vcpu.registers[15] = u32(ENTRY + 4)
    made.call(undefined, vcpu)
    if int(vcpu.mode) == 0x1B:
        assert (int(vcpu.registers[15]) & 0xFF, int(vcpu.registers[14])) == (0x04, ENTRY + 4)
        return False
    assert int(vcpu.registers[15]) == ENTRY + 4
    return True


@pytest.mark.parametrize("name", WRITABLE)
def test_registers_keep_what_may_be_written(made: Machine, name: str) -> None:
    chance = random.Random(name)
    mask, ones = WRITABLE[name]
    for value in (0, 0xFFFF_FFFF, *(chance.getrandbits(32) for _ in range(8))):
        assert execute(made, f"mcr p15, 0, r1, {name}", r1=value)
        assert execute(made, f"mrc p15, 0, r2, {name}", r2=0x55)
        assert int(made.vcpu().registers[2]) == value & mask | ones


def test_alignment_checks_and_swp_reach_the_hardware(made: Machine) -> None:
    """SCTLR.A and SW are the only bits of a guest's SCTLR that the hardware has, beside OVM's own (ARM B4.1.130)."""
    control = key_of(SCTLR)
    made.processor.cp15[control] = 0x0000_1805
    for value in (2, 1 << 10 | 2, 1 << 10, 0, 0xFFFF_FFFF):
        assert execute(made, "mcr p15, 0, r1, c1, c0, 0", r1=value)
        assert made.processor.cp15[control] == 0x0000_1805 | value & (1 << 10 | 2)


@pytest.mark.parametrize("name", READ_ONLY)
def test_identification_reads_and_does_not_write(made: Machine, name: str) -> None:
    assert execute(made, f"mrc p15, 0, r2, {name}")
    assert not execute(made, f"mcr p15, 0, r1, {name}", r1=1)


def test_a_guest_sees_a_uniprocessor_without_security_extensions(made: Machine) -> None:
    execute(made, "mrc p15, 0, r2, c0, c0, 0")
    assert int(made.vcpu().registers[2]) == 0x414F_C091
    execute(made, "mrc p15, 0, r2, c0, c0, 5")
    assert int(made.vcpu().registers[2]) == 0xC000_0000


@pytest.mark.parametrize("name", UNKNOWN)
def test_everything_else_is_undefined(made: Machine, name: str) -> None:
    before = dict(made.processor.cp15)
    assert not execute(made, f"mcr p15, {name}", r1=0xFFFF_FFFF)
    assert not execute(made, f"mrc p15, {name}")
    # Nothing of it reached the hardware: only the domains of the mode change did.
    changed = {key for key, value in made.processor.cp15.items() if before.get(key) != value}
    assert changed <= {0x3000}


@pytest.mark.parametrize("line", ["mcrr p15, 0, r1, r2, c2", "mrc p14, 0, r1, c0, c1, 0"])
def test_other_coprocessor_instructions_are_undefined(made: Machine, line: str) -> None:
    assert not execute(made, line)


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_are_done(made: Machine, name: str) -> None:
    for value in (0, ENTRY, 0xFFFF_FFFF):
        assert execute(made, f"mcr p15, 0, r1, {name}", r1=value)


def test_invalidation_never_reaches_the_data_caches(made: Machine) -> None:
    """Invalidating by address, set or way would destroy data, of others too."""
    made.processor.cp15.clear()
    for name in OPERATIONS:
        execute(made, f"mcr p15, 0, r1, {name}", r1=ENTRY)
    invalidating = {0x7061, 0x7062, 0x70E1, 0x70E2}
    assert not invalidating & set(made.processor.cp15)


def test_a_clean_by_address_reaches_the_physical_line(made: Machine) -> None:
    made.processor.cp15.clear()
    execute(made, "mcr p15, 0, r1, c7, c11, 1", r1=ENTRY + 0x40)
    assert made.processor.cp15[0x70A1] == 0x8020_8040


def test_read_into_the_flags(made: Machine) -> None:
    write(made.vcpu(), ttbr0=0xA000_0000)
    assert execute(made, "mrc p15, 0, apsr_nzcv, c2, c0, 0")
    assert int(made.vcpu().psr) == 0xA000_0010


def test_address_translation(made: Machine) -> None:
    # The MMU is off: an address is what it is (ARM B4.2.4). Memory is shareable and write-back, all else device.
    execute(made, "mcr p15, 0, r1, c7, c8, 0", r1=ENTRY + 4)
    assert int(made.vcpu().physical_address) == ENTRY & 0xFFFF_F000 | 0xD4
    execute(made, "mcr p15, 0, r1, c7, c8, 0", r1=0x7000_0123)
    assert int(made.vcpu().physical_address) == 0x7000_00B0


def test_user_mode_has_none_of_it(made: Machine) -> None:
    vcpu = made.vcpu()
    made.guest_write(ENTRY, word_of(assemble(LINES)[0], False))
    write(vcpu, mode=0x10, privileged=0, psr=0x10, sctlr=0x00C5_0078, vbar=0x2000)
    vcpu.registers[15] = u32(ENTRY + 4)
    made.call(undefined, vcpu)
    assert (int(vcpu.mode), int(vcpu.registers[15])) == (0x1B, 0x2004)
