# SPDX-License-Identifier: Apache-2.0
"""The encodings of Advanced SIMD with immediates or one operand (ARM A7.4.4 to A7.4.6), and its loads and stores (A7.7)."""

from __future__ import annotations

from typing import Final

from ovm.board.decode import simd_forms as f
from ovm.board.decode.pattern import Encoding, encoding
from ovm.board.decode.simd_rows import simd
from ovm.board.vfp import estimate as e
from ovm.board.vfp import float_lanes as fl
from ovm.board.vfp import lanes as la
from ovm.board.vfp import permute as p
from ovm.board.vfp import shift_lanes as sh
from ovm.board.vfp import unary_lanes as mi
from ovm.board.vfp import walkers

# Name, opc and what follows it, U, lane function, shape flags, sign.
_SHIFTS: Final = (
    ("vshr", "0000", "U", sh.right, 0, "u"),
    ("vsra", "0001", "U", sh.right_accumulate, 0, "u"),
    ("vrshr", "0010", "U", sh.right_rounded, 0, "u"),
    ("vrsra", "0011", "U", sh.right_rounded_accumulate, 0, "u"),
    ("vsri", "0100", "1", sh.right_insert, 0, "+"),
    ("vshl", "0101", "0", sh.left, f.TO_LEFT, "+"),
    ("vsli", "0101", "1", sh.left_insert, f.TO_LEFT, "+"),
    ("vqshlu", "0110", "1", sh.left_limited_unsigned, f.TO_LEFT, "-"),
    ("vqshl", "0111", "U", sh.left_limited, f.TO_LEFT, "u"),
)
_NARROWING: Final = (
    ("vshrn", "100000", "0", sh.right, "+"),
    ("vrshrn", "100001", "0", sh.right_rounded, "+"),
    ("vqshrun", "100000", "1", sh.narrow_to_unsigned, "-"),
    ("vqrshrun", "100001", "1", sh.narrow_to_unsigned_rounded, "-"),
    ("vqshrn", "100100", "U", sh.narrow_limited, "u"),
    ("vqrshrn", "100101", "U", sh.narrow_limited_rounded, "u"),
)


def _immediates() -> list[Encoding]:
    rows = [simd("vmov", "1111001i1D000iiiddddcccc0Qx1iiii", "X--", p.constant, sizes="0123", form=f.constant)]
    for name, opc, unsigned, lane, more, sign in _SHIFTS:
        pattern = f"1111001{unsigned}1Diiiiiidddd{opc}LQM1mmmm"
        rows.append(simd(name, pattern, "X-X", walkers.one, lane, sizes="0123", sign=sign, form=f.shift, more=more))
    for name, opc, unsigned, lane, sign in _NARROWING:
        pattern = f"1111001{unsigned}1Diiiiiidddd{opc}M1mmmm"
        rows.append(simd(name, pattern, "D-Q", walkers.one_narrower, lane, sizes="0123", sign=sign, form=f.shift))
    long = "1111001U1Diiiiiidddd101000M1mmmm"
    rows.append(simd("vshll", long, "Q-D", walkers.one_longer, sh.left, sizes="0123", form=f.shift, more=f.TO_LEFT))
    for last, lane in (("0", fl.from_fixed), ("1", fl.to_fixed)):
        pattern = f"1111001U1D1iiiiidddd111{last}0QM1mmmm"
        rows.append(simd("vcvt", pattern, "X-X", walkers.one, lane, sizes="f", form=f.shift))
    return rows


# Name, bits 17:16, bits 10:7, lane function, sizes, sign.
_ONE: Final = (
    ("vcls", "00", "1000", mi.leading_signs, "012", "-"),
    ("vclz", "00", "1001", mi.leading_zeros, "012", "+"),
    ("vcnt", "00", "1010", mi.count_ones, "0", "+"),
    ("vqabs", "00", "1110", mi.absolute_limited, "012", "-"),
    ("vqneg", "00", "1111", mi.negate_limited, "012", "-"),
    ("vcgt", "01", "0000", la.greater, "012", "-"),
    ("vcge", "01", "0001", la.greater_equal, "012", "-"),
    ("vceq", "01", "0010", la.equal, "012", "-"),
    ("vcle", "01", "0011", la.less_equal, "012", "-"),
    ("vclt", "01", "0100", la.less, "012", "-"),
    ("vabs", "01", "0110", mi.absolute, "012", "-"),
    ("vneg", "01", "0111", mi.negate, "012", "-"),
    ("vcgt", "01", "1000", fl.greater, "2", "+"),
    ("vcge", "01", "1001", fl.greater_equal, "2", "+"),
    ("vceq", "01", "1010", fl.equal, "2", "+"),
    ("vcle", "01", "1011", fl.less_equal, "2", "+"),
    ("vclt", "01", "1100", fl.less, "2", "+"),
    ("vabs", "01", "1110", fl.absolute, "2", "+"),
    ("vneg", "01", "1111", fl.negate, "2", "+"),
    ("vrecpe", "11", "1000", e.reciprocal_integer, "2", "+"),
    ("vrsqrte", "11", "1001", e.root_integer, "2", "+"),
    ("vrecpe", "11", "1010", e.reciprocal_float, "2", "+"),
    ("vrsqrte", "11", "1011", e.root_float, "2", "+"),
    ("vcvt", "11", "1100", fl.from_fixed, "2", "-"),
    ("vcvt", "11", "1101", fl.from_fixed, "2", "+"),
    ("vcvt", "11", "1110", fl.to_fixed, "2", "-"),
    ("vcvt", "11", "1111", fl.to_fixed, "2", "+"),
)
# Name, bits 10:6, kinds, walker, lane function, sign, shape flags; bits 17:16 are 10.
_MOVES: Final = (
    ("vmovn", "01000", "D-Q", walkers.one_narrower, sh.right, "+", 0),
    ("vqmovun", "01001", "D-Q", walkers.one_narrower, sh.narrow_to_unsigned, "-", 0),
    ("vqmovn", "01010", "D-Q", walkers.one_narrower, sh.narrow_limited, "-", 0),
    ("vqmovn", "01011", "D-Q", walkers.one_narrower, sh.narrow_limited, "+", 0),
    ("vshll", "01100", "Q-D", walkers.one_longer, sh.left, "+", f.BY_WIDTH),
)


