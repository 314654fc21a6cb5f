# SPDX-License-Identifier: Apache-2.0
"""Rights to coprocessors 10 and 11: CPACR, then FPEXC except for the registers that it doesn't guard (ARM B1.11.1, B9.3.27)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ovm.core.trap.undefined import undefined
from ovm.core.virtual import mode
from ovm.metal import u32
from tests.core.emulate.assembled import assemble, word_of
from tests.core.machine import ENTRY, Machine, machine, write

USR, SVC, SYS, UND = 0x10, 0x13, 0x1F, 0x1B
NONE, PRIVILEGED, ALL = 0, 0x0050_0000, 0x00F0_0000
ENABLED = 0x4000_0000
READS = {"vmrs r2, fpsid": "fpsid_read", "vmrs r2, mvfr0": "mvfr0_read", "vmrs r2, mvfr1": "mvfr1_read"}
LINES = (*READS, "vmrs r2, fpexc", "vmsr fpexc, r1", "vmsr fpsid, r1", "vadd.f32 s0, s1, s2", "mcr p15, 0, r1, c1, c0, 2")


@pytest.fixture
def made() -> Iterator[Machine]:
    with machine() as each:
        write(each.vcpu(), vbar=0x2000, sctlr=0x00C5_0078)
        each.processor.calls.clear()
        yield each


def meet(made: Machine, line: str, current: int = SVC, **fields: int) -> str:
    """Let the guest meet an instruction: how it ended."""
    vcpu = made.vcpu()
    write(vcpu, mode=current, privileged=int(current != USR), psr=0x10, **fields)
    made.guest_write(ENTRY, word_of(assemble(LINES)[LINES.index(line)], False))
    vcpu.registers[15] = u32(ENTRY + 4)
    made.call(undefined, vcpu)
    if int(vcpu.mode) == UND:
        return "undefined"
    return {ENTRY: "again", ENTRY + 4: "done"}[int(vcpu.registers[15])]


@pytest.mark.parametrize("line", READS)
def test_identification_needs_cpacr_alone(made: Machine, line: str) -> None:
    assert meet(made, line, cpacr=NONE) == "undefined"
    assert meet(made, line, USR, cpacr=ALL) == "undefined"
    assert made.processor.calls == []
    for granted in (PRIVILEGED, ALL):
        made.processor.calls.clear()
        assert meet(made, line, cpacr=granted, fpexc=0) == "done"
        assert made.processor.calls == [READS[line]]


def test_fpexc_keeps_its_bit(made: Machine) -> None:
    vcpu = made.vcpu()
    assert meet(made, "vmsr fpexc, r1", cpacr=NONE) == "undefined"
    vcpu.registers[1] = u32(0xFFFF_FFFF)
    assert meet(made, "vmsr fpexc, r1", cpacr=ALL) == "done" and int(vcpu.fpexc) == ENABLED
    write(made.view_cpu(), floating_owner=0)
    assert meet(made, "vmrs r2, fpexc") == "done" and int(vcpu.registers[2]) == ENABLED
    assert meet(made, "vmrs r2, fpexc", USR) == "undefined"
    assert meet(made, "vmsr fpsid, r1") == "done" and int(vcpu.fpexc) == ENABLED


@pytest.mark.parametrize(
    ("granted", "enabled", "current", "ends"),
    [
        (ALL, ENABLED, USR, "again"),
        (ALL, ENABLED, SVC, "again"),
        (ALL, 0, SVC, "undefined"),
        (NONE, ENABLED, SVC, "undefined"),
        (NONE, ENABLED, USR, "undefined"),
        (PRIVILEGED, ENABLED, SVC, "again"),
        (PRIVILEGED, ENABLED, SYS, "again"),
        (PRIVILEGED, ENABLED, USR, "undefined"),
    ],
)
def test_computing_needs_both(made: Machine, granted: int, enabled: int, current: int, ends: str) -> None:
    assert meet(made, "vadd.f32 s0, s1, s2", current, cpacr=granted, fpexc=enabled) == ends
    # The registers came, or nothing did.
    assert ("registers_load" in made.processor.calls) == (ends == "again")


def test_the_hardware_is_disabled_when_rights_go(made: Machine) -> None:
    """The hardware doesn't stay enabled by the first instruction: CPACR, or the way to User mode and back, disables it."""
    vcpu = made.vcpu()
    assert meet(made, "vadd.f32 s0, s1, s2", cpacr=ALL, fpexc=ENABLED) == "again"
    for granted, changes in ((NONE, []), (PRIVILEGED, [USR, SVC, SYS, USR]), (ALL, [USR, SVC])):
        vcpu.registers[1] = u32(granted)
        written = made.processor.written
        written.clear()
        assert meet(made, "mcr p15, 0, r1, c1, c0, 2") == "done"
        for number in changes:
            made.call(mode.mode_switch, vcpu, number)
        expected = {NONE: [0], PRIVILEGED: [ENABLED, 0, ENABLED, 0], ALL: [ENABLED]}[granted]
        assert written == expected
