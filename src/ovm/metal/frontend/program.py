# SPDX-License-Identifier: Apache-2.0
"""The whole program: from the roots to everything they reach."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from ovm.metal.diagnostics import Diagnostic, MetalError
from ovm.metal.emit.routines import routine_for
from ovm.metal.frontend.functions import read_function
from ovm.metal.frontend.kinds import type_of
from ovm.metal.frontend.layouts import layouts_of
from ovm.metal.frontend.registry import Registry
from ovm.metal.frontend.report import Problem, Silent, diagnose
from ovm.metal.frontend.signatures import Head, read_head
from ovm.metal.frontend.source import SourceFile, head_location, location_of, source_of
from ovm.metal.frontend.values import Known, constant, describe
from ovm.metal.lang.functions import Function as Marked
from ovm.metal.lang.storage import Var, static_of
from ovm.metal.tree.nodes import Expression, Location, StaticReference
from ovm.metal.tree.panics import SYMBOL as PANIC
from ovm.metal.tree.program import Function, Program, Static, Table
from ovm.metal.tree.types import NEVER, U32, CellType, Type, align_of, is_scalar, size_of
from ovm.metal.tree.visit import nodes_of

_TOKEN = re.compile(r"[A-Za-z_][\w.]*")


class Builder:
    """A collector of functions, statics and tables as they are reached."""

    def __init__(self, *, host: bool, checked: bool, data: Mapping[str, bytes]) -> None:
        self.program = Program()
        self.host = host
        self.checked = checked
        self.diagnostics: list[Diagnostic] = []
        self._data = data
        self._registry = Registry()
        self._heads: dict[str, Head] = {}
        self._marked: dict[str, Marked] = {}
        self._waiting: list[tuple[Marked, Head, SourceFile, Any]] = []
        self._exported: set[str] = set()

    def build(self, roots: Sequence[Marked]) -> Program:
        """Read the roots and everything that they reach."""
        for root in roots:
            self._root(root)
        self._drain()
        if not self.host and not self.diagnostics:
            self._add_routines()
            self._check_panic()
        if self.diagnostics:
            raise MetalError(sorted(self.diagnostics, key=lambda found: (found.file, found.line, found.column, found.code)))
        self._give_data()
        self.program.layouts = layouts_of(self.program)
        for name in self._exported:
            owner: Any = self.program.functions.get(name) or self.program.statics.get(name)
            if owner is not None:
                owner.exported = True
        return self.program

    def _give_data(self) -> None:
        for symbol, given in self._data.items():
            static = self.program.statics.get(symbol)
            if static is not None:
                if len(given) > static.size:
                    raise ValueError(f"{len(given)} initial bytes for {symbol}, which has {static.size}")
                static.init = given

    def _root(self, root: Marked) -> None:
        source = source_of(root.module)
        node = source.functions.get(root.name) if source else None
        where = head_location(node) if node else Location(0, 0)
        try:
            head = self.function(root, where)
        except Problem as problem:
            file, lines = (source.shown, source.lines) if source else (root.module, [])
            self.diagnostics.append(diagnose(problem, file, lines))
        except Silent:
            return
        else:
            self.program.roots.append(head.symbol)
            self._exported.add(head.symbol)

    def _drain(self) -> None:
        while self._waiting:
            marked, head, source, node = self._waiting.pop(0)
            names = vars(sys.modules[marked.module])
            function, problems = read_function(self, marked, head, source, names, node)
            self.program.functions[head.symbol] = function
            self.report(problems, source)

    def _add_routines(self) -> None:
        """Reach the runtime's routines that the program's nodes call on ARM."""
        done: set[str] = set()
        while True:
            todo = [function for name, function in self.program.functions.items() if name not in done]
            if not todo:
                return
            for function in todo:
                done.add(function.symbol)
                for node in nodes_of(function):
                    routine = routine_for(node)
                    if routine is not None and routine not in self._heads:
                        self.function(_runtime_function(routine), node.location)
            self._drain()

    def _check_panic(self) -> None:
        """Check the head of a program's own `metal_panic`, which the compiler's checks call."""
        head, marked = self._heads.get(PANIC), self._marked.get(PANIC)
        source = source_of(marked.module) if marked else None
        if head is None or marked is None or source is None:
            return
        if head.parameters != (U32,) or head.result is not NEVER:
            problem = Problem(
                "M315",
                head_location(source.functions[marked.name]),
                f"{PANIC} has another head than the compiler's calls of it",
                found=_signature(head),
                expected="(u32) -> Never",
            )
            self.report([problem], source)

    def report(self, problems: Sequence[Problem], source: SourceFile) -> None:
        """Keep problems, each once (an unrolled body meets its problems in every turn)."""
        for problem in problems:
            diagnostic = diagnose(problem, source.shown, source.lines)
            if diagnostic not in self.diagnostics:
                self.diagnostics.append(diagnostic)

    def function(self, marked: Marked, where: Location) -> Head:
        """Return the head of a function, and queue its body to be read."""
        symbol = marked.symbol
        if symbol in self._heads:
            known = self._marked[symbol]
            if known is not marked:
                raise Problem(
                    "M314",
                    where,
                    f"two functions have the symbol {symbol}",
                    found=f"{marked.module}.{marked.name}",
                    expected=f"only {known.module}.{known.name}",
                )
            return self._heads[symbol]
        source = source_of(marked.module)
        node = source.functions.get(marked.name) if source is not None else None
        if source is not None and isinstance(node, ast.AsyncFunctionDef):
            found = f"async def {node.name}"
            self.report([Problem("M107", location_of(node), "metal does not have async", found=found)], source)
            raise Silent
        if source is None or not isinstance(node, ast.FunctionDef):
            raise Problem(
                "M311",
                where,
                f"the source of {marked.name} is not a top-level function of a module file",
                found=f"{marked.module}.{marked.name}",
                expected="a function defined with `def` at the top level",
                fix="move it to the top level of a module",
            )
        head, problems = read_head(vars(sys.modules[marked.module]), node, symbol)
        self.report(problems, source)
        self._heads[symbol] = head
        self._marked[symbol] = marked
        self._waiting.append((marked, head, source, node))
        return head

    def table(self, known: Known) -> tuple[str, Head]:
        """Return the symbol of a function table and the head that its functions share."""
        symbol = self._registry.name_of(known.value)
        if symbol is None:
            raise Problem("M307", known.location, "this function table is not bound to a name", found="a nameless table")
        heads = [self.function(function, known.location) for function in known.value.functions]
        first = heads[0]
        for other in heads[1:]:
            if (other.parameters, other.result) != (first.parameters, first.result):
                raise Problem(
                    "M310",
                    known.location,
                    f"{other.name} does not fit the table {symbol.rpartition('.')[2]}",
                    found=_signature(other),
                    expected=_signature(first),
                )
        if symbol not in self.program.tables:
            self.program.tables[symbol] = Table(symbol, [head.symbol for head in heads], list(first.parameters), first.result)
        return symbol, first

    def reference(self, known: Known) -> Expression:
        """Return a compile-time object that stands for memory as an expression."""
        info = static_of(known.value)
        if info is None:
            scalar = constant(known)
            if scalar is not None:
                return scalar
            raise Problem(
                "M302",
                known.location,
                "this object has no storage in the program",
                found=describe(known),
                expected="a static",
                fix="make it with `static(...)` at the top level",
            )
        symbol = self._registry.name_of(known.value)
        if symbol is None:
            raise Problem("M307", known.location, "this static is not bound to a name of its own", found=describe(known))
        return StaticReference(self._static(symbol, known.value).type, known.location, symbol)

    def _static(self, symbol: str, value: Any) -> Static:
        found = self.program.statics.get(symbol)
        if found is None:
            info = static_of(value)
            assert info is not None
            kind: Type = type_of(info.kind)
            if isinstance(value, Var):
                assert is_scalar(kind)
                kind = CellType(f"Var[{kind}]", kind)
            found = self.program.statics[symbol] = Static(
                symbol,
                kind,
                size_of(kind),
                max(info.align, align_of(kind.target if isinstance(kind, CellType) else kind)),
                info.section,
                info.init,
                info.read_only,
            )
            module, _, name = symbol.rpartition(".")
            source = source_of(module)
            if source is not None:
                found.file, found.line = source.shown, source.assigned.get(name, 0)
        return found

    def mention(self, function: Function, text: str) -> None:
        """Reach the functions and statics that an assembly text names by their symbols."""
        if self.host:
            return
        for token in dict.fromkeys(_TOKEN.findall(text)):
            token = token.rstrip(".")
            if "." not in token and len(token) < 5:
                continue
            target = self._registry.find(token, function.module)
            if isinstance(target, Marked):
                self.function(target, function.location)
            elif static_of(target) is not None:
                self._static(token, target)
            else:
                continue
            function.mentions.add(token)
            self._exported.add(token)


def _signature(head: Head) -> str:
    return f"({', '.join(str(kind) for kind in head.parameters)}) -> {head.result}"


def _runtime_function(symbol: str) -> Marked:
    module, _, name = symbol.rpartition(".")
    function = getattr(importlib.import_module(module), name)
    assert isinstance(function, Marked)
    return function
