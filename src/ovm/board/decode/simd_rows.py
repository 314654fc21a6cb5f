# SPDX-License-Identifier: Apache-2.0
"""The encodings of Advanced SIMD data processing of registers (ARM A7.4.1 to A7.4.3), as A32 has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ovm.board.decode import floating_forms as f
from ovm.board.decode.floating_forms import shape
from ovm.board.decode.pattern import Encoding, encoding
from ovm.board.vfp import estimate as e
from ovm.board.vfp import float_lanes as fl
from ovm.board.vfp import lanes as la
from ovm.board.vfp import permute, walkers, whole
from ovm.board.vfp import shift_lanes as sh
from ovm.board.vfp.execute import operation_of
from ovm.board.vfp.lane_table import lane_of


def simd(
    name: str,
    pattern: str,
    kinds: str,
    walker: Callable[..., Any],
    lane: Callable[..., Any] | None = None,
    *,
    sizes: str = "012",
    place: int = 20,
    sign: str = "u",
    form: Callable[..., Any] = f.data,
    more: int = 0,
) -> Encoding:
    """Make a row of Advanced SIMD; `lane` is the function that the walker applies to each lane."""
    handler = operation_of(walker) | (lane_of(lane) << 16 if lane else 0)
    return encoding(name, pattern, form, handler, shape(kinds, simd=True, sizes=sizes, place=place, sign=sign) | more)


# Name, opc, B, U ("U" both), lane function, sizes, sign.
_SAME: Final = (
    ("vhadd", "0000", 0, "U", la.halving_add, "012", "u"),
    ("vqadd", "0000", 1, "U", la.saturating_add, "0123", "u"),
    ("vrhadd", "0001", 0, "U", la.rounding_halving_add, "012", "u"),
    ("vhsub", "0010", 0, "U", la.halving_subtract, "012", "u"),
    ("vqsub", "0010", 1, "U", la.saturating_subtract, "0123", "u"),
    ("vcgt", "0011", 0, "U", la.greater, "012", "u"),
    ("vcge", "0011", 1, "U", la.greater_equal, "012", "u"),
    ("vmax", "0110", 0, "U", la.largest, "012", "u"),
    ("vmin", "0110", 1, "U", la.smallest, "012", "u"),
    ("vabd", "0111", 0, "U", la.distance, "012", "u"),
    ("vaba", "0111", 1, "U", la.distance_accumulate, "012", "u"),
    ("vtst", "1000", 1, "0", la.test, "012", "+"),
    ("vceq", "1000", 1, "1", la.equal, "012", "+"),
    ("vmla", "1001", 0, "0", la.multiply_add, "012", "+"),
    ("vmls", "1001", 0, "1", la.multiply_subtract, "012", "+"),
    ("vmul", "1001", 1, "0", la.multiply, "012", "+"),
    ("vmul", "1001", 1, "1", la.multiply_polynomial, "0", "+"),
    ("vqdmulh", "1011", 0, "0", la.double_high, "12", "-"),
    ("vqrdmulh", "1011", 0, "1", la.double_high_rounded, "12", "-"),
)
# Shifts by a register take the amount from Vn.
_SHIFTS: Final = (
    ("vshl", "0100", 0, sh.shift),
    ("vqshl", "0100", 1, sh.shift_limited),
    ("vrshl", "0101", 0, sh.shift_rounded),
    ("vqrshl", "0101", 1, sh.shift_limited_rounded),
)
# Name, U, bit 21, opc, B, walker, lane function.
_FLOAT: Final = (
    ("vadd", 0, 0, "1101", 0, walkers.same, fl.add),
    ("vsub", 0, 1, "1101", 0, walkers.same, fl.subtract),
    ("vpadd", 1, 0, "1101", 0, walkers.pairs, fl.add),
    ("vabd", 1, 1, "1101", 0, walkers.same, fl.distance),
    ("vmla", 0, 0, "1101", 1, walkers.same, fl.multiply_add),
    ("vmls", 0, 1, "1101", 1, walkers.same, fl.multiply_subtract),
    ("vmul", 1, 0, "1101", 1, walkers.same, fl.multiply),
    ("vceq", 0, 0, "1110", 0, walkers.same, fl.equal),
    ("vcge", 1, 0, "1110", 0, walkers.same, fl.greater_equal),
    ("vcgt", 1, 1, "1110", 0, walkers.same, fl.greater),
    ("vacge", 1, 0, "1110", 1, walkers.same, fl.size_greater_equal),
    ("vacgt", 1, 1, "1110", 1, walkers.same, fl.size_greater),
    ("vmax", 0, 0, "1111", 0, walkers.same, fl.largest),
    ("vmin", 0, 1, "1111", 0, walkers.same, fl.smallest),
    ("vpmax", 1, 0, "1111", 0, walkers.pairs, fl.largest),
    ("vpmin", 1, 1, "1111", 0, walkers.pairs, fl.smallest),
    ("vrecps", 0, 0, "1111", 1, walkers.same, e.reciprocal_step),
    ("vrsqrts", 0, 1, "1111", 1, walkers.same, e.root_step),
)


def _three() -> list[Encoding]:
    """Return the encodings of three registers of one size (ARM A7.4.1)."""
    rows = []
    for name, opc, b, unsigned, lane, sizes, sign in _SAME:
        pattern = f"1111001{unsigned}0Dssnnnndddd{opc}NQM{b}mmmm"
        rows.append(simd(name, pattern, "XXX", walkers.same, lane, sizes=sizes, sign=sign))
    for name, opc, b, lane in _SHIFTS:
        pattern = f"1111001U0Dssnnnndddd{opc}NQM{b}mmmm"
        rows.append(simd(name, pattern, "XXX", walkers.same, lane, sizes="0123", form=f.turned))
    for name, opc, b, lane in (("vpmax", "1010", 0, la.largest), ("vpmin", "1010", 1, la.smallest)):
        rows.append(simd(name, f"1111001U0Dssnnnndddd{opc}N0M{b}mmmm", "DDD", walkers.pairs, lane))
    rows.append(simd("vadd", "111100100Dssnnnndddd1000NQM0mmmm", "XXX", whole.add, sizes="0123"))
    rows.append(simd("vsub", "111100110Dssnnnndddd1000NQM0mmmm", "XXX", whole.subtract, sizes="0123"))
    rows.append(simd("vpadd", "111100100Dssnnnndddd1011N0M1mmmm", "DDD", walkers.pairs, la.add, sign="+"))
    for code, name in enumerate(("vand", "vbic", "vorr", "vorn", "veor", "vbsl", "vbit", "vbif")):
        pattern = f"1111001{code >> 2}0D{code & 3:02b}nnnndddd0001NQM1mmmm"
        rows.append(simd(name, pattern, "XXX", permute.bitwise, sizes="0123"))
    for name, u, high, opc, b, walker, lane in _FLOAT:
        q, kinds = ("0", "DDD") if walker is walkers.pairs else ("Q", "XXX")
        pattern = f"1111001{u}0D{high}0nnnndddd{opc}N{q}M{b}mmmm"
        rows.append(simd(name, pattern, kinds, walker, lane, sizes="f", sign="+"))
    return rows


# Name, opc, U, kinds, walker, lane function, sizes, sign.
_DIFFERENT: Final = (
    ("vaddl", "0000", "U", "QDD", walkers.longer, la.add, "012", "u"),
    ("vaddw", "0001", "U", "QQD", walkers.wider, la.add, "012", "u"),
    ("vsubl", "0010", "U", "QDD", walkers.longer, la.subtract, "012", "u"),
    ("vsubw", "0011", "U", "QQD", walkers.wider, la.subtract, "012", "u"),
    ("vaddhn", "0100", "0", "DQQ", walkers.narrower, la.add_high, "012", "+"),
    ("vraddhn", "0100", "1", "DQQ", walkers.narrower, la.add_high_rounded, "012", "+"),
    ("vabal", "0101", "U", "QDD", walkers.longer, la.distance_accumulate, "012", "u"),
    ("vsubhn", "0110", "0", "DQQ", walkers.narrower, la.subtract_high, "012", "+"),
    ("vrsubhn", "0110", "1", "DQQ", walkers.narrower, la.subtract_high_rounded, "012", "+"),
    ("vabdl", "0111", "U", "QDD", walkers.longer, la.distance, "012", "u"),
    ("vmlal", "1000", "U", "QDD", walkers.longer, la.multiply_add, "012", "u"),
    ("vqdmlal", "1001", "0", "QDD", walkers.longer, la.double_long_add, "12", "-"),
    ("vmlsl", "1010", "U", "QDD", walkers.longer, la.multiply_subtract, "012", "u"),
    ("vqdmlsl", "1011", "0", "QDD", walkers.longer, la.double_long_subtract, "12", "-"),
    ("vmull", "1100", "U", "QDD", walkers.longer, la.multiply, "012", "u"),
    ("vqdmull", "1101", "0", "QDD", walkers.longer, la.double_long, "12", "-"),
    ("vmull", "1110", "0", "QDD", walkers.longer, la.multiply_polynomial, "0", "+"),
)
# Name, opc, U (Q where the result is not longer), walker, lane function, sizes, sign.
_SCALAR: Final = (
    ("vmla", "0000", "Q", walkers.same_scalar, la.multiply_add, "12", "+"),
    ("vmla", "0001", "Q", walkers.same_scalar, fl.multiply_add, "2", "+"),
    ("vmlal", "0010", "U", walkers.longer_scalar, la.multiply_add, "12", "u"),
    ("vqdmlal", "0011", "0", walkers.longer_scalar, la.double_long_add, "12", "-"),
    ("vmls", "0100", "Q", walkers.same_scalar, la.multiply_subtract, "12", "+"),
    ("vmls", "0101", "Q", walkers.same_scalar, fl.multiply_subtract, "2", "+"),
    ("vmlsl", "0110", "U", walkers.longer_scalar, la.multiply_subtract, "12", "u"),
    ("vqdmlsl", "0111", "0", walkers.longer_scalar, la.double_long_subtract, "12", "-"),
    ("vmul", "1000", "Q", walkers.same_scalar, la.multiply, "12", "+"),
    ("vmul", "1001", "Q", walkers.same_scalar, fl.multiply, "2", "+"),
    ("vmull", "1010", "U", walkers.longer_scalar, la.multiply, "12", "u"),
    ("vqdmull", "1011", "0", walkers.longer_scalar, la.double_long, "12", "-"),
    ("vqdmulh", "1100", "Q", walkers.same_scalar, la.double_high, "12", "-"),
    ("vqrdmulh", "1101", "Q", walkers.same_scalar, la.double_high_rounded, "12", "-"),
)


def _different() -> list[Encoding]:
    """Return the encodings of three registers of different lengths, two and a scalar (ARM A7.4.2, A7.4.3)."""
    rows = []
    for size in ("0s", "10"):
        for name, opc, unsigned, kinds, walker, lane, sizes, sign in _DIFFERENT:
            if size == "10" and "2" not in sizes:
                continue
            pattern = f"1111001{unsigned}1D{size}nnnndddd{opc}N0M0mmmm"
            rows.append(simd(name, pattern, kinds, walker, lane, sizes=sizes, sign=sign))
        for name, opc, unsigned, walker, lane, sizes, sign in _SCALAR:
            kinds = "YY-" if walker is walkers.same_scalar else "QD-"
            pattern = f"1111001{unsigned}1D{size}nnnndddd{opc}N1M0mmmm"
            rows.append(simd(name, pattern, kinds, walker, lane, sizes=sizes, sign=sign))
    return rows


REGISTER_ROWS: Final = [*_three(), *_different()]
