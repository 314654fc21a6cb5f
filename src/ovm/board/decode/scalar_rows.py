# SPDX-License-Identifier: Apache-2.0
"""The encodings of VFP and of the transfers between core and extension registers (ARM A7.5, A7.6, A7.8, A7.9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ovm.board.decode import floating_core_forms as k
from ovm.board.decode import floating_forms as f
from ovm.board.decode.floating_forms import shape
from ovm.board.decode.pattern import Encoding, encoding
from ovm.board.vfp import scalar as s
from ovm.board.vfp import scalar_convert as c
from ovm.board.vfp.execute import operation_of


def _row(name: str, pattern: str, function: Callable[..., Any], extra: int, form: Callable[..., Any] = f.data) -> Encoding:
    return encoding(name, pattern, form, operation_of(function), extra)


def _arithmetic() -> list[Encoding]:
    """Return the encodings of three registers, or two and none; single where bit 8 is 0."""
    rows = []
    three = (
        ("vmla", "00", 0, s.accumulate_s, s.accumulate_d),
        ("vmls", "00", 1, s.accumulate_s, s.accumulate_d),
        ("vnmls", "01", 0, s.accumulate_s, s.accumulate_d),
        ("vnmla", "01", 1, s.accumulate_s, s.accumulate_d),
        ("vmul", "10", 0, s.multiply_s, s.multiply_d),
        ("vnmul", "10", 1, s.negated_multiply_s, s.negated_multiply_d),
        ("vadd", "11", 0, s.add_s, s.add_d),
        ("vsub", "11", 1, s.subtract_s, s.subtract_d),
    )
    two = (
        ("vmov", "0000", "01", s.sign_s, s.sign_d),
        ("vabs", "0000", "11", s.sign_s, s.sign_d),
        ("vneg", "0001", "01", s.sign_s, s.sign_d),
        ("vsqrt", "0001", "11", s.root_s, s.root_d),
    )
    for size, kind in ((0, "S"), (1, "D")):
        shape_three, shape_two = shape(kind * 3, short=True), shape(f"{kind}-{kind}", short=True)
        for name, code, operation, *functions in three:
            pattern = f"cccc11100D{code}nnnndddd101{size}N{operation}M0mmmm"
            rows.append(_row(name, pattern, functions[size], shape_three))
        divide = (s.divide_s, s.divide_d)[size]
        constant = (s.constant_s, s.constant_d)[size]
        rows += [
            _row("vdiv", f"cccc11101D00nnnndddd101{size}N0M0mmmm", divide, shape_three),
            _row("vmov", f"cccc11101D11iiiidddd101{size}z0z0iiii", constant, shape(f"{kind}--", short=True)),
        ]
        for name, code, last, *functions in two:
            pattern = f"cccc11101D11{code}dddd101{size}{last}M0mmmm"
            rows.append(_row(name, pattern, functions[size], shape_two))
    return rows


def _conversions() -> list[Encoding]:
    rows = [
        _row("vcvtb", "cccc11101D110010dddd101z01M0mmmm", c.from_half, shape("S-S")),
        _row("vcvtt", "cccc11101D110010dddd101z11M0mmmm", c.from_half, shape("S-S")),
        _row("vcvtb", "cccc11101D110011dddd101z01M0mmmm", c.to_half, shape("S-S")),
        _row("vcvtt", "cccc11101D110011dddd101z11M0mmmm", c.to_half, shape("S-S")),
        _row("vcvt", "cccc11101D110111dddd101011M0mmmm", c.widen, shape("D-S")),
        _row("vcvt", "cccc11101D110111dddd101111M0mmmm", c.narrow, shape("S-D")),
    ]
    for size, kind in ((0, "S"), (1, "D")):
        compare = (c.compare_s, c.compare_d)[size]
        for quiet, name in enumerate(("vcmp", "vcmpe")):
            rows += [
                _row(name, f"cccc11101D110100dddd101{size}{quiet}1M0mmmm", compare, shape(f"{kind}-{kind}")),
                _row(name, f"cccc11101D110101dddd101{size}{quiet}1z0zzzz", compare, shape(f"{kind}--")),
            ]
        to_integer = (c.s_to_integer, c.d_to_integer)[size]
        from_integer = (c.integer_to_s, c.integer_to_d)[size]
        fixed = (c.fixed_s, c.fixed_d)[size]
        rows += [
            _row("vcvt", f"cccc11101D111000dddd101{size}x1M0mmmm", from_integer, shape(f"{kind}-S")),
            _row("vcvtr", f"cccc11101D11110xdddd101{size}01M0mmmm", to_integer, shape(f"S-{kind}")),
            _row("vcvt", f"cccc11101D11110xdddd101{size}11M0mmmm", to_integer, shape(f"S-{kind}")),
            _row("vcvt", f"cccc11101D111x1Udddd101{size}x1i0iiii", fixed, shape(f"{kind}--"), f.fixed),
        ]
    return rows


def _core() -> list[Encoding]:
    single, double, simd = shape("S--"), shape("D--"), shape("D--", simd=True)
    return [
        _row("vmov", "cccc11100000nnnntttt1010Nzz1zzzz", c.core_to_s, single, k.core),
        _row("vmov", "cccc11100001nnnntttt1010Nzz1zzzz", c.s_to_core, single, k.core),
        _row("vmov", "cccc1110Uxx1nnnntttt1011Nxx1zzzz", c.scalar_to_core, double, k.scalar),
        _row("vmov", "cccc11100xx0nnnntttt1011Nxx1zzzz", c.core_to_scalar, double, k.scalar),
        _row("vdup", "cccc11101BQ0nnnntttt1011N0E1zzzz", c.duplicate_core, simd, k.duplicate),
        encoding("vmrs", "cccc11101111rrrrtttt1010zzz1zzzz", k.status, 0, 1),
        encoding("vmsr", "cccc11101110rrrrtttt1010zzz1zzzz", k.status, 0, 0),
        _row("vmov", "cccc11000100uuuutttt101000M1mmmm", c.cores_to_words, single, k.two_cores),
        _row("vmov", "cccc11000101uuuutttt101000M1mmmm", c.words_to_cores, single, k.two_cores),
        _row("vmov", "cccc11000100uuuutttt101100M1mmmm", c.cores_to_words, double, k.two_cores),
        _row("vmov", "cccc11000101uuuutttt101100M1mmmm", c.words_to_cores, double, k.two_cores),
    ]


def _transfers() -> list[Encoding]:
    rows = []
    for load, name in enumerate(("vst", "vld")):
        rows += [
            encoding(f"{name}r", f"cccc1101UD0{load}nnnndddd101xiiiiiiii", k.single_transfer, 0),
            encoding(f"{name}m", f"cccc11001DW{load}nnnndddd101xiiiiiiii", k.block_transfer, 0),
            encoding(f"{name}m", f"cccc11010D1{load}nnnndddd101xiiiiiiii", k.block_transfer, 0),
        ]
    return rows


SCALAR: Final = [*_arithmetic(), *_conversions(), *_core(), *_transfers()]
