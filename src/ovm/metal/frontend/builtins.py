# SPDX-License-Identifier: Apache-2.0
"""Names of the language that mean something of their own to the compiler.

A handler returns None when the call is better done as ordinary Python (all of it is known while compiling).
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable
from typing import Any

from ovm.metal.frontend.agree import adopt, agree, mismatch, with_width
from ovm.metal.frontend.kinds import annotated_type
from ovm.metal.frontend.places import single_access
from ovm.metal.frontend.report import Problem, Silent, counted
from ovm.metal.frontend.scope import Scope
from ovm.metal.frontend.source import location_of
from ovm.metal.frontend.values import Known, Value, describe, is_placed
from ovm.metal.lang import loops, machine, operations, references, storage, structs
from ovm.metal.lang.machine import Cp15
from ovm.metal.tree.nodes import (
    Assembly,
    Barrier,
    Constant,
    Convert,
    Expression,
    Intrinsic,
    Load,
    LocalStorage,
    SystemRegister,
    TextReference,
)
from ovm.metal.tree.types import (
    LITERAL,
    POISON,
    U8,
    U32,
    VIRTUAL,
    VOID,
    ArrayType,
    CellType,
    IntegerType,
    PointerType,
    StructType,
    Type,
    array_of,
    is_scalar,
    pointer_to,
)

Handler = Callable[[Scope, ast.Call], Value | None]


def _lower(scope: Scope, node: ast.expr) -> Value:
    from ovm.metal.frontend import expressions

    return expressions.lower(scope, node)


def _runtime(scope: Scope, node: ast.expr) -> Expression:
    from ovm.metal.frontend import expressions

    value = expressions.runtime(scope, node)
    if value.type is POISON:
        raise Silent
    return value


def _take(node: ast.Call, *names: str) -> list[ast.expr]:
    """Return the arguments of a call that takes exactly `names`."""
    given = list(node.args)
    keywords = {keyword.arg: keyword.value for keyword in node.keywords}
    given += [keywords.pop(name) for name in names[len(given) :] if name in keywords]
    if len(given) != len(names) or keywords:
        written = ast.unparse(node.func)
        raise Problem(
            "M304",
            location_of(node),
            f"{written} is called with other arguments than it declares",
            found=counted(len(node.args) + len(node.keywords)),
            expected=f"{written}({', '.join(names)})",
        )
    return given


def _operands(scope: Scope, node: ast.Call, *names: str) -> list[Expression] | None:
    """Return the arguments as expressions; None if all of them are known while compiling."""
    from ovm.metal.frontend import expressions

    values = [_lower(scope, argument) for argument in _take(node, *names)]
    if all(isinstance(value, Known) and not is_placed(value.value) for value in values):
        return None
    found = [expressions.placed(scope, value) for value in values]
    if any(value.type is POISON for value in found):
        raise Silent
    return found


def _type_argument(scope: Scope, node: ast.expr) -> Type:
    value = scope.evaluate(node)
    try:
        return annotated_type(value.value)
    except Exception:  # noqa: BLE001 - a name in quotes is evaluated, and that may raise anything
        raise Problem("M305", location_of(node), "this is not a type", found=describe(value)) from None


def _choose(name: str) -> Handler:
    def handle(scope: Scope, node: ast.Call) -> Value | None:
        operands = _operands(scope, node, "a", "b")
        if operands is None:
            return None
        first, second = operands
        where = location_of(node)
        what = f"arguments of {name[:3]}"
        with_width(first, second.type, f"an argument of {name[:3]}")
        with_width(second, first.type, f"an argument of {name[:3]}")
        first, second = agree(first, second, what, where)
        if not isinstance(first.type, IntegerType):
            raise mismatch(where, first.type, U32, what)
        return Intrinsic(first.type, where, name, [first, second])

    return handle


def _integer(value: Expression, what: str) -> Expression:
    if not isinstance(value.type, IntegerType):
        raise mismatch(value.location, describe(value), U32, what)
    return value


def _count(name: str) -> Handler:
    def handle(scope: Scope, node: ast.Call) -> Value | None:
        operands = _operands(scope, node, "x")
        if operands is None:
            return None
        operand = _integer(operands[0], f"argument of {name}")
        return Intrinsic(operand.type, location_of(node), name, [operand])

    return handle


def _rotate(scope: Scope, node: ast.Call) -> Value | None:
    operands = _operands(scope, node, "x", "n")
    if operands is None:
        return None
    value, count = _integer(operands[0], "argument of rotate_right"), operands[1]
    if count.type is LITERAL and isinstance(count, Constant):
        assert isinstance(value.type, IntegerType)
        count = Constant(U8, count.location, count.value % value.type.width)
    elif not isinstance(count.type, IntegerType) or count.type.signed:
        raise Problem(
            "M212",
            count.location,
            "this is not a shift count",
            found=describe(count),
            expected="an unsigned integer or a constant",
        )
    return Intrinsic(value.type, location_of(node), "rotate_right", [value, count])


def _length(scope: Scope, node: ast.Call) -> Value | None:
    (argument,) = _take(node, "array")
    value = _lower(scope, argument)
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
    (argument,) = _take(node, "x")
    value = _runtime(scope, argument)
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
    return adopt(_runtime(scope, node), VIRTUAL, what)


def _pointer(scope: Scope, node: ast.Call) -> Value:
    first, second = _take(node, "T", "virtual")
    target = _type_argument(scope, first)
    return Convert(pointer_to(target), location_of(node), _virtual(scope, second, "address of pointer()"))


def _overlay(scope: Scope, node: ast.Call) -> Value:
    first, second = _take(node, "S", "virtual")
    target = _type_argument(scope, first)
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
    (argument,) = _take(node, "array")
    value = _runtime(scope, argument)
    if not isinstance(value.type, ArrayType):
        raise mismatch(value.location, describe(value), array_of(U8, 0), "argument of first()")
    return Convert(pointer_to(value.type.element), location_of(node), value)


def _volatile_load(scope: Scope, node: ast.Call) -> Value:
    (argument,) = _take(node, "p")
    place = single_access(_runtime(scope, argument))
    return Load(place.type, location_of(node), place, True)


def _array(scope: Scope, node: ast.Call) -> Value:
    first, second = _take(node, "T", "n")
    kind, length = _type_argument(scope, first), scope.evaluate(second)
    if type(length.value) is not int or length.value < 1:
        raise Problem("M312", length.location, "the length of an array is a positive constant", found=describe(length))
    made = array_of(kind, length.value)
    return LocalStorage(made, location_of(node), scope.reserve(made))


def _text(scope: Scope, node: ast.Call) -> Value:
    (argument,) = _take(node, "characters")
    value = scope.evaluate(argument)
    if not isinstance(value.value, str):
        raise Problem("M312", value.location, "text() takes a string constant", found=describe(value))
    return TextReference(pointer_to(U8), location_of(node), value.value.encode() + b"\0")


def _register(scope: Scope, node: ast.expr) -> tuple[int, int, int, int]:
    value = scope.evaluate(node)
    found = value.value
    if not isinstance(found, Cp15):
        raise Problem("M201", value.location, "this is not a CP15 register", found=describe(value), expected="a Cp15")
    return found.crn, found.op1, found.crm, found.op2


def _cp15_read(scope: Scope, node: ast.Call) -> Value:
    (register,) = _take(node, "register")
    return SystemRegister(U32, location_of(node), _register(scope, register), None)


def _cp15_write(scope: Scope, node: ast.Call) -> Value:
    register, value = _take(node, "register", "value")
    operand = adopt(_runtime(scope, value), U32, "value of cp15_write")
    return SystemRegister(VOID, location_of(node), _register(scope, register), operand)


def _barrier(name: str) -> Handler:
    def handle(scope: Scope, node: ast.Call) -> Value:
        _take(node)
        return Barrier(VOID, location_of(node), name)

    return handle


_USE = re.compile(r"\{(\d+|out)\}")


def _assembly(scope: Scope, node: ast.Call, result: Type, parts: list[ast.expr]) -> Value:
    where = location_of(node)
    if not parts:
        raise Problem("M304", where, "the assembly template is missing", found="no template", expected="a string")
    template = scope.evaluate(parts[0])
    if not isinstance(template.value, str):
        raise Problem("M312", template.location, "the template is a string constant", found=describe(template))
    clobbers: tuple[str, ...] = ()
    for keyword in node.keywords:
        if keyword.arg != "clobbers":
            raise Problem("M304", where, "asm takes `clobbers=` only", found=str(keyword.arg), expected="clobbers")
        clobbers = _clobbers(scope.evaluate(keyword.value))
    inputs = [_operand(_runtime(scope, part)) for part in parts[1:]]
    used = set(_USE.findall(template.value))
    wanted = {str(number) for number in range(len(inputs))} | (set() if result is VOID else {"out"})
    if used != wanted or len(inputs) > 4:
        raise Problem(
            "M313",
            where,
            "operands and template do not match",
            found=", ".join(f"{{{name}}}" for name in sorted(used)) or "no operands",
            expected=", ".join(f"{{{name}}}" for name in sorted(wanted)) or "no operands",
        )
    scope.builder.mention(scope.function, template.value)
    return Assembly(result, where, template.value, inputs, clobbers)


def _clobbers(known: Known) -> tuple[str, ...]:
    names = known.value
    if isinstance(names, tuple | list) and all(isinstance(name, str) for name in names):
        return tuple(names)
    raise Problem(
        "M313",
        known.location,
        "clobbers is a tuple of register names",
        found=describe(known),
        expected="strings",
        fix='write `clobbers=("r0", "r1")`',
    )


def _operand(value: Expression) -> Expression:
    if isinstance(value, Constant) and value.type is LITERAL:
        return adopt(value, U32, "operand of asm")
    if isinstance(value.type, IntegerType) and value.type.width > 32:
        raise Problem(
            "M202",
            value.location,
            "an operand of asm fits one register",
            found=str(value.type),
            expected="at most 32 bits",
            fix="pass the halves: `u32(x)` and `u32(x >> 32)`",
        )
    return value


def _asm(scope: Scope, node: ast.Call) -> Value:
    return _assembly(scope, node, VOID, node.args)


def _asm_value(scope: Scope, node: ast.Call) -> Value:
    if not node.args:
        raise Problem(
            "M304",
            location_of(node),
            "asm_value() takes a type and a template",
            found="no arguments",
            expected="asm_value(T, template, ...)",
        )
    result = _type_argument(scope, node.args[0])
    if not is_scalar(result) or (isinstance(result, IntegerType) and result.width > 32):
        raise Problem(
            "M305",
            location_of(node.args[0]),
            "the result of asm_value fits one register",
            found=str(result),
            expected="a scalar of at most 32 bits",
        )
    return _assembly(scope, node, result, node.args[1:])


def _misplaced(code: str, message: str, fix: str) -> Handler:
    def handle(scope: Scope, node: ast.Call) -> Value:
        raise Problem(code, location_of(node), message, found=ast.unparse(node), fix=fix)

    return handle


def _plain_range(scope: Scope, node: ast.Call) -> Value | None:
    if not scope.free_locals(node):
        return None
    return _misplaced("M126", "there is no range() at run time", "")(scope, node)


BUILTINS: dict[Any, Handler] = {
    builtins.min: _choose("minimum"),
    builtins.max: _choose("maximum"),
    builtins.len: _length,
    builtins.range: _plain_range,
    operations.clz: _count("clz"),
    operations.ctz: _count("ctz"),
    operations.byte_swap: _count("byte_swap"),
    operations.rotate_right: _rotate,
    structs.address: _address,
    structs.overlay: _overlay,
    references.pointer: _pointer,
    references.first: _first,
    references.volatile_load: _volatile_load,
    references.array: _array,
    storage.text: _text,
    machine.cp15_read: _cp15_read,
    machine.cp15_write: _cp15_write,
    machine.asm: _asm,
    machine.asm_value: _asm_value,
    machine.asm_block: _misplaced("M308", "asm_block() is the body of a naked function", ""),
    loops.bound: _misplaced(
        "M406", "bound() is the first statement of a while loop's body", "write it once, right after the `while` line"
    ),
    loops.forever: _misplaced("M407", "forever() is the condition of a while loop", "write `while forever():`"),
    loops.unroll: _misplaced("M125", "unroll() is what a for loop goes over", "write `for x in unroll(...):`"),
    **{getattr(machine, name): _barrier(name) for name in ("dsb", "dmb", "isb", "clrex", "sev", "wfe", "wfi")},
}
# Calls that are statements: frontend/statements.py handles them, elsewhere they have no value.
STATEMENTS = {machine.panic: "panic", structs.copy: "copy", references.volatile_store: "volatile_store"}
