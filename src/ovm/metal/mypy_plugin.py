# SPDX-License-Identifier: Apache-2.0
"""Let mypy take a constant where metal takes one: as an argument, and on the right of an assignment to a field or element.

The compiler gives a bare constant the type of the parameter, field or element that it goes to, and refuses one that doesn't fit
(M205). Type hints can't say that, so mypy would ask for a cast around each. This plugin widens the one parameter, field or
element that a constant goes to. What isn't a constant, or doesn't fit, is refused as before.

A constant is a literal, a `Final` name that holds an `int`, or what operators make of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mypy.checker import TypeChecker
from mypy.constant_fold import constant_fold_binary_op, constant_fold_unary_op
from mypy.nodes import AssignmentStmt, Decorator, Expression, IntExpr, MypyFile, OpExpr, RefExpr, UnaryExpr, Var
from mypy.plugin import AttributeContext, FunctionSigContext, MethodSigContext, Plugin
from mypy.types import CallableType, Instance, Type, UnionType, get_proper_type

_INTEGERS = "ovm.metal.lang.integers"
_RANGES = {f"{sign}{width}": (0, (1 << width) - 1) for sign in "u" for width in (8, 16, 32, 64)}
_RANGES |= {f"i{width}": (-(1 << width - 1), (1 << width - 1) - 1) for width in (8, 16, 32, 64)}
# Methods that store an element.
_STORES = {"ovm.metal.lang.references.Array.__setitem__", "ovm.metal.lang.references.Ptr.__setitem__"}


def plugin(version: str) -> type[Plugin]:
    """Tell mypy which plugin this module has."""
    return Constants


def _range_of(kind: Type) -> tuple[int, int] | None:
    """Return the lowest and highest number of one of metal's integer types."""
    proper = get_proper_type(kind)
    if not isinstance(proper, Instance):
        return None
    module, _, name = proper.type.fullname.rpartition(".")
    return _RANGES.get(name) if module == _INTEGERS else None


def _is_constant(expression: Expression) -> bool:
    """Tell whether an expression is made of literals and `Final` integers alone."""
    if isinstance(expression, RefExpr):
        name = expression.node
        if not isinstance(name, Var) or not name.is_final:
            return False
        kind = get_proper_type(name.type)
        return isinstance(kind, Instance) and kind.type.fullname == "builtins.int"
    if isinstance(expression, UnaryExpr):
        return expression.op in "-~" and _is_constant(expression.expr)
    if isinstance(expression, OpExpr):
        return _is_constant(expression.left) and _is_constant(expression.right)
    return isinstance(expression, IntExpr)


def _value_of(expression: Expression) -> int | None:
    """Return the number that a constant stands for; None if mypy doesn't know it."""
    value: object = None
    if isinstance(expression, IntExpr):
        value = expression.value
    elif isinstance(expression, RefExpr) and isinstance(expression.node, Var):
        known = get_proper_type(expression.node.type)
        held = known.last_known_value if isinstance(known, Instance) else None
        value = held.value if held is not None else expression.node.final_value
    elif isinstance(expression, UnaryExpr):
        operand = _value_of(expression.expr)
        value = None if operand is None else constant_fold_unary_op(expression.op, operand)
    elif isinstance(expression, OpExpr):
        left, right = _value_of(expression.left), _value_of(expression.right)
        value = None if left is None or right is None else constant_fold_binary_op(expression.op, left, right)
    return value if type(value) is int else None


def _takes(kind: Type, value: Expression) -> bool:
    """Tell whether `kind` is an integer type of metal's that takes the constant `value`.

    A constant that mypy doesn't know is left to the compiler to judge.
    """
    limits = _range_of(kind)
    if limits is None or not _is_constant(value):
        return False
    number = _value_of(value)
    return number is None or limits[0] <= number <= limits[1]


def _signature(context: FunctionSigContext | MethodSigContext) -> CallableType:
    signature = context.default_signature
    kinds = list(signature.arg_types)
    for index, given in enumerate(context.args):
        if len(given) == 1 and _takes(kinds[index], given[0]):
            kinds[index] = UnionType([kinds[index], context.api.named_generic_type("builtins.int", [])])
    return signature.copy_modified(arg_types=kinds) if kinds != signature.arg_types else signature


def _stores(node: object) -> Iterator[tuple[Expression, Expression]]:
    """Give each target of an assignment at or below a statement, with its value."""
    if isinstance(node, AssignmentStmt):
        for target in node.lvalues:
            yield target, node.rvalue
    elif isinstance(node, list):
        for each in node:
            yield from _stores(each)
    else:
        # Nodes that hold statements: files, classes, functions, blocks, and statements with blocks.
        for name in ("defs", "func", "body", "bodies", "else_body", "handlers", "finally_body"):
            yield from _stores(getattr(node, name, []))


class Constants(Plugin):
    """Widens what a constant goes to."""

    _file: MypyFile | None = None
    _values: dict[Expression, Expression]

    def get_function_signature_hook(self, fullname: str) -> Callable[[FunctionSigContext], CallableType] | None:
        """Look at calls of decorated functions, of which metal's are some."""
        found = self.lookup_fully_qualified(fullname)
        return _signature if found is not None and isinstance(found.node, Decorator) else None

    def get_method_signature_hook(self, fullname: str) -> Callable[[MethodSigContext], CallableType] | None:
        """Look at stores to elements."""
        return _signature if fullname in _STORES else None

    def get_attribute_hook(self, fullname: str) -> Callable[[AttributeContext], Type]:
        """Look at stores to fields."""
        return self._attribute

    def _attribute(self, context: AttributeContext) -> Type:
        declared, api, target = context.default_attr_type, context.api, context.context
        if not context.is_lvalue or _range_of(declared) is None:
            return declared
        assert isinstance(api, TypeChecker)
        if self._file is not api.tree:
            self._file, self._values = api.tree, dict(_stores(api.tree))
        value = self._values.get(target) if isinstance(target, Expression) else None
        if value is None or not _takes(declared, value):
            return declared
        # Reading the field still gives its own type: mypy doesn't narrow to what only a store may have.
        return UnionType([declared, api.named_generic_type("builtins.int", [])])
