# SPDX-License-Identifier: Apache-2.0
"""Slots of VFP and Advanced SIMD against the latencies of LLVM's model of the core (`ARMScheduleA9.td`)."""

import pytest

from tests.board.issue.cost import assembled, pipeline, taken
from tests.board.vfp.machine import CODE, DATA, Machine


@pytest.fixture(scope="module")
def machine() -> Machine:
    return Machine()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vadd.f32 s0, s1, s2; vadd.f32 s3, s0, s2", 2 * 4),
        ("vmul.f32 s0, s1, s2; vadd.f32 s3, s0, s2", 2 * 6),
        ("vmul.f64 d0, d1, d2; vadd.f64 d3, d0, d2", 2 * 7),
        ("vmla.f32 s0, s1, s2; vmla.f32 s0, s1, s2", 2 * 8),
        ("vmla.f64 d0, d1, d2; vadd.f64 d3, d0, d2", 2 * 9),
        ("vdiv.f32 s0, s1, s2; vadd.f32 s3, s0, s2", 2 * 15),
        ("vdiv.f64 d0, d1, d2; vadd.f64 d3, d0, d2", 2 * 25),
        ("vsqrt.f32 s0, s1; vadd.f32 s3, s0, s2", 2 * 17),
        ("vsqrt.f64 d0, d1; vadd.f64 d3, d0, d2", 2 * 32),
        ("vadd.f32 s0, s4, s5; vadd.f32 s6, s4, s5; vadd.f32 s8, s4, s5", 4),  # one a cycle
        ("vadd.f32 s0, s4, s5; ldr r1, [r0]; vadd.f32 s8, s4, s5", 4),  # one of these and of addresses
        ("vadd.f32 s0, s4, s5; add r1, r0, r0; add r2, r0, r0", 3),
        ("vdiv.f64 d0, d1, d2; add r1, r0, r0; add r2, r0, r0", 38),  # in its unit for 20 cycles
        ("vmul.f32 d0, d1, d2; vadd.f32 d3, d0, d2", 2 * 5),
        ("vadd.f32 q0, q1, q2; vadd.f32 q3, q0, q2", 2 * 6 + 2),
        ("vmul.i16 d0, d1, d2; vadd.i16 d3, d0, d2", 2 * 6),
        ("vmov s0, r0; vadd.f32 s3, s0, s2", 2),
        ("vmov r0, s0; add r1, r0, r2", 2 * 2),
        ("vcmp.f32 s0, s1; vmrs APSR_nzcv, fpscr; addeq r1, r1, #1", 2 * 4 + 2),
    ],
)
def test_a_stretch(machine: Machine, text: str, expected: int) -> None:
    machine.prepare()
    pipeline(machine)
    code = b"".join(assembled(text))
    machine.write(CODE, code + assembled("b .")[0])
    machine.registers = (DATA,) * 15
    machine.start(CODE)
    assert sum(taken(machine, CODE + len(code))) == expected
