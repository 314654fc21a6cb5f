# SPDX-License-Identifier: Apache-2.0
"""Conversions between types, and changed copies of bit-field values."""

from __future__ import annotations

import ast
from typing import Any

from ovm.metal.frontend.agree import adopt, with_width
from ovm.metal.frontend.kinds import type_of
from ovm.metal.frontend.operators import condition
from ovm.metal.frontend.report import Problem, Silent, counted
from ovm.metal.frontend.scope import Scope
from ovm.metal.frontend.source import location_of
from ovm.metal.frontend.values import Known, describe
from ovm.metal.lang.addresses import Address
from ovm.metal.lang.bits import Bits, Field, Flag
from ovm.metal.lang.enums import Enum
from ovm.metal.lang.integers import Integer
from ovm.metal.tree.nodes import Binary, Conditional, Constant, Convert, Expression, Location
from ovm.metal.tree.types import (
    POISON,
    U32,
    AddressType,
    BitsType,
    BoolType,
    EnumType,
    IntegerType,
    LiteralType,
    wrap,
)


def is_cast(target: Any) -> bool:
    """Tell whether calling an object converts a run-time value."""
    if isinstance(target, type) and target is not bool:
        return issubclass(target, Integer | Address | Bits)
    owner = getattr(target, "__self__", None)
    return isinstance(owner, type) and issubclass(owner, Enum) and target.__name__ == "of"


def cast(scope: Scope, callee: Known, value: Expression, where: Location) -> Expression:
    """Return `T(value)` or `E.of(value)` for a run-time value."""
    target: Any = callee.value
    if value.type is POISON:
        raise Silent
    if not isinstance(target, type):
        return Convert(type_of(target.__self__), where, adopt(value, U32, f"argument of {target.__qualname__}"))
    kind = type_of(target)
    if issubclass(target, Bits):
        return Convert(kind, where, adopt(value, U32, f"argument of {kind}()"))
    if issubclass(target, Address):
        if isinstance(value.type, AddressType):
            raise Problem(
                "M204",
                where,
                f"{kind}() of an address of another space",
                found=str(value.type),
                expected="u32",
                fix=f"if the crossing is meant, write it out: `{kind}(u32(...))`",
            )
        return Convert(kind, where, adopt(value, U32, f"argument of {kind}()"))
    if isinstance(value.type, LiteralType):
        # Another type's constant may not fit, and CPython would refuse it where compiled code cuts off its high bits.
        fitting = value.type.other in (None, kind)
        return adopt(value if fitting else with_width(value, kind, f"argument of {kind}()"), kind, f"argument of {kind}()")
    if not isinstance(value.type, IntegerType | BoolType | AddressType):
        raise Problem(
            "M211",
            where,
            f"{kind}() does not convert {value.type}",
            found=describe(value),
            expected="an integer, bool or address",
            fix=_way(value),
        )
    if isinstance(value, Constant):
        return Constant(kind, where, wrap(kind, value.value))
    return Convert(kind, where, value)


def _way(value: Expression) -> str:
    if isinstance(value.type, EnumType | BitsType):
        return "take its number: `.raw`"
    return "take its address: `address(...)`"


def set_field(scope: Scope, base: Expression, node: ast.Call) -> Expression:
    """Return `base.set(R.field, value)`: a copy with one field changed."""
    where = location_of(node)
    if len(node.args) != 2 or node.keywords:
        raise Problem(
            "M304",
            where,
            "set() takes a field and a value",
            found=counted(len(node.args)),
            expected=f"{base.type}.set(field, value)",
        )
    which = scope.lower(node.args[0])
    chosen: Any = which.value if isinstance(which, Known) else None
    source: Any = getattr(base.type, "source", None)
    if not isinstance(chosen, Field | Flag) or source is None or chosen not in source.FIELDS.values():
        raise Problem(
            "M201",
            location_of(node.args[0]),
            f"this is not a field of {base.type}",
            found=describe(which),
            expected=f"a field of {base.type}",
            fix=f"name it through the type: `{base.type}.field`",
        )
    raw: Expression = Convert(U32, where, base)
    keep = Constant(U32, where, ~chosen.mask & 0xFFFF_FFFF)
    value = scope.runtime(node.args[1])
    if isinstance(chosen, Flag):
        placed: Expression = Conditional(U32, where, condition(value), Constant(U32, where, chosen.mask), Constant(U32, where, 0))
    else:
        number = adopt(value, U32, f"value of {base.type}.{chosen.name}")
        cut = Binary(U32, where, "and", number, Constant(U32, where, (1 << chosen.width) - 1))
        placed = Binary(U32, where, "left", cut, Constant(U32, where, chosen.low)) if chosen.low else cut
    kept = Binary(U32, where, "and", raw, keep)
    return Convert(base.type, where, Binary(U32, where, "or", kept, placed))
