# SPDX-License-Identifier: Apache-2.0
"""Names of the language with a special meaning to the compiler, and the place where each is handled."""

from __future__ import annotations

import ast
import builtins
from typing import Any

from ovm.metal.frontend.agree import adopt, mismatch
from ovm.metal.frontend.numbers import NUMBERS
from ovm.metal.frontend.operands import Handler, misplaced, runtime, take, type_argument
from ovm.metal.frontend.places import single_access
from ovm.metal.frontend.processor import MACHINE
from ovm.metal.frontend.report import Problem
from ovm.metal.frontend.scope import Scope
from ovm.metal.frontend.source import location_of
from ovm.metal.frontend.values import Known, Value, describe
from ovm.metal.lang import loops, machine, references, storage, structs
from ovm.metal.tree.nodes import Convert, Expression, Load, LocalStorage, TextReference
from ovm.metal.tree.types import (
    U8,
    VIRTUAL,
    ArrayType,
    CellType,
    PointerType,
    StructType,
    array_of,
    pointer_to,
)


def _length(scope: Scope, node: ast.Call) -> Value | None:
    (argument,) = take(node, "array")
    value = scope.lower(argument)
    if isinstance(value, Known):
        return Known(len(value.value), location_of(node)) if hasattr(value.value, "__len__") else None
    if isinstance(value.type, ArrayType) and value.type.length:
        return Known(value.type.length, location_of(node))
    raise Problem(
        "M208",
        location_of(node),
        f"len() of {value.type} is not known",
        found=str(value.type),
        expected="an array of known length",
        fix="pass the length as a parameter",
    )


def _address(scope: Scope, node: ast.Call) -> Value:
    (argument,) = take(node, "x")
    value = runtime(scope, argument)
    if not isinstance(value.type, StructType | ArrayType | CellType | PointerType):
        raise Problem(
            "M201",
            value.location,
            f"a {value.type} has no address",
            found=describe(value),
            expected="a struct, array, Var or pointer",
        )
    return Convert(VIRTUAL, location_of(node), value)


def _virtual(scope: Scope, node: ast.expr, what: str) -> Expression:
    return adopt(runtime(scope, node), VIRTUAL, what)


def _pointer(scope: Scope, node: ast.Call) -> Value:
    first, second = take(node, "T", "virtual")
    target = type_argument(scope, first)
    return Convert(pointer_to(target), location_of(node), _virtual(scope, second, "address of pointer()"))


def _overlay(scope: Scope, node: ast.Call) -> Value:
    first, second = take(node, "S", "virtual")
    target = type_argument(scope, first)
    if not isinstance(target, StructType):
        raise Problem(
            "M305",
            location_of(first),
            "overlay() takes a struct type",
            found=str(target),
            expected="a struct type",
            fix=f"use pointer({target}, ...)",
        )
    return Convert(target, location_of(node), _virtual(scope, second, "address of overlay()"))


def _first(scope: Scope, node: ast.Call) -> Value:
    (argument,) = take(node, "array")
    value = runtime(scope, argument)
    if not isinstance(value.type, ArrayType):
        raise mismatch(value.location, describe(value), array_of(U8, 0), "argument of first()")
    return Convert(pointer_to(value.type.element), location_of(node), value)


def _volatile_load(scope: Scope, node: ast.Call) -> Value:
    (argument,) = take(node, "p")
    place = single_access(runtime(scope, argument))
    return Load(place.type, location_of(node), place, True)


def _array(scope: Scope, node: ast.Call) -> Value:
    first, second = take(node, "T", "n")
    kind, length = type_argument(scope, first), scope.evaluate(second)
    if type(length.value) is not int or length.value < 1:
        raise Problem("M312", length.location, "the length of an array is a positive constant", found=describe(length))
    made = array_of(kind, length.value)
    return LocalStorage(made, location_of(node), scope.reserve(made))


def _text(scope: Scope, node: ast.Call) -> Value:
    (argument,) = take(node, "characters")
    value = scope.evaluate(argument)
    if not isinstance(value.value, str):
        raise Problem("M312", value.location, "text() takes a string constant", found=describe(value))
    return TextReference(pointer_to(U8), location_of(node), value.value.encode() + b"\0")


def _plain_range(scope: Scope, node: ast.Call) -> Value | None:
    if not scope.free_locals(node):
        return None
    return misplaced("M126", "there is no range() at run time", "")(scope, node)


BUILTINS: dict[Any, Handler] = {
    **NUMBERS,
    **MACHINE,
    builtins.len: _length,
    builtins.range: _plain_range,
    structs.address: _address,
    structs.overlay: _overlay,
    references.pointer: _pointer,
    references.first: _first,
    references.volatile_load: _volatile_load,
    references.array: _array,
    storage.text: _text,
    loops.bound: misplaced(
        "M406", "bound() is the first statement of a while loop's body", "write it once, right after the `while` line"
    ),
    loops.forever: misplaced("M407", "forever() is the condition of a while loop", "write `while forever():`"),
    loops.unroll: misplaced("M125", "unroll() is what a for loop goes over", "write `for x in unroll(...):`"),
}
# Calls that are statements: frontend/statements.py handles them, elsewhere they have no value.
STATEMENTS = {machine.panic: "panic", structs.copy: "copy", references.volatile_store: "volatile_store"}
