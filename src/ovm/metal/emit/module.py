# SPDX-License-Identifier: Apache-2.0
"""A whole program to the text of LLVM modules, one for each of its parts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ovm.metal.emit.context import ModuleContext
from ovm.metal.emit.debug import Debug, Numbers
from ovm.metal.emit.functions import emit_declaration, emit_function
from ovm.metal.emit.memory import HOST_BASE, HOST_STACK, ArmMemory, HostMemory
from ovm.metal.emit.parts import SHARED, VISIBLE, Part, Parts
from ovm.metal.emit.spelling import Spelling, byte_string, symbol
from ovm.metal.emit.statics import HostPlacement, place_on_host, text_constants
from ovm.metal.tree.nodes import Location
from ovm.metal.tree.panics import SYMBOL as PANIC
from ovm.metal.tree.program import Program, Static

# AAPCS data layout of little-endian ARM: 32-bit pointers, 64-bit integers aligned to 64.
ARM_LAYOUT = "e-m:e-p:32:32-Fi8-i64:64-v128:64:128-a:0:32-n32-S64"
ARM_TRIPLE = "armv7a-unknown-unknown-eabi"
_NAME = re.compile(r'@"([^"]+)"')
_INTRINSIC = re.compile(r"call (\w+) @(llvm\.[\w.]+)\(([^)]*)\)")
HOST_CALLS = {
    "metal_cp15_read": "i32 @metal_cp15_read(i32)",
    "metal_cp15_write": "void @metal_cp15_write(i32, i32)",
    "metal_barrier": "void @metal_barrier(i32)",
    "metal_asm": "i32 @metal_asm(i32, i32, i32, i32, i32)",
}


@dataclass(frozen=True)
class Module:
    """IR text of each part with what the loader needs beside it."""

    texts: Mapping[str, str]
    templates: tuple[str, ...]
    placements: Mapping[str, HostPlacement]
    # Marked loops by name: file, place, bound.
    loops: Mapping[str, tuple[str, Location, int]]


def emit_program(
    program: Program,
    prefixes: Mapping[str, str],
    *,
    host: bool,
    checked: bool,
    debug: bool,
    numbers: Numbers | None = None,
    marked: bool = False,
) -> Module:
    """Write `program` as one module for each part (`emit.parts`); `numbers` gives what to write for lines of a file."""
    placements = place_on_host(program) if host else {}
    constants = text_constants(program) if host else {}
    templates: list[str] = []
    parts = Parts(program, prefixes, host)
    texts = {}
    loops: dict[str, tuple[str, Location, int]] = {}
    for part in parts.all:
        context = _context(program, placements, templates, Debug(debug, host, program.layouts, numbers), host, checked)
        context.text_addresses = {data: placements[name].address for name, data in constants.items()}
        context.marked, context.loops = marked, loops
        texts[part.name] = _PartText(context, parts, part).text()
    return Module(texts, tuple(templates), placements, loops)


def _context(
    program: Program,
    placements: Mapping[str, HostPlacement],
    templates: list[str],
    debug: Debug,
    host: bool,
    checked: bool,
) -> ModuleContext:
    addresses = {name: placement.address for name, placement in placements.items()}
    return ModuleContext(
        program=program,
        memory=HostMemory(addresses) if host else ArmMemory(),
        spelling=Spelling(host),
        debug=debug,
        checked=checked,
        panic=PANIC,
        templates=templates,
    )


class _PartText:
    """Writes one part."""

    def __init__(self, context: ModuleContext, parts: Parts, part: Part) -> None:
        self.context = context
        self.program = context.program
        self.host = context.memory.host
        self.parts = parts
        self.part = part

    def text(self) -> str:
        """Return the part's IR."""
        functions = "\n\n".join(self._functions())
        tables = self._tables()
        parts = [
            *(_host_head(functions) if self.host else self._arm_head()),
            "",
            *tables,
            *self._declarations("\n".join([*tables, functions])),
            *self._panic(),
            *_intrinsics(functions),
            "",
            functions,
            "",
            *self.context.debug.lines(),
        ]
        return "\n".join(parts) + "\n"

    def _functions(self) -> list[str]:
        # Naked functions are ARM assembly: on the host the simulated processor stands in for them.
        outside = ("extern", "naked") if self.host else ("extern",)
        present = {each.symbol for each in (*self.part.functions, *self.part.copies)}
        return [
            emit_declaration(self.context, function)
            if function.kind in outside
            else emit_function(self.context, function, self.parts.linkage(self.part, function))
            for function in self.program.functions.values()
            if function.symbol in present and not (self.host and function.symbol == PANIC)
        ]

    def _declarations(self, body: str) -> list[str]:
        """Declare functions of other parts that this one names."""
        present = {each.symbol for each in (*self.part.functions, *self.part.copies)}
        named = set(_NAME.findall(body)) - present - {PANIC}
        return [
            emit_declaration(self.context, function, SHARED if not function.exported else VISIBLE)
            for function in self.program.functions.values()
            if function.symbol in named
        ]

    def _panic(self) -> list[str]:
        if not self.host and PANIC in self.program.functions and self.parts.owns(self.part, PANIC):
            return []
        return [f"declare void {symbol(PANIC)}(i32) noreturn nounwind cold"]

    def _arm_head(self) -> list[str]:
        lines = [f'target datalayout = "{ARM_LAYOUT}"', f'target triple = "{ARM_TRIPLE}"', ""]
        for static in self.program.statics.values():
            if self.parts.owns(self.part, static.symbol):
                lines.append(_static(self.context, static))
            elif static.symbol in self.part.mentioned:
                lines.append(_foreign_static(static, self.parts.is_data(static.symbol)))
        lines += [
            f"{symbol(name)} = private unnamed_addr constant [{len(data)} x i8] {byte_string(data)}, align 1"
            for data, name in self.context.texts.items()
        ]
        return lines

    def _tables(self) -> list[str]:
        return [
            f"{symbol(table.symbol)} = {self.parts.table_linkage(self.part, table.symbol)}constant "
            f"[{len(table.functions)} x ptr] [{', '.join(f'ptr {symbol(name)}' for name in table.functions)}]"
            for table in self.program.tables.values()
            if self.parts.owns(self.part, table.symbol) or table.symbol in self.part.mentioned
        ]


