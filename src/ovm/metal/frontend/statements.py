# SPDX-License-Identifier: Apache-2.0
"""The conversion of Python's statements to the typed tree.

A statement that breaks a rule is reported; reading continues with the next.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from ovm.metal.frontend import operators
from ovm.metal.frontend.agree import adopt, with_width
from ovm.metal.frontend.builtins import STATEMENTS
from ovm.metal.frontend.loops import for_statement, while_statement
from ovm.metal.frontend.matching import match_statement
from ovm.metal.frontend.places import element_place, member_place, no_attribute
from ovm.metal.frontend.report import Defect, Problem, Silent
from ovm.metal.frontend.scope import Scope
from ovm.metal.frontend.signatures import annotation
from ovm.metal.frontend.source import location_of
from ovm.metal.frontend.special import special_statement
from ovm.metal.frontend.unsupported import explain
from ovm.metal.frontend.values import Known, describe, expression_of
from ovm.metal.tree import nodes, panics
from ovm.metal.tree.types import (
    NEVER,
    POISON,
    U32,
    VOID,
    BitsType,
    CellType,
    EnumType,
    LiteralType,
    NeverType,
    StructType,
    Type,
    VoidType,
    is_reference,
    pointer_to,
)


def read_body(scope: Scope, body: list[ast.stmt]) -> list[nodes.Statement]:
    """Read statements in order."""
    result: list[nodes.Statement] = []
    for node in body:
        try:
            result.extend(read_statement(scope, node))
        except Problem as problem:
            scope.problems.append(problem)
            _poison_targets(scope, node)
        except Silent:
            _poison_targets(scope, node)
        except Defect:
            raise
        except Exception as error:
            line = f"{scope.source.shown}:{node.lineno}"
            raise Defect(f"{line}: the compiler failed here ({error!r}); please report it with this line") from error
    return result


def _poison_targets(scope: Scope, node: ast.stmt) -> None:
    """Poison the variables that a refused statement would have made, so that their uses report nothing more."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store) and inner.id not in scope.variables:
            scope.declare(inner.id, POISON, location_of(inner))


def read_statement(scope: Scope, node: ast.stmt) -> list[nodes.Statement]:
    """Read one statement."""
    handler = _HANDLERS.get(type(node))
    if handler is None:
        raise explain(node)
    return handler(scope, node)


def _assign(scope: Scope, node: ast.Assign) -> list[nodes.Statement]:
    if len(node.targets) > 1 or isinstance(node.targets[0], ast.Tuple | ast.List):
        where = location_of(node)
        raise Problem("M124", where, "metal assigns to one target at a time", found=ast.unparse(node))
    return _assign_to(scope, node.targets[0], node.value, None, location_of(node))


def _annotated(scope: Scope, node: ast.AnnAssign) -> list[nodes.Statement]:
    kind = annotation(scope.names, node.annotation)
    if not isinstance(node.target, ast.Name):
        raise Problem("M210", location_of(node), "only a local variable is annotated", found=ast.unparse(node.target))
    known = scope.variables.get(node.target.id)
    if known is not None and known.type not in (kind, POISON):
        raise Problem(
            "M201", location_of(node), f"{node.target.id} has a type already", found=str(kind), expected=str(known.type)
        )
    if node.value is None:
        if known is None:
            scope.declare(node.target.id, kind, location_of(node))
        return []
    return _assign_to(scope, node.target, node.value, kind, location_of(node))


def _assign_to(
    scope: Scope, target: ast.expr, value: ast.expr, kind: Type | None, where: nodes.Location
) -> list[nodes.Statement]:
    given = scope.runtime(value)
    if isinstance(target, ast.Name):
        return [assign_name(scope, target, given, kind, where)]
    place, volatile = place_of(scope, target)
    return [nodes.Store(where, place, adopt(given, place.type, "assignment"), volatile)]


