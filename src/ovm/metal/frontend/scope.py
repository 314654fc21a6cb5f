# SPDX-License-Identifier: Apache-2.0
"""The state while one function is read: its variables, its compile-time names, its reported problems."""

from __future__ import annotations

import ast
import builtins
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from ovm.metal.frontend.report import FOREIGN, Problem
from ovm.metal.frontend.source import SourceFile, location_of
from ovm.metal.frontend.values import Known, Value, expression_of, is_placed
from ovm.metal.tree.nodes import Expression, Location, Statement, Variable
from ovm.metal.tree.program import Function, Storage
from ovm.metal.tree.types import Type, align_of, size_of

if TYPE_CHECKING:
    from ovm.metal.frontend.program import Builder


def evaluate(node: ast.expr, names: dict[str, Any]) -> Any:
    """Evaluate a syntax tree as ordinary Python; the type rules find what CPython would only warn about."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        code = compile(ast.Expression(node), "<compile-time expression>", "eval")
    return eval(code, names)


class Reader(Protocol):
    """A reader of expressions and statements; the parts of the frontend call each other through it."""

    def lower(self, scope: Scope, node: ast.expr) -> Value:
        """Return an expression as a compile-time object or a typed expression."""

    def read_body(self, scope: Scope, body: list[ast.stmt]) -> list[Statement]:
        """Read statements in order."""


@dataclass
class Scope:
    """The state of reading one function."""

    builder: Builder
    reader: Reader
    source: SourceFile
    names: dict[str, Any]
    function: Function
    locals: set[str]
    variables: dict[str, Variable] = field(default_factory=dict)
    bindings: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def lower(self, node: ast.expr) -> Value:
        """Return an expression as a compile-time object or a typed expression."""
        return self.reader.lower(self, node)

    def usable(self, node: ast.expr) -> Value:
        """Return an expression as `lower` does, with statics as references."""
        value = self.lower(node)
        return self.placed(value) if isinstance(value, Known) and is_placed(value.value) else value

    def runtime(self, node: ast.expr) -> Expression:
        """Return an expression with a run-time value."""
        return self.placed(self.lower(node))

    def placed(self, value: Value) -> Expression:
        """Return a value as an expression; statics become references."""
        if isinstance(value, Known) and is_placed(value.value):
            return self.builder.reference(value)
        return expression_of(value)

    def read_body(self, body: list[ast.stmt]) -> list[Statement]:
        """Read statements in order; problems are kept in `problems`."""
        return self.reader.read_body(self, body)

    def is_local(self, name: str) -> bool:
        """Tell whether a name is a run-time variable of this function."""
        return name in self.locals and name not in self.bindings

    def lookup(self, name: str, location: Location) -> Known:
        """Return the compile-time object that a name is bound to."""
        for table in (self.bindings, self.names, vars(builtins)):
            if name in table:
                return Known(table[name], location)
        raise Problem("M301", location, f"the name {name} is not defined", found=name)

    def declare(self, name: str, kind: Type, location: Location, hidden: bool = False) -> Variable:
        """Make a local variable."""
        variable = Variable(name, kind, location, hidden=hidden)
        self.function.variables.append(variable)
        if not hidden:
            self.variables[name] = variable
        return variable

    def reserve(self, kind: Type) -> int:
        """Reserve frame storage for a struct or array; return its slot."""
        self.function.storage.append(Storage(kind, size_of(kind), align_of(kind)))
        return len(self.function.storage) - 1

    @contextmanager
    def bound_to(self, names: dict[str, Any]) -> Iterator[None]:
        """Bind compile-time names for one turn of an unrolled loop."""
        before = dict(self.bindings)
        self.bindings.update(names)
        yield
        self.bindings = before

    def goes_over(self, node: ast.expr, callee: object) -> bool:
        """Tell whether a loop's iterated expression is a call of `callee`."""
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
            return False
        if self.free_locals(node.func):
            return False
        try:
            return self.evaluate(node.func).value is callee
        except Problem:
            return False

    def free_locals(self, node: ast.AST) -> list[str]:
        """Return the run-time variables that an expression mentions."""
        return [inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and self.is_local(inner.id)]

    def evaluate(self, node: ast.expr) -> Known:
        """Evaluate an expression as ordinary Python, now."""
        where = location_of(node)
        used = self.free_locals(node)
        if used:
            raise Problem(
                "M312",
                where,
                f"this must be known while compiling, but {used[0]} is a run-time variable",
                found=f"variable {used[0]}",
                expected="a compile-time expression",
            )
        try:
            return Known(evaluate(node, {**self.names, **self.bindings}), where)
        except NameError as error:
            raise Problem("M301", where, f"the name {error.name} is not defined", found=str(error.name)) from None
        except FOREIGN as error:
            raise failed(where, error) from None


def failed(where: Location, error: BaseException) -> Problem:
    """Return the problem of a compile-time expression that raised."""
    if isinstance(error, OverflowError) and "does not fit" in str(error):
        words = str(error).replace("constant ", "", 1).split(" does not fit in ")
        kind, _, limits = words[1].partition(" ")
        return Problem("M205", where, f"constant {words[0]} does not fit in {kind}", found=words[0], expected=limits.strip("()"))
    return Problem("M306", where, "this compile-time expression fails", found=f"{type(error).__name__}: {error}")
