# SPDX-License-Identifier: Apache-2.0
"""Let mypy take a constant where metal takes one: as an argument, as a result, and in a store to a field or element.

The compiler gives a bare constant the type of the parameter, result, field or element that it goes to, and refuses one that
doesn't fit (M205). Type hints can't say that, so mypy would ask for a cast around each. This plugin widens the one parameter,
field or element that a constant goes to, and the result of a function inside that function. What isn't a constant, or doesn't
fit, is refused as before.

A constant is a literal, a `Final` name that holds an `int`, or what operators make of these. It may be a side of
`a if c else b`, or an argument of `min` and `max`, beside a value of the type.
"""

from __future__ import annotations

from collections.abc import Callable

from mypy.checker import TypeChecker
from mypy.nodes import AssignmentStmt, Decorator, Expression, MypyFile
from mypy.options import Options
from mypy.plugin import AnalyzeTypeContext, AttributeContext, FunctionContext, FunctionSigContext, MethodSigContext, Plugin
from mypy.types import CallableType, Type, UnionType

from ovm.metal.mypy_constants import CHOICES, INTEGERS, RANGES, fits, is_constant, range_of, statements_below, takes
from ovm.metal.mypy_results import Results

_FN = "ovm.metal.lang.functions.fn"
_CHOICES = {f"builtins.{name}" for name in CHOICES}
# Methods that store an element.
_STORES = {"ovm.metal.lang.references.Array.__setitem__", "ovm.metal.lang.references.Ptr.__setitem__"}


def plugin(version: str) -> type[Plugin]:
    """Tell mypy which plugin this module has."""
    return Constants


def _or_int(kind: Type, context: AttributeContext | FunctionSigContext | MethodSigContext) -> Type:
    return UnionType([kind, context.api.named_generic_type("builtins.int", [])])


def _signature(context: FunctionSigContext | MethodSigContext) -> CallableType:
    signature = context.default_signature
    kinds = list(signature.arg_types)
    for index, given in enumerate(context.args):
        if len(given) == 1 and takes(kinds[index], given[0], context.api.get_expression_type):
            kinds[index] = _or_int(kinds[index], context)
    return signature.copy_modified(arg_types=kinds) if kinds != signature.arg_types else signature


def _choice(context: FunctionSigContext) -> CallableType:
    """Let `min` and `max` take a constant beside a value of metal's; what they give may be either."""
    signature = context.default_signature
    given = [each for arguments in context.args for each in arguments]
    typed = [each for each in given if not is_constant(each)]
    if len(given) != 2 or len(typed) != 1:
        return signature
    kind = context.api.get_expression_type(typed[0])
    if not all(fits(kind, each) for each in given if each is not typed[0]):
        return signature
    either = _or_int(kind, context)
    kinds = [either, either, *signature.arg_types[2:]]
    return signature.copy_modified(arg_types=kinds, ret_type=either, variables=[]) if len(signature.arg_types) > 2 else signature


def _stores(file: MypyFile) -> dict[Expression, Expression]:
    """Return the targets of a file's assignments with their values."""
    return {target: node.rvalue for node in statements_below(file) if isinstance(node, AssignmentStmt) for target in node.lvalues}


class Constants(Plugin):
    """Widens what a constant goes to."""

    _file: MypyFile | None = None
    _values: dict[Expression, Expression]

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._results = Results()

    def get_type_analyze_hook(self, fullname: str) -> Callable[[AnalyzeTypeContext], Type] | None:
        """Look at integer types of metal's, which may be declared results."""
        module, _, name = fullname.rpartition(".")
        return self._results.widen if module == INTEGERS and name in RANGES else None

    def get_function_hook(self, fullname: str) -> Callable[[FunctionContext], Type] | None:
        """Look at functions that become metal."""
        return self._results.narrow if fullname == _FN else None

    def get_function_signature_hook(self, fullname: str) -> Callable[[FunctionSigContext], CallableType] | None:
        """Look at calls of decorated functions, of which metal's are some."""
        if fullname in _CHOICES:
            return _choice
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
        if not context.is_lvalue or range_of(declared) is None:
            return declared
        assert isinstance(api, TypeChecker)
        if self._file is not api.tree:
            self._file, self._values = api.tree, _stores(api.tree)
        value = self._values.get(target) if isinstance(target, Expression) else None
        if value is None or not takes(declared, value, api.get_expression_type):
            return declared
        # Reading the field still gives its own type: mypy doesn't narrow to what only a store may have.
        return _or_int(declared, context)