def assign_name(
    scope: Scope, target: ast.Name, given: nodes.Expression, kind: Type | None, where: nodes.Location
) -> nodes.Statement:
    """Assign to a local variable; the first assignment fixes its type."""
    if given.type is POISON:
        raise Silent
    if target.id in scope.bindings:
        raise Problem("M210", location_of(target), f"{target.id} is bound by unroll and cannot be assigned", found=target.id)
    variable = scope.variables.get(target.id)
    if variable is None:
        kind = kind or given.type
        if isinstance(kind, LiteralType):
            raise Problem(
                "M207",
                given.location,
                f"{target.id} would hold a constant without a width",
                found=describe(given),
                expected="a value with a type",
                fix=f"write `{target.id} = {kind.other or U32}(...)`",
            )
        if isinstance(kind, VoidType | NeverType):
            raise Problem("M201", given.location, "this call gives no value", found=str(kind), expected="a value")
        given = adopt(with_width(given, kind, target.id), kind, f"assignment to {target.id}")
        variable = scope.declare(target.id, kind, where)
    elif variable.type is POISON:
        raise Silent
    given = with_width(given, variable.type, target.id)
    return nodes.Assign(where, variable, adopt(given, variable.type, f"assignment to {target.id}"))


def place_of(scope: Scope, target: ast.expr) -> tuple[nodes.Place, bool]:
    """Return the place that an assignment writes, and whether the access is volatile."""
    if isinstance(target, ast.Attribute):
        place, volatile = _field_of(scope, target)
    elif isinstance(target, ast.Subscript):
        place, volatile = _element_of(scope, target)
    else:
        raise explain(target)
    if is_reference(place.type):
        raise Problem(
            "M210",
            location_of(target),
            f"{place.type} in place: it is not assigned as a whole",
            found=ast.unparse(target),
            fix="copy it with `copy(target, source)`, or assign its fields or elements",
        )
    return place, volatile


def _changeable(scope: Scope, target: ast.Attribute | ast.Subscript) -> nodes.Expression:
    """Return what a field or element belongs to, which exists at run time."""
    base = scope.usable(target.value)
    if isinstance(base, Known):
        where = location_of(target)
        raise Problem("M210", where, "a compile-time object is not changed at run time", found=describe(base))
    return base


def _field_of(scope: Scope, target: ast.Attribute) -> tuple[nodes.Place, bool]:
    where, base = location_of(target), _changeable(scope, target)
    if isinstance(base.type, BitsType):
        raise Problem(
            "M210",
            where,
            f"{base.type} values are immutable",
            found=ast.unparse(target),
            fix=f"write `x = x.set({base.type}.{target.attr}, ...)`",
        )
    if base.type is POISON:
        raise Silent
    if isinstance(base.type, EnumType):
        raise Problem("M210", where, "an enum value is immutable", found=ast.unparse(target))
    if not isinstance(base.type, StructType | CellType):
        raise no_attribute(where, str(base.type), target.attr, [])
    return member_place(base, target.attr, where)


def _element_of(scope: Scope, target: ast.Subscript) -> tuple[nodes.Place, bool]:
    where = location_of(target)
    if isinstance(target.slice, ast.Slice):
        raise explain(target.slice)
    base = _changeable(scope, target)
    if isinstance(base, nodes.StaticReference) and scope.builder.program.statics[base.symbol].read_only:
        raise Problem("M210", where, "a table is read-only", found=ast.unparse(target), fix="use static(array(...))")
    return element_place(base, scope.lower(target.slice), where)


def _augmented(scope: Scope, node: ast.AugAssign) -> list[nodes.Statement]:
    where = location_of(node)
    if isinstance(node.target, ast.Name):
        read = scope.runtime(ast.copy_location(ast.Name(node.target.id, ast.Load()), node.target))
        value = expression_of(operators.binary(type(node.op), read, scope.usable(node.value), where))
        return [assign_name(scope, node.target, value, None, where)]
    place, volatile = place_of(scope, node.target)
    before: list[nodes.Statement] = []
    if not _is_simple(place):
        held = scope.declare("place", pointer_to(place.type), where, hidden=True)
        place.type, kind = held.type, place.type
        before.append(nodes.Assign(where, held, place))
        place = nodes.Place(kind, where, nodes.Read(held.type, where, held))
    old = nodes.Load(place.type, where, place, volatile)
    value = expression_of(operators.binary(type(node.op), old, scope.usable(node.value), where))
    return [*before, nodes.Store(where, place, adopt(value, place.type, "assignment"), volatile)]


