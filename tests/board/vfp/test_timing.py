# SPDX-License-Identifier: Apache-2.0
"""Cycles of the floating-point pipeline, as LLVM's model of the core has them."""

import pytest

from ovm.board.clock import SLOTS_PER_CYCLE
from tests.board.vfp.machine import DATA, Machine

CYCLES = {
    "vadd.f32 s0, s1, s2": (0xEE300A81, 1),
    "vadd.f64 d0, d1, d2": (0xEE310B02, 1),
    "vmul.f32 s0, s1, s2": (0xEE200A81, 1),
    "vmul.f64 d0, d1, d2": (0xEE210B02, 2),
    "vmla.f64 d0, d1, d2": (0xEE010B02, 2),
    "vdiv.f32 s0, s1, s2": (0xEE800A81, 10),
    "vdiv.f64 d0, d1, d2": (0xEE810B02, 20),
    "vsqrt.f32 s0, s1": (0xEEB10AE0, 13),
    "vsqrt.f64 d0, d2": (0xEEB10BC2, 28),
    "vmov s3, s4, r5, r6": (0xEC465A31, 1),
    "vldr d0, [r0]": (0xED900B00, 1),
    "vldm r0, {d0-d7}": (0xEC900B10, 8),
    "vld1.8 {d0-d3}, [r0]": (0xF420020F, 2),
    "vld1.8 {d0[0]}, [r0]": (0xF4A0000F, 2),
    "vadd.i32 q0, q1, q2": (0xF2220844, 1),
    "vmul.i16 d0, d1, d2": (0xF2110912, 1),
    "vmul.i32 d0, d1, d2": (0xF2210912, 2),
    "vmul.i32 q0, q1, q2": (0xF2220954, 4),
    "vmull.s32 q0, d1, d2": (0xF2A10C02, 2),
    "vadd.f32 q0, q1, q2": (0xF2020D44, 2),
    "vmla.f32 d0, d1, d2": (0xF2010D12, 2),
    "vmla.f32 q0, q1, q2": (0xF2020D54, 4),
    "vmrs r0, fpscr": (0xEEF10A10, 1),
}


@pytest.fixture(scope="module")
def machine() -> Machine:
    return Machine()


@pytest.mark.parametrize("name", CYCLES)
def test_cycles(machine: Machine, name: str) -> None:
    word, cycles = CYCLES[name]
    machine.prepare()
    machine.execute(word, (DATA,))
    before = machine.get("slots")
    assert machine.execute(word, (DATA,)) == 0
    assert machine.get("slots") - before == cycles * SLOTS_PER_CYCLE
