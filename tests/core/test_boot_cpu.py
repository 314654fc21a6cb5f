# SPDX-License-Identifier: Apache-2.0
"""Tests of what each CPU is told before any guest runs on it; QEMU would run without most of it."""

import pytest

from ovm.arm.cp15 import ACTLR, DIAGNOSTIC
from ovm.core import boot_cpu
from ovm.core.caches import coherency_join
from ovm.core.memory import lockdown
from ovm.metal import simulate, u32

# Bits by erratum, as barebox sets them for Zynq (794072, 761320, 845369).
DMB_AS_DSB, NO_FULL_LINE, NO_STREAM_SWITCH = 4, 21, 22


def test_errata_bits_join_those_that_are_set() -> None:
    with simulate.simulate(cp15={DIAGNOSTIC: 0x40}) as machine:
        boot_cpu.errata_avoid()
        assert machine.cp15[DIAGNOSTIC] == 0x40 | 1 << DMB_AS_DSB | 1 << NO_FULL_LINE | 1 << NO_STREAM_SWITCH


def test_user_mode_loses_the_registers_that_are_not_switched() -> None:
    closed: dict[str, int] = {}
    handlers = {
        # MCR p14: TEECR is opc1 6, c0, c0, 0 and XED its bit 0; JOSCR is opc1 7, c1, c0, 0 and CD its bit 0.
        "mcr p14, 6, {0}, c0, c0, 0": lambda value: closed.update(teecr=value),
        "mcr p14, 7, {0}, c1, c0, 0": lambda value: closed.update(joscr=value),
    }
    with simulate.simulate(assembly=handlers) as machine:
        boot_cpu.user_registers_close()
        assert closed == {"teecr": 1, "joscr": 1}
        assert {register.name: value for register, value in machine.cp15.items()} == {"PMUSERENR": 0}


def test_both_cpus_get_the_same_control_register_whatever_it_held() -> None:
    with simulate.simulate(cp15={ACTLR: 0x182}) as machine:
        coherency_join()
        # SMP is bit 6, FW bit 0, L1 prefetch bit 2 (Cortex-A9 TRM 4.3.10).
        assert machine.cp15[ACTLR] == 0x45
        assert machine.names("cp15_write", "barrier") == ["ACTLR", "isb"]


@pytest.mark.parametrize("there", [False, True])
def test_vcr_sends_all_three_to_monitor_where_it_exists(monkeypatch: pytest.MonkeyPatch, there: bool) -> None:
    """FIQ, IRQ and asynchronous aborts are bits 6, 7 and 8 of VCR (Cortex-A9 TRM 4.3.14)."""
    monkeypatch.setattr(boot_cpu, "VCR", there)
    monkeypatch.setattr(boot_cpu, "bank_clear", lambda: None)
    with simulate.simulate() as machine:
        boot_cpu.banks_select_normal(u32(4))
        written = {register.name: value for register, value in machine.cp15.items()}
    assert written == {"SCR": 5, **({"VCR": 0x1C0} if there else {})}


def test_lock_entries_of_both_cpus_are_cleared_before_the_mmu_comes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lockdown, "LOCKDOWN", True)
    for step in ("fatal_vectors_set", "user_registers_close", "normal_world_open"):
        monkeypatch.setattr(boot_cpu, step, lambda: None)
    with simulate.simulate(cp15={ACTLR: 0, DIAGNOSTIC: 0}) as machine:
        boot_cpu.cpu_start()
        writes = [(entry.name, entry.values[-1]) for entry in machine.log if entry.action == "cp15_write"]
    before = writes[: [name for name, _ in writes].index("SCTLR")]
    assert [value for name, value in before if name == "TLB_SELECT_WRITE"] == [0, 1, 2, 3]
    assert [value for name, value in before if name == "TLB_PA"] == [0, 0, 0, 0], "entries that stay valid"
