# SPDX-License-Identifier: Apache-2.0
"""CP15, barriers and inline assembly."""

from __future__ import annotations

import ast
import re
from typing import Any

from ovm.metal.frontend.agree import adopt
from ovm.metal.frontend.operands import Handler, misplaced, runtime, take, type_argument
from ovm.metal.frontend.report import Problem
from ovm.metal.frontend.scope import Scope
from ovm.metal.frontend.source import location_of
from ovm.metal.frontend.values import Known, Value, describe
from ovm.metal.lang import machine
from ovm.metal.lang.machine import Cp15
from ovm.metal.tree.nodes import Assembly, Barrier, CodeCall, Expression, SystemRegister
from ovm.metal.tree.types import U32, VIRTUAL, VOID, IntegerType, LiteralType, Type, is_scalar

_USE = re.compile(r"\{(\d+|out)\}")


def _register(scope: Scope, node: ast.expr) -> tuple[int, int, int, int]:
    value = scope.evaluate(node)
    found = value.value
    if not isinstance(found, Cp15):
        raise Problem("M201", value.location, "this is not a CP15 register", found=describe(value), expected="a Cp15")
    return found.crn, found.op1, found.crm, found.op2


def _cp15_read(scope: Scope, node: ast.Call) -> Value:
    (register,) = take(node, "register")
    return SystemRegister(U32, location_of(node), _register(scope, register), None)


def _cp15_write(scope: Scope, node: ast.Call) -> Value:
    register, value = take(node, "register", "value")
    operand = adopt(runtime(scope, value), U32, "value of cp15_write")
    return SystemRegister(VOID, location_of(node), _register(scope, register), operand)


def _barrier(name: str) -> Handler:
    def handle(scope: Scope, node: ast.Call) -> Value:
        take(node)
        return Barrier(VOID, location_of(node), name)

    return handle


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
    inputs = [_operand(runtime(scope, part)) for part in parts[1:]]
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
    if isinstance(value.type, LiteralType):
        return adopt(value, value.type.other or U32, "operand of asm")
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
    result = type_argument(scope, node.args[0])
    if not is_scalar(result) or (isinstance(result, IntegerType) and result.width > 32):
        raise Problem(
            "M305",
            location_of(node.args[0]),
            "the result of asm_value fits one register",
            found=str(result),
            expected="a scalar of at most 32 bits",
        )
    return _assembly(scope, node, result, node.args[1:])


def _call_code(scope: Scope, node: ast.Call) -> Value:
    code, argument = take(node, "code", "argument")
    if not scope.builder.host:
        raise Problem("M316", location_of(node), "call_code() exists on the host only", found="a program for ARM")
    place = adopt(runtime(scope, code), VIRTUAL, "code of call_code")
    return CodeCall(U32, location_of(node), place, adopt(runtime(scope, argument), U32, "argument of call_code"))


MACHINE: dict[Any, Handler] = {
    machine.call_code: _call_code,
    machine.cp15_read: _cp15_read,
    machine.cp15_write: _cp15_write,
    machine.asm: _asm,
    machine.asm_value: _asm_value,
    machine.asm_block: misplaced("M308", "asm_block() is the body of a naked function", ""),
    **{getattr(machine, name): _barrier(name) for name in ("dsb", "dmb", "isb", "clrex", "sev", "wfe", "wfi")},
}
