# SPDX-License-Identifier: Apache-2.0
"""DWARF metadata: files, functions, lines, local variables and statics.

File names are relative to the folder that holds the package, so that an image does not depend on the folder in which it was
built.
The language is given as C99, which lets GDB evaluate plain expressions on the variables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ovm.metal.emit.debug_types import DebugTypes
from ovm.metal.emit.metadata import Metadata
from ovm.metal.tree.nodes import Location, Variable
from ovm.metal.tree.program import Function, Member, Static
from ovm.metal.tree.types import NeverType, StructType, VoidType

COMPILER = "metal"
# What debug information says for a line of a file.
Numbers = Callable[[str, int], int]


class Debug:
    """The descriptions of a module's functions and data, made while they are written."""

    def __init__(
        self, enabled: bool, host: bool, layouts: Mapping[StructType, tuple[Member, ...]], numbers: Numbers | None = None
    ) -> None:
        self.enabled = enabled
        self._numbers = numbers
        # The file of each scope.
        self._scopes: dict[int, str] = {}
        self._metadata = Metadata()
        self._types = DebugTypes(self._metadata, layouts, host)
        self._unit = self._metadata.reserve() if enabled else -1
        self._main_file = -1
        self._globals: list[int] = []

    def _line(self, file: str, line: int) -> int:
        return self._numbers(file, line) if self._numbers and line else line

    def _file(self, name: str) -> int:
        number = self._metadata.add(f'!DIFile(filename: "{name}", directory: ".")')
        if self._main_file < 0:
            self._main_file = number
        return number

    def function(self, function: Function) -> int:
        """Describe a function; return its scope for locations, or -1 without debug information."""
        if not self.enabled:
            return -1
        file = self._file(function.file)
        kinds = [function.result, *(variable.type for variable in function.parameters)]
        parts = ["null" if isinstance(kind, VoidType | NeverType) else f"!{self._types.value(kind)}" for kind in kinds]
        types = self._metadata.add(f"!{{{', '.join(parts)}}}")
        signature = self._metadata.add(f"!DISubroutineType(types: !{types})")
        number = self._metadata.reserve()
        self._scopes[number] = function.file
        line = self._line(function.file, function.location.line)
        self._metadata.fill(
            number,
            f'distinct !DISubprogram(name: "{function.name}", scope: !{file}, '
            f"file: !{file}, line: {line}, type: !{signature}, "
            f"scopeLine: {line}, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !{self._unit})",
        )
        return number

    def at(self, scope: int, location: Location) -> str:
        """Return the suffix that ties an instruction to its source."""
        if scope < 0:
            return ""
        line = self._line(self._scopes[scope], location.line)
        number = self._metadata.add(f"!DILocation(line: {line}, column: {location.column + 1}, scope: !{scope})")
        return f", !dbg !{number}"

    def variable(self, scope: int, file: str, variable: Variable, slot: str) -> str | None:
        """Return the record that ties a frame slot to a local variable."""
        if scope < 0 or variable.hidden:
            return None
        kind = self._types.value(variable.type)
        line = self._line(file, variable.location.line)
        argument = f"arg: {variable.parameter + 1}, " if variable.parameter >= 0 else ""
        described = self._metadata.add(
            f'!DILocalVariable(name: "{variable.name}", {argument}scope: !{scope}, file: !{self._file(file)}, '
            f"line: {line}, type: !{kind})"
        )
        where = self._metadata.add(f"!DILocation(line: {line}, column: 1, scope: !{scope})")
        return f"#dbg_declare(ptr {slot}, !{described}, !DIExpression(), !{where})"

    def static(self, static: Static) -> str:
        """Return the suffix that ties a global to its description."""
        if not self.enabled or not static.file:
            return ""
        file = self._file(static.file)
        number = self._metadata.reserve()
        line = self._line(static.file, static.line)
        self._metadata.fill(
            number,
            f'distinct !DIGlobalVariable(name: "{static.symbol.rpartition(".")[2]}", '
            f"scope: !{self._unit}, file: !{file}, line: {line}, type: !{self._types.place(static.type)}, "
            "isLocal: false, isDefinition: true)",
        )
        expression = self._metadata.add(f"!DIGlobalVariableExpression(var: !{number}, expr: !DIExpression())")
        self._globals.append(expression)
        return f", !dbg !{expression}"

    def lines(self) -> list[str]:
        """Return the metadata of the whole module."""
        written = []
        if self.enabled and self._main_file >= 0:
            held = self._metadata.add(f"!{{{', '.join(f'!{number}' for number in self._globals)}}}")
            self._metadata.fill(
                self._unit,
                f'distinct !DICompileUnit(language: DW_LANG_C99, file: !{self._main_file}, producer: "{COMPILER}", '
                f"isOptimized: true, runtimeVersion: 0, emissionKind: FullDebug, globals: !{held})",
            )
            flags = ('!{i32 2, !"Debug Info Version", i32 3}', '!{i32 7, !"Dwarf Version", i32 4}')
            numbers = ", ".join(f"!{self._metadata.add(flag)}" for flag in flags)
            written = [f"!llvm.dbg.cu = !{{!{self._unit}}}", f"!llvm.module.flags = !{{{numbers}}}"]
        return [*written, *self._metadata.lines()]
