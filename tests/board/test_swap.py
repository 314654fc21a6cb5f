# SPDX-License-Identifier: Apache-2.0
"""SWP and SWPB: there with SCTLR.SW alone (A9 4.3.9); the load comes first, and says so in DFSR (ARM A8.8.229)."""

import pytest

from tests.board.vfp.machine import DATA, DATA_ABORT, RAM, UNDEFINED, Machine

SWP, SWPB = 0xE1001092, 0xE1401092  # swp r1, r2, [r0]
MMU, SW, USER = 0x1805, 0x400, 0x1D0


@pytest.fixture(scope="module")
def machine() -> Machine:
    return Machine()


@pytest.mark.parametrize(("word", "old", "new"), [(SWP, 0x44332211, b"\x05\0\0\0"), (SWPB, 0x11, b"\x05\x22\x33\x44")])
def test_the_bit_decides(machine: Machine, word: int, old: int, new: bytes) -> None:
    machine.prepare()
    for psr in (0x1D3, USER):
        for control in (0, SW):
            machine.write(DATA, b"\x11\x22\x33\x44")
            machine.world("sctlr", MMU | control)
            assert machine.execute(word, (DATA, 0, 5), psr) == (0 if control else UNDEFINED)
            assert machine.registers[1] == (old if control else 0)
            assert machine.read(DATA, 4) == (new if control else b"\x11\x22\x33\x44")


def test_what_faults_is_the_load(machine: Machine) -> None:
    machine.prepare()
    machine.world("sctlr", MMU | SW)
    assert machine.execute(SWP, (DATA + 2, 0, 5)) == DATA_ABORT and machine.fault_status() == 0x001
    assert machine.execute(SWP, (RAM, 0, 5)) == DATA_ABORT and machine.fault_status() & 0xC0F == 0x005
    assert machine.execute(SWPB, (DATA + 3, 0, 5)) == 0