def _is_simple(place: nodes.Expression) -> bool:
    """Tell whether a place can be computed twice at no cost and with the same result."""
    if isinstance(place, nodes.StaticReference | nodes.Read):
        return True
    if not isinstance(place, nodes.Place):
        return False
    return place.index is None and _is_simple(place.base)


def _expression(scope: Scope, node: ast.Expr) -> list[nodes.Statement]:
    where = location_of(node)
    if isinstance(node.value, ast.Constant) and (isinstance(node.value.value, str) or node.value.value is ...):
        return []
    if isinstance(node.value, ast.Call):
        callee = scope.lower(node.value.func) if isinstance(node.value.func, ast.Name | ast.Attribute) else None
        name = None
        if isinstance(callee, Known):
            try:
                name = STATEMENTS.get(callee.value)
            except TypeError:
                name = None
        if name is not None:
            return special_statement(scope, name, node.value)
        value = scope.lower(node.value)
        if isinstance(value, nodes.Expression):
            return [nodes.Evaluate(where, value)]
        return []
    if isinstance(node.value, ast.Yield | ast.YieldFrom | ast.Await | ast.NamedExpr):
        raise explain(node.value)
    raise Problem("M130", where, "this statement has no effect", found=ast.unparse(node.value))


def _if(scope: Scope, node: ast.If) -> list[nodes.Statement]:
    test = scope.lower(node.test)
    if isinstance(test, Known) and isinstance(test.value, bool):
        return scope.read_body(node.body if test.value else node.orelse)
    chosen = operators.condition(scope.placed(test))
    return [nodes.If(location_of(node), chosen, scope.read_body(node.body), scope.read_body(node.orelse))]


def _return(scope: Scope, node: ast.Return) -> list[nodes.Statement]:
    where = location_of(node)
    result = scope.function.result
    if result is POISON:
        raise Silent
    if result is NEVER:
        raise Problem("M403", where, f"{scope.function.name} is declared never to return", found="return", expected="no return")
    if node.value is None or (isinstance(node.value, ast.Constant) and node.value.value is None):
        if result is not VOID:
            raise Problem(
                "M402",
                where,
                f"{scope.function.name} returns a {result}",
                found="return without a value",
                expected=str(result),
            )
        return [nodes.Return(where, None)]
    value = scope.runtime(node.value)
    if result is VOID:
        raise Problem(
            "M201",
            where,
            f"{scope.function.name} returns nothing",
            found=str(value.type),
            expected="None",
            fix="declare the result's type, or return without a value",
        )
    return [nodes.Return(where, adopt(value, result, f"result of {scope.function.name}"))]


def _assert(scope: Scope, node: ast.Assert) -> list[nodes.Statement]:
    where = location_of(node)
    test = scope.lower(node.test)
    if isinstance(test, Known) and test.value is True:
        return []
    chosen = operators.condition(scope.placed(test))
    if not scope.builder.checked:
        return []
    code = nodes.Constant(U32, where, panics.ASSERT)
    return [nodes.If(where, chosen, [], [nodes.Panic(where, code)])]


def _break(scope: Scope, node: ast.Break) -> list[nodes.Statement]:
    return [nodes.Break(location_of(node))]


def _continue(scope: Scope, node: ast.Continue) -> list[nodes.Statement]:
    return [nodes.Continue(location_of(node))]


def _pass(scope: Scope, node: ast.Pass) -> list[nodes.Statement]:
    return []


_HANDLERS: dict[type[ast.stmt], Callable[[Scope, Any], list[nodes.Statement]]] = {
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Expr: _expression,
    ast.If: _if,
    ast.For: for_statement,
    ast.While: while_statement,
    ast.Match: match_statement,
    ast.Return: _return,
    ast.Assert: _assert,
    ast.Break: _break,
    ast.Continue: _continue,
    ast.Pass: _pass,
}
