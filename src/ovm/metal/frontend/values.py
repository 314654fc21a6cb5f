# SPDX-License-Identifier: Apache-2.0
"""Compile-time objects, and their conversion to expressions when run-time code uses them."""

from __future__ import annotations

from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any

from ovm.metal.frontend.kinds import type_of
from ovm.metal.frontend.report import Problem
from ovm.metal.lang import storage
from ovm.metal.lang.addresses import Address
from ovm.metal.lang.bits import Bits
from ovm.metal.lang.enums import Enum
from ovm.metal.lang.functions import Function, FunctionTable
from ovm.metal.lang.integers import Integer
from ovm.metal.lang.references import Array, Ptr
from ovm.metal.lang.structs import Struct
from ovm.metal.tree.nodes import Constant, Expression, Location, TextReference
from ovm.metal.tree.types import BOOL, LITERAL, pointer_to


@dataclass(frozen=True)
class Known:
    """Any Python object that exists at compile time."""

    value: Any
    location: Location


Value = Known | Expression
LONGEST = 40
HUGE = 128


def is_placed(value: object) -> bool:
    """Tell whether a Python object stands for run-time memory."""
    return isinstance(value, Struct | Array | storage.Var | Ptr)


def constant(known: Known) -> Expression | None:
    """Return a scalar compile-time object as a constant; None if it is not a scalar."""
    value, where = known.value, known.location
    if isinstance(value, bool):
        return Constant(BOOL, where, int(value))
    if type(value) is int:
        return Constant(LITERAL, where, value)
    if isinstance(value, Integer | Address):
        return Constant(type_of(type(value)), where, int(value))
    if isinstance(value, Enum | Bits):
        return Constant(type_of(type(value)), where, value.to_bits())
    if isinstance(value, Ptr):
        return _pointer(value, where)
    return None


def _pointer(value: Ptr[Any], where: Location) -> Expression:
    for characters, known in storage._TEXTS.items():
        if known is value:
            return TextReference(pointer_to(type_of(value.target)), where, characters.encode() + b"\0")
    return Constant(pointer_to(type_of(value.target)), where, value.address)


_UNSUPPORTED: list[tuple[tuple[type, ...], str, str]] = [
    ((list, dict, set, frozenset, tuple), "M101", "a {name} does not exist at run time"),
    ((str, bytes), "M115", "a string does not exist at run time"),
    ((float, complex), "M108", "there are no floating-point numbers"),
    ((type(None), type(...)), "M128", "{value} is not a value of metal"),
    ((Function, FunctionType, FunctionTable), "M302", "a function is not a value"),
]


def refuse(known: Known) -> Problem:
    """Return the problem of using a compile-time object as a run-time value."""
    value = known.value
    name = type(value).__name__
    for kinds, code, message in _UNSUPPORTED:
        if isinstance(value, kinds):
            fix = "call it, or put it into a `function_table(...)`" if isinstance(value, Function) else ""
            return Problem(code, known.location, message.format(name=name, value=value), found=describe(known), fix=fix)
    return Problem(
        "M302",
        known.location,
        "this object exists only while compiling",
        found=describe(known),
        expected="an integer, bool, address, enum, bits, pointer, struct or array",
    )


def shown(number: int) -> str:
    """Return a number as text, a huge one by its size."""
    return str(number) if number.bit_length() <= HUGE else f"of {number.bit_length()} bits"


def describe(value: Value) -> str:
    """Return a diagnostic's name for a value."""
    if isinstance(value, Expression):
        if isinstance(value, Constant) and value.type is LITERAL:
            return f"constant {shown(value.value)}"
        return str(value.type)
    held = value.value
    if type(held) is int:
        return f"constant {shown(held)}"
    if isinstance(held, bool) or held is None or held is ...:
        return "bool" if isinstance(held, bool) else repr(held)
    if isinstance(held, str | bytes | float | complex | list | dict | set | frozenset | tuple):
        text = repr(held)
        return f"{type(held).__name__} {text}" if len(text) < LONGEST else type(held).__name__
    return _named(held)


def _named(held: Any) -> str:
    if isinstance(held, Function):
        return f"function {held.name}"
    if isinstance(held, type | ModuleType):
        return f"{'class' if isinstance(held, type) else 'module'} {held.__name__}"
    if callable(held) and isinstance(getattr(held, "__name__", None), str):
        return f"Python function {held.__name__}"
    return type(held).__name__


def expression_of(value: Value) -> Expression:
    """Return a value as an expression; a scalar compile-time object becomes a constant."""
    if isinstance(value, Expression):
        return value
    found = constant(value)
    if found is None:
        raise refuse(value)
    return found