def _miscellaneous() -> list[Encoding]:
    """Return the encodings of two registers (ARM A7.4.5), VEXT, VTBL, VDUP."""
    start = "111100111D11ss"
    rows = []
    for number, name in enumerate(("vrev64", "vrev32", "vrev16")):
        rows.append(simd(name, f"{start}00dddd00{number:03b}QM0mmmm", "X-X", p.reverse, place=18, form=f.reverse))
    for name, group, code, lane, sizes, sign in _ONE:
        rows.append(
            simd(
                name, f"{start}{group}dddd0{code}QM0mmmm", "X-X", walkers.one, lane, sizes=sizes, place=18, sign=sign, form=f.one
            )
        )
    for name, code in (("vpaddl", "010"), ("vpadal", "110")):
        for last, sign in (("0", "-"), ("1", "+")):
            pattern = f"{start}00dddd0{code}{last}QM0mmmm"
            rows.append(simd(name, pattern, "X-X", walkers.pairs_longer, place=18, sign=sign, form=f.one))
    for name, code, kinds, walker, lane, sign, more in _MOVES:
        pattern = f"{start}10dddd0{code}M0mmmm"
        rows.append(simd(name, pattern, kinds, walker, lane, place=18, sign=sign, form=f.one, more=more))
    return [
        *rows,
        simd("vmvn", f"{start}00dddd01011QM0mmmm", "X-X", p.invert, sizes="0", place=18),
        simd("vswp", f"{start}10dddd00000QM0mmmm", "X-X", p.swap, sizes="0", place=18),
        simd("vtrn", f"{start}10dddd00001QM0mmmm", "X-X", p.transpose, place=18),
        simd("vuzp", f"{start}10dddd00010QM0mmmm", "X-X", p.unzip, place=18, form=f.pair, more=f.SHORT_D),
        simd("vzip", f"{start}10dddd00011QM0mmmm", "X-X", p.zip_together, place=18, form=f.pair, more=f.SHORT_D),
        simd("vcvt", f"{start}10dddd011000M0mmmm", "D-Q", p.singles_to_halves, sizes="1", place=18),
        simd("vcvt", f"{start}10dddd011100M0mmmm", "Q-D", p.halves_to_singles, sizes="1", place=18),
        simd("vext", "111100101D11nnnnddddiiiiNQM0mmmm", "XXX", p.extract, sizes="0123", form=f.extract),
        simd("vtbl", "111100111D11nnnndddd10llN0M0mmmm", "DDD", p.look_up, sizes="0123", form=f.look_up),
        simd("vtbx", "111100111D11nnnndddd10llN1M0mmmm", "DDD", p.look_up, sizes="0123", form=f.look_up),
        simd("vdup", "111100111D11iiiidddd11000QM0mmmm", "X-D", p.duplicate, sizes="0123", form=f.duplicate),
    ]


# Structure, registers, step, alignments there are, by bits 11:8.
_MULTIPLE: Final = {
    "0111": (1, 1, 1, 0b0011),
    "1010": (1, 2, 1, 0b0111),
    "0110": (1, 3, 1, 0b0011),
    "0010": (1, 4, 1, 0b1111),
    "1000": (2, 1, 1, 0b0111),
    "1001": (2, 1, 2, 0b0111),
    "0011": (2, 2, 2, 0b1111),
    "0100": (3, 1, 1, 0b0011),
    "0101": (3, 1, 2, 0b0011),
    "0000": (4, 1, 1, 0b1111),
    "0001": (4, 1, 2, 0b1111),
}


def _elements() -> list[Encoding]:
    rows = []
    for load, name in enumerate(("vst", "vld")):
        for code, (structure, registers, step, alignments) in _MULTIPLE.items():
            extra = structure | registers << 4 | step << 8 | alignments << 12
            pattern = f"111101000D{load}0nnnndddd{code}ssaammmm"
            rows.append(encoding(f"{name}{structure}", pattern, f.multiple, 0, extra))
        for structure in range(1, 5):
            for size in ("00", "01", "10"):
                pattern = f"111101001D{load}0nnnndddd{size}{structure - 1:02b}iiiimmmm"
                rows.append(encoding(f"{name}{structure}", pattern, f.lane, 0, structure))
    for structure in range(1, 5):
        pattern = f"111101001D10nnnndddd11{structure - 1:02b}ssTammmm"
        rows.append(encoding(f"vld{structure}", pattern, f.every_lane, 0, structure))
    return rows


OTHER_ROWS: Final = [*_immediates(), *_miscellaneous()]
ELEMENT_ROWS: Final = _elements()
