# SPDX-License-Identifier: Apache-2.0
"""Functions that return constants, for mypy: inside, their result is also an int; to others it is what they declare."""

from __future__ import annotations

from collections.abc import Iterator

from mypy.checker import TypeChecker
from mypy.errorcodes import RETURN_VALUE
from mypy.nodes import (
    ARG_POS,
    Decorator,
    Expression,
    IntExpr,
    MemberExpr,
    MypyFile,
    NameExpr,
    OpExpr,
    RefExpr,
    ReturnStmt,
    UnaryExpr,
    Var,
)
from mypy.plugin import AnalyzeTypeContext, FunctionContext, SemanticAnalyzerPluginInterface
from mypy.typeanal import TypeAnalyser
from mypy.types import CallableType, Instance, Type, UnionType, get_proper_type

from ovm.metal.mypy_constants import fits, is_constant, range_of, sides_of, statements_below


def _results(function: Decorator) -> Iterator[Expression]:
    """Give all that a function may return."""
    for node in statements_below(function):
        if isinstance(node, ReturnStmt) and node.expr is not None:
            yield from sides_of(node.expr)


def _looks_constant(value: Expression) -> bool:
    """Tell whether an expression is written as a constant is, before mypy knows the names in it."""
    if isinstance(value, UnaryExpr):
        return _looks_constant(value.expr)
    if isinstance(value, OpExpr):
        return _looks_constant(value.left) and _looks_constant(value.right)
    return isinstance(value, IntExpr) or isinstance(value, NameExpr | MemberExpr) and value.name.isupper()


class Results:
    """Functions that return constants: inside, their result is also an int; to others it is what they declare."""

    def __init__(self) -> None:
        self.file: MypyFile | None = None
        self.declared: dict[int, Decorator] = {}

    def widen(self, context: AnalyzeTypeContext) -> Type:
        """Make the declared result of such a function wider, while mypy reads the declaration."""
        analyser = context.api
        assert isinstance(analyser, TypeAnalyser)
        kind = self._kind(context)
        assert isinstance(analyser.api, SemanticAnalyzerPluginInterface)
        file = analyser.api.modules.get(analyser.api.cur_mod_id)
        if file is not None and self.file is not file:
            self.file, self.declared = file, dict(self._declarations(file))
        if id(context.type) in self.declared:
            return UnionType([kind, analyser.named_type("builtins.int", [])], context.type.line, context.type.column)
        return kind

    @staticmethod
    def _kind(context: AnalyzeTypeContext) -> Instance:
        analyser = context.api
        assert isinstance(analyser, TypeAnalyser)
        found = analyser.lookup_qualified(context.type.name, context.type)
        assert found is not None and found.fullname is not None
        kind = analyser.named_type(found.fullname, [])
        kind.line, kind.column = context.type.line, context.type.column
        return kind

    @staticmethod
    def _declarations(file: MypyFile) -> Iterator[tuple[int, Decorator]]:
        for function in file.defs:
            if isinstance(function, Decorator) and any(_looks_constant(value) for value in _results(function)):
                declared = function.func.unanalyzed_type
                if isinstance(declared, CallableType):
                    yield id(declared.ret_type), function

    def narrow(self, context: FunctionContext) -> Type:
        """Give a decorated function the result that it declares, and judge the constants that it returns."""
        api, found = context.api, context.context
        assert isinstance(api, TypeChecker)
        for function in api.tree.defs:
            if isinstance(function, Decorator) and (function is found or found in function.decorators):
                return self._narrowed(api, function, context.default_return_type, function is found)
        return context.default_return_type

    def _narrowed(self, api: TypeChecker, function: Decorator, default: Type, applied: bool) -> Type:
        wide = function.func.type
        result = get_proper_type(wide.ret_type) if isinstance(wide, CallableType) else None
        if not isinstance(wide, CallableType) or not isinstance(result, UnionType) or range_of(result.items[0]) is None:
            return default
        kind = get_proper_type(result.items[0])
        assert isinstance(kind, Instance)
        for value in _results(function):
            # The body wasn't checked yet: of what isn't a constant, only names that are known before are looked at.
            held = value.node if isinstance(value, RefExpr) else None
            known = get_proper_type(held.type) if isinstance(held, Var) else None
            number = isinstance(known, Instance) and known.type.has_base("builtins.int")
            if not fits(kind, value) if is_constant(value) else number:
                api.fail(f'Incompatible return value type (expected "{kind.type.name}")', value, code=RETURN_VALUE)
        narrow = wide.copy_modified(ret_type=kind)
        # `@fn` is applied to the function, `@fn(...)` gives what will be.
        return narrow if applied else CallableType([wide], [ARG_POS], [None], narrow, wide.fallback)
