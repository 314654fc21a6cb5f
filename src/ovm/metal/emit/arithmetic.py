# SPDX-License-Identifier: Apache-2.0
"""Arithmetic with one meaning for every operand: wrapping, shifts past the width, floor division, division by zero."""

from __future__ import annotations

from collections.abc import Callable

from ovm.metal.emit.routines import is_power_of_two
from ovm.metal.emit.writer import Writer

PLAIN = {"add": "add", "subtract": "sub", "multiply": "mul", "and": "and", "or": "or", "xor": "xor"}
PREDICATES = {"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}


def predicate(operation: str, signed: bool) -> str:
    """Return the icmp predicate of a comparison."""
    name = PREDICATES[operation]
    return name if name in ("eq", "ne") else ("s" if signed else "u") + name


def resize(writer: Writer, value: str, source: int, target: int, signed: bool) -> str:
    """Widen (by `signed`) or cut `value` from `source` to `target` bits."""
    if source == target:
        return value
    verb = "trunc" if target < source else "sext" if signed else "zext"
    return writer.value(f"{verb} i{source} {value} to i{target}")


def shift_constant(writer: Writer, left: bool, value: str, count: int, width: int, signed: bool) -> str:
    """Shift by a count known while compiling."""
    if count >= width:
        if left or not signed:
            return "0"
        count = width - 1
    verb = "shl" if left else "ashr" if signed else "lshr"
    return writer.value(f"{verb} i{width} {value}, {count}")


def shift(writer: Writer, left: bool, value: str, count: str, width: int, count_width: int, signed: bool) -> str:
    """Shift by a run-time count (unsigned); the width or more shifts everything out."""
    within = writer.value(f"icmp ult i{count_width} {count}, {width}")
    narrow = resize(writer, count, count_width, width, False)
    if not left and signed:
        clamped = writer.value(f"select i1 {within}, i{width} {narrow}, i{width} {width - 1}")
        return writer.value(f"ashr i{width} {value}, {clamped}")
    shifted = writer.value(f"{'shl' if left else 'lshr'} i{width} {value}, {narrow}")
    return writer.value(f"select i1 {within}, i{width} {shifted}, i{width} 0")


def divide_constant(writer: Writer, modulo: bool, value: str, divisor: int, width: int, signed: bool) -> str:
    """Divide by a constant, rounding to minus infinity."""
    kind = f"i{width}"
    if divisor == 0:
        return value if modulo else "0"
    if divisor == -1:
        return "0" if modulo else writer.value(f"sub {kind} 0, {value}")
    if is_power_of_two(divisor):
        if modulo:
            return writer.value(f"and {kind} {value}, {divisor - 1}")
        return writer.value(f"{'ashr' if signed else 'lshr'} {kind} {value}, {divisor.bit_length() - 1}")
    if not signed:
        return writer.value(f"{'urem' if modulo else 'udiv'} {kind} {value}, {divisor}")
    return _floor(writer, modulo, value, str(divisor), kind)


def divide_host(writer: Writer, modulo: bool, value: str, divisor: str, width: int, signed: bool) -> str:
    """Divide by a run-time divisor with the host's divide instruction, and guard the cases that it leaves undefined."""
    kind = f"i{width}"
    zero = writer.value(f"icmp eq {kind} {divisor}, 0")
    if not signed:
        safe = writer.value(f"select i1 {zero}, {kind} 1, {kind} {divisor}")
        result = writer.value(f"{'urem' if modulo else 'udiv'} {kind} {value}, {safe}")
        return writer.value(f"select i1 {zero}, {kind} {value if modulo else '0'}, {kind} {result}")
    minus = writer.value(f"icmp eq {kind} {divisor}, -1")
    special = writer.value(f"or i1 {zero}, {minus}")
    safe = writer.value(f"select i1 {special}, {kind} 1, {kind} {divisor}")
    result = _floor(writer, modulo, value, safe, kind)
    if modulo:
        return writer.value(f"select i1 {zero}, {kind} {value}, {kind} {result}")
    negated = writer.value(f"sub {kind} 0, {value}")
    result = writer.value(f"select i1 {minus}, {kind} {negated}, {kind} {result}")
    return writer.value(f"select i1 {zero}, {kind} 0, {kind} {result}")


def _floor(writer: Writer, modulo: bool, value: str, divisor: str, kind: str) -> str:
    quotient = writer.value(f"sdiv {kind} {value}, {divisor}")
    product = writer.value(f"mul {kind} {quotient}, {divisor}")
    rest = writer.value(f"sub {kind} {value}, {product}")
    inexact = writer.value(f"icmp ne {kind} {rest}, 0")
    signs = writer.value(f"xor {kind} {rest}, {divisor}")
    opposite = writer.value(f"icmp slt {kind} {signs}, 0")
    adjust = writer.value(f"and i1 {inexact}, {opposite}")
    if modulo:
        added = writer.value(f"select i1 {adjust}, {kind} {divisor}, {kind} 0")
        return writer.value(f"add {kind} {rest}, {added}")
    one = writer.value(f"zext i1 {adjust} to {kind}")
    return writer.value(f"sub {kind} {quotient}, {one}")


def _choose(operation: str) -> Callable[[Writer, list[str], int, bool], str]:
    def emit(writer: Writer, arguments: list[str], width: int, signed: bool) -> str:
        name = f"llvm.{'s' if signed else 'u'}{operation}.i{width}"
        return writer.value(f"call i{width} @{name}(i{width} {arguments[0]}, i{width} {arguments[1]})")

    return emit


def _zeros(name: str) -> Callable[[Writer, list[str], int, bool], str]:
    def emit(writer: Writer, arguments: list[str], width: int, signed: bool) -> str:
        return writer.value(f"call i{width} @llvm.{name}.i{width}(i{width} {arguments[0]}, i1 false)")

    return emit


def _rotate(writer: Writer, arguments: list[str], width: int, signed: bool) -> str:
    value, count = arguments
    return writer.value(f"call i{width} @llvm.fshr.i{width}(i{width} {value}, i{width} {value}, i{width} {count})")


def _swap(writer: Writer, arguments: list[str], width: int, signed: bool) -> str:
    if width == 8:
        return arguments[0]
    return writer.value(f"call i{width} @llvm.bswap.i{width}(i{width} {arguments[0]})")


INTRINSICS: dict[str, Callable[[Writer, list[str], int, bool], str]] = {
    "minimum": _choose("min"),
    "maximum": _choose("max"),
    "clz": _zeros("ctlz"),
    "ctz": _zeros("cttz"),
    "rotate_right": _rotate,
    "byte_swap": _swap,
}