def _static(context: ModuleContext, static: Static) -> str:
    # Never internal: the optimiser would split, merge or drop what tools outside the program read by its name.
    kind = "constant" if _is_constant(static) else "global"
    section = f', section "{static.section}"' if static.section else ""
    placed = f"{section}, align {static.align}{context.debug.static(static)}"
    return f"{symbol(static.symbol)} = {kind} {_content(static)}{placed}"


def _foreign_static(static: Static, is_data: bool) -> str:
    """Return a static of another part; the optimiser may know what read-only memory holds, except for a part of data alone."""
    kind = "constant" if _is_constant(static) else "global"
    if kind == "constant" and not is_data:
        return f"{symbol(static.symbol)} = available_externally constant {_content(static)}, align {static.align}"
    return f"{symbol(static.symbol)} = external {kind} [{static.size} x i8], align {static.align}"


def _is_constant(static: Static) -> bool:
    # What lies in read-only memory is known while compiling: the optimiser may use the values.
    return static.read_only or (static.section or "").startswith(".rodata")


def _content(static: Static) -> str:
    value = "zeroinitializer"
    if static.init is not None and any(static.init):
        value = byte_string(static.init.ljust(static.size, b"\0"))
    return f"[{static.size} x i8] {value}"


def _host_head(body: str) -> list[str]:
    lines = [f"{HOST_BASE} = external global ptr", f"{HOST_STACK} = external global i32"]
    lines += [f"declare {declared} nounwind" for name, declared in HOST_CALLS.items() if f"@{name}(" in body]
    return lines


def _intrinsics(body: str) -> list[str]:
    declared = {}
    for result, name, arguments in _INTRINSIC.findall(body):
        kinds = ", ".join(argument.split()[0] for argument in arguments.split(", "))
        declared[name] = f"declare {result} @{name}({kinds})"
    return [declared[name] for name in sorted(declared)]
