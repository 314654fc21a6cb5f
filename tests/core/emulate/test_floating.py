# SPDX-License-Identifier: Apache-2.0
"""Every form of floating-point and Advanced SIMD instruction is known as one, so that it gets the guest's registers.

A guest that is switched away between two of them finds the unit disabled: a form that isn't known would reach it as
Undefined, though its own processor could do it.
"""

import pytest

from ovm.core.emulate.coprocessor import is_floating
from ovm.metal import u32
from tests.core.emulate.assembled import assemble, word_of

FLOATING = (
    "vadd.f64 d0, d1, d2",
    "vldr d0, [r0]",
    "vstmia r0!, {d0-d15}",
    "vmov r0, r1, d0",
    "vmrs r0, fpscr",
    "vmov.f64 d0, #1.0",
    "vadd.i32 q0, q1, q2",
    "vmul.i16 d0, d1, d2",
    "vmov.i32 q0, #0",
    "vshl.u32 d0, d1, d2",
    "vext.8 q0, q1, q2, #3",
    "vtbl.8 d0, {d1}, d2",
    "vld1.8 {d0}, [r0]",
    "vst4.32 {d0, d1, d2, d3}, [r0]!",
    "vld1.32 {d0[1]}, [r0]",
)
OTHERS = {
    False: (
        "svc #0", "mcr p15, 0, r0, c1, c0, 0", "cpsid i", "srsia sp, #0x13", "srsib sp, #0x13", "rfeia r0", "rfeib r0", "udf #0",
        "pld [r0]", "mrc p14, 0, r0, c0, c0, 0", "smc #0", "msr spsr_fsxc, r0",
    ),
    True: (
        "svc #0", "mcr p15, 0, r0, c1, c0, 0", "cpsid i", "srsia sp, #0x13", "srsdb sp, #0x13", "rfeia r0", "rfedb r0", "udf #0",
        "udf.w #0", "pld [r0]", "mrc p14, 0, r0, c0, c0, 0", "smc #0", "msr spsr_fsxc, r0",
    ),
}  # fmt: skip


def known(lines: tuple[str, ...], thumb: bool) -> dict[str, bool]:
    answers = {}
    for line, code in zip(lines, assemble(lines, thumb), strict=True):
        word = word_of(code, thumb)
        value = int.from_bytes(word, "little")
        if thumb and len(word) == 4:
            value = int.from_bytes(word[:2], "little") << 16 | int.from_bytes(word[2:], "little")
        answers[line] = bool(is_floating(u32(value), thumb))
    return answers


@pytest.mark.parametrize("thumb", [False, True])
def test_known(thumb: bool) -> None:
    assert known(FLOATING, thumb) == dict.fromkeys(FLOATING, True)


@pytest.mark.parametrize("thumb", [False, True])
def test_others_are_not(thumb: bool) -> None:
    assert known(OTHERS[thumb], thumb) == dict.fromkeys(OTHERS[thumb], False)
