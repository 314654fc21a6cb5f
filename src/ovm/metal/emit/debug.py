# SPDX-License-Identifier: Apache-2.0
"""DWARF metadata: files, functions, lines and local variables.

File names are relative to the folder that holds the package, so that an image does not depend on where it was built.
The language is given as C99, which lets GDB evaluate plain expressions on the variables.
"""

from __future__ import annotations

from ovm.metal.tree.nodes import Function, Location, Variable
from ovm.metal.tree.types import (
    BitsType,
    BoolType,
    EnumType,
    IntegerType,
    PointerType,
    Type,
    is_signed,
    register_width,
)

COMPILER = "metal"


class Debug:
    """Numbers metadata nodes in the order in which they are asked for."""

    def __init__(self, enabled: bool, host: bool) -> None:
        self.enabled = enabled
        self._host = host
        self._nodes: list[str] = ["!{}"]
        self._cache: dict[str, int] = {}
        self._unit = -1

    def _node(self, text: str, distinct: bool = False) -> int:
        if not distinct and text in self._cache:
            return self._cache[text]
        self._nodes.append(("distinct " if distinct else "") + text)
        number = len(self._nodes) - 1
        if not distinct:
            self._cache[text] = number
        return number

    def _file(self, name: str) -> int:
        return self._node(f'!DIFile(filename: "{name}", directory: ".")')

    def _compile_unit(self, file: str) -> int:
        if self._unit < 0:
            self._unit = self._node(
                f'!DICompileUnit(language: DW_LANG_C99, file: !{self._file(file)}, producer: "{COMPILER}", '
                "isOptimized: true, runtimeVersion: 0, emissionKind: FullDebug)",
                distinct=True,
            )
        return self._unit

    def function(self, function: Function) -> int:
        """Describe a function; return its scope for locations, or -1 without debug information."""
        if not self.enabled:
            return -1
        unit = self._compile_unit(function.file)
        signature = self._node(f"!DISubroutineType(types: !{self._node('!{null}')})")
        file = self._file(function.file)
        return self._node(
            f'!DISubprogram(name: "{function.name}", linkageName: "{function.symbol}", scope: !{file}, '
            f"file: !{file}, line: {function.location.line}, type: !{signature}, "
            f"scopeLine: {function.location.line}, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !{unit})",
            distinct=True,
        )

    def at(self, scope: int, location: Location) -> str:
        """Return the suffix that ties an instruction to its source."""
        if scope < 0:
            return ""
        number = self._node(f"!DILocation(line: {location.line}, column: {location.column + 1}, scope: !{scope})")
        return f", !dbg !{number}"

    def variable(self, scope: int, file: str, variable: Variable, slot: str) -> str | None:
        """Return the record that ties a frame slot to a local variable."""
        if scope < 0 or variable.hidden:
            return None
        kind = self._type(variable.type)
        argument = f"arg: {variable.parameter + 1}, " if variable.parameter >= 0 else ""
        described = self._node(
            f'!DILocalVariable(name: "{variable.name}", {argument}scope: !{scope}, file: !{self._file(file)}, '
            f"line: {variable.location.line}, type: !{kind})"
        )
        where = self._node(f"!DILocation(line: {variable.location.line}, column: 1, scope: !{scope})")
        return f"#dbg_declare(ptr {slot}, !{described}, !DIExpression(), !{where})"

    def _type(self, kind: Type) -> int:
        if isinstance(kind, IntegerType | BoolType | EnumType | BitsType):
            bits = max(register_width(kind), 8)
            encoding = "boolean" if isinstance(kind, BoolType) else "signed" if is_signed(kind) else "unsigned"
            return self._node(f'!DIBasicType(name: "{kind}", size: {bits}, encoding: DW_ATE_{encoding})')
        if isinstance(kind, PointerType) and not self._host and isinstance(kind.target, IntegerType):
            target = self._type(kind.target)
            return self._node(f"!DIDerivedType(tag: DW_TAG_pointer_type, baseType: !{target}, size: 32)")
        return self._node(f'!DIBasicType(name: "{kind}", size: 32, encoding: DW_ATE_unsigned)')

    def lines(self) -> list[str]:
        """Return the metadata of the whole module."""
        written = []
        if self.enabled and self._unit >= 0:
            flags = [
                self._node('!{i32 2, !"Debug Info Version", i32 3}'),
                self._node('!{i32 7, !"Dwarf Version", i32 4}'),
            ]
            written.append(f"!llvm.dbg.cu = !{{!{self._unit}}}")
            written.append(f"!llvm.module.flags = !{{!{flags[0]}, !{flags[1]}}}")
        written.extend(f"!{number} = {text}" for number, text in enumerate(self._nodes))
        return written
