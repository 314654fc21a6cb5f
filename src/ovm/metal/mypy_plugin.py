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

from collections.abc import Callable, Iterator

from mypy.checker import TypeChecker
from mypy.constant_fold import constant_fold_binary_op, constant_fold_unary_op
from mypy.errorcodes import RETURN_VALUE
from mypy.nodes import (
    ARG_POS,
    AssignmentStmt,
    CallExpr,
    ConditionalExpr,
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
from mypy.options import Options
from mypy.plugin import (
    AnalyzeTypeContext,
    AttributeContext,
    FunctionContext,
    FunctionSigContext,
    MethodSigContext,
    Plugin,
    SemanticAnalyzerPluginInterface,
)
from mypy.typeanal import TypeAnalyser
from mypy.types import CallableType, Instance, Type, UnionType, get_proper_type

_FN = "ovm.metal.lang.functions.fn"
_INTEGERS = "ovm.metal.lang.integers"
_RANGES = {f"{sign}{width}": (0, (1 << width) - 1) for sign in "u" for width in (8, 16, 32, 64)}
_RANGES |= {f"i{width}": (-(1 << width - 1), (1 << width - 1) - 1) for width in (8, 16, 32, 64)}
# Functions that give one of their arguments.
_CHOICES = {"builtins.min", "builtins.max"}
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


def _fits(kind: Type, constant: Expression) -> bool:
    """Tell whether an integer type of metal's takes a constant; one that mypy doesn't know is left to the compiler to judge."""
    limits, number = _range_of(kind), _value_of(constant)
    return limits is not None and (number is None or limits[0] <= number <= limits[1])


def _sides(value: Expression) -> Iterator[Expression]:
    """Give the values of which an expression is one."""
    if isinstance(value, ConditionalExpr):
        yield from _sides(value.if_expr)
        yield from _sides(value.else_expr)
    elif isinstance(value, CallExpr) and isinstance(value.callee, NameExpr) and value.callee.name in ("min", "max"):
        for argument in value.args:
            yield from _sides(argument)
    else:
        yield value


def _takes(kind: Type, value: Expression, type_of: Callable[[Expression], Type]) -> bool:
    """Tell whether a value is a constant that an integer type of metal's takes, or a choice of such and of values of the type."""
    sides = list(_sides(value))
    others = [side for side in sides if not _is_constant(side)]
    if _range_of(kind) is None or len(others) == len(sides):
        return False
    return all(_fits(kind, side) for side in sides if side not in others) and all(type_of(side) == kind for side in others)


def _or_int(kind: Type, context: AttributeContext | FunctionSigContext | MethodSigContext) -> Type:
    return UnionType([kind, context.api.named_generic_type("builtins.int", [])])


def _signature(context: FunctionSigContext | MethodSigContext) -> CallableType:
    signature = context.default_signature
    kinds = list(signature.arg_types)
    for index, given in enumerate(context.args):
        if len(given) == 1 and _takes(kinds[index], given[0], context.api.get_expression_type):
            kinds[index] = _or_int(kinds[index], context)
    return signature.copy_modified(arg_types=kinds) if kinds != signature.arg_types else signature


def _choice(context: FunctionSigContext) -> CallableType:
    """Let `min` and `max` take a constant beside a value of metal's; what they give may be either."""
    signature = context.default_signature
    given = [each for arguments in context.args for each in arguments]
    typed = [each for each in given if not _is_constant(each)]
    if len(given) != 2 or len(typed) != 1:
        return signature
    kind = context.api.get_expression_type(typed[0])
    if not all(_fits(kind, each) for each in given if each is not typed[0]):
        return signature
    either = _or_int(kind, context)
    kinds = [either, either, *signature.arg_types[2:]]
    return signature.copy_modified(arg_types=kinds, ret_type=either, variables=[]) if len(signature.arg_types) > 2 else signature


def _below(node: object) -> Iterator[object]:
    """Give the assignments and returns at or below a statement."""
    if isinstance(node, AssignmentStmt | ReturnStmt):
        yield node
    elif isinstance(node, list):
        for each in node:
            yield from _below(each)
    else:
        # Nodes that hold statements: files, classes, functions, blocks, and statements with blocks.
        for name in ("defs", "func", "body", "bodies", "else_body", "handlers", "finally_body"):
            yield from _below(getattr(node, name, []))


def _stores(file: MypyFile) -> dict[Expression, Expression]:
    """Return the targets of a file's assignments with their values."""
    return {target: node.rvalue for node in _below(file) if isinstance(node, AssignmentStmt) for target in node.lvalues}


def _results(function: Decorator) -> Iterator[Expression]:
    """Give all that a function may return."""
    for node in _below(function):
        if isinstance(node, ReturnStmt) and node.expr is not None:
            yield from _sides(node.expr)


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
        if not isinstance(wide, CallableType) or not isinstance(result, UnionType) or _range_of(result.items[0]) is None:
            return default
        kind = get_proper_type(result.items[0])
        assert isinstance(kind, Instance)
        for value in _results(function):
            # The body wasn't checked yet: of what isn't a constant, only names that are known before are looked at.
            held = value.node if isinstance(value, RefExpr) else None
            known = get_proper_type(held.type) if isinstance(held, Var) else None
            number = isinstance(known, Instance) and known.type.has_base("builtins.int")
            if not _fits(kind, value) if _is_constant(value) else number:
                api.fail(f'Incompatible return value type (expected "{kind.type.name}")', value, code=RETURN_VALUE)
        narrow = wide.copy_modified(ret_type=kind)
        # `@fn` is applied to the function, `@fn(...)` gives what will be.
        return narrow if applied else CallableType([wide], [ARG_POS], [None], narrow, wide.fallback)


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
        return self._results.widen if module == _INTEGERS and name in _RANGES else None

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
        if not context.is_lvalue or _range_of(declared) is None:
            return declared
        assert isinstance(api, TypeChecker)
        if self._file is not api.tree:
            self._file, self._values = api.tree, _stores(api.tree)
        value = self._values.get(target) if isinstance(target, Expression) else None
        if value is None or not _takes(declared, value, api.get_expression_type):
            return declared
        # Reading the field still gives its own type: mypy doesn't narrow to what only a store may have.
        return _or_int(declared, context)
