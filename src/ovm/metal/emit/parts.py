# SPDX-License-Identifier: Apache-2.0
"""A program cut into parts that are compiled apart, so that a change of one function costs the compilation of few.

`Options.parts` gives the part of each module by the longest prefix of its name. A function belongs to the part of its
module, and so does a static, or to a part that is given for its own name. A part also holds a copy of every function of
other parts that must be inlined into its own (`available_externally`: never emitted as code), so that its text is all that
its machine code depends on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ovm.metal.emit.routines import routine_for
from ovm.metal.tree import nodes
from ovm.metal.tree.program import Function, Program
from ovm.metal.tree.visit import nodes_of

# Linkage, as IR writes it before the type.
VISIBLE, SHARED, LOCAL, COPIED = "", "hidden ", "internal ", "available_externally hidden "


@dataclass
class Part:
    """The contents of one part: its own functions, copies of those to be inlined, and what these mention."""

    name: str
    functions: list[Function] = field(default_factory=list)
    copies: list[Function] = field(default_factory=list)
    mentioned: set[str] = field(default_factory=set)


class Parts:
    """The parts of a program, in the order of their names, and who owns what."""

    def __init__(self, program: Program, prefixes: Mapping[str, str], host: bool) -> None:
        self._program = program
        self._prefixes = prefixes
        self._mentions = {name: _mentions(function, host) for name, function in program.functions.items()}
        names = sorted({self._of(each) for each in (*program.functions, *program.statics, *program.tables)} or {""})
        self.all = [self._part(name) for name in names]
        self._without_code = {part.name for part in self.all if not part.functions}
        self._users: dict[str, set[str]] = {}
        for part in self.all:
            for name in part.mentioned:
                self._users.setdefault(name, set()).add(part.name)
        for table in program.tables.values():
            for name in table.functions:
                self._users.setdefault(name, set()).add(self._of(table.symbol))

    def is_data(self, symbol: str) -> bool:
        """Tell whether a static's part holds no function: then no other part depends on what the static holds."""
        return self._of(symbol) in self._without_code

    def owns(self, part: Part, symbol: str) -> bool:
        """Tell whether a function, static or table is defined in a part."""
        return self._of(symbol) == part.name

    def linkage(self, part: Part, function: Function) -> str:
        """Return the linkage of a function as `part` writes it."""
        owner = self._of(function.symbol)
        if owner != part.name:
            return COPIED
        if function.exported:
            return VISIBLE
        return LOCAL if self._users.get(function.symbol, set()) <= {owner} else SHARED

    def table_linkage(self, part: Part, symbol: str) -> str:
        """Return the linkage of a function table as `part` writes it."""
        owner = self._of(symbol)
        if owner != part.name:
            return COPIED
        return LOCAL if self._users.get(symbol, set()) <= {owner} else SHARED

    def _of(self, symbol: str) -> str:
        """Return the part of a symbol: that of its module, by the longest prefix that is named."""
        function = self._program.functions.get(symbol)
        name = f"{function.module}.{function.name}" if function else symbol
        while name and name not in self._prefixes:
            name = name.rpartition(".")[0]
        return self._prefixes.get(name, "")

    def _part(self, name: str) -> Part:
        part = Part(name)
        functions = self._program.functions
        part.functions = [each for each in functions.values() if self._of(each.symbol) == name]
        waiting, copied = list(part.functions), set()
        while waiting:
            for mentioned in self._mentions[waiting.pop().symbol]:
                part.mentioned.add(mentioned)
                function = functions.get(mentioned)
                if function and function.inline and self._of(mentioned) != name and mentioned not in copied:
                    copied.add(mentioned)
                    waiting.append(function)
        part.copies = [each for each in functions.values() if each.symbol in copied]
        return part


def _mentions(function: Function, host: bool) -> set[str]:
    """Return the functions, tables and statics that a function names."""
    found = set(function.mentions)
    for node in nodes_of(function):
        if isinstance(node, nodes.Call | nodes.FunctionAddress | nodes.StaticReference):
            found.add(node.symbol)
        elif isinstance(node, nodes.TableCall):
            found.add(node.table)
        elif not host:
            routine = routine_for(node)
            if routine is not None:
                found.add(routine)
    return found
