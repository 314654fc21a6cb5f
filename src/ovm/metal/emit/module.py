# SPDX-License-Identifier: Apache-2.0
"""The conversion of a whole program to the text of one LLVM module."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ovm.metal.emit.context import ModuleContext
from ovm.metal.emit.debug import Debug
from ovm.metal.emit.functions import emit_declaration, emit_function
from ovm.metal.emit.memory import HOST_BASE, HOST_STACK, ArmMemory, HostMemory
from ovm.metal.emit.spelling import Spelling, byte_string, symbol
from ovm.metal.emit.statics import HostPlacement, place_on_host, text_constants
from ovm.metal.tree.nodes import Program, Static
from ovm.metal.tree.panics import SYMBOL as PANIC

# AAPCS data layout of little-endian ARM: 32-bit pointers, 64-bit integers aligned to 64.
ARM_LAYOUT = "e-m:e-p:32:32-Fi8-i64:64-v128:64:128-a:0:32-n32-S64"
ARM_TRIPLE = "armv7a-unknown-unknown-eabi"
_INTRINSIC = re.compile(r"call (\w+) @(llvm\.[\w.]+)\(([^)]*)\)")
HOST_CALLS = {
    "metal_cp15_read": "i32 @metal_cp15_read(i32)",
    "metal_cp15_write": "void @metal_cp15_write(i32, i32)",
    "metal_barrier": "void @metal_barrier(i32)",
    "metal_asm": "i32 @metal_asm(i32, i32, i32, i32, i32)",
}


@dataclass(frozen=True)
class Module:
    """IR text with the data that the loader needs besides it."""

    text: str
    templates: tuple[str, ...]
    placements: Mapping[str, HostPlacement]


def emit_module(program: Program, *, host: bool, checked: bool, debug: bool) -> Module:
    """Write `program` as one module."""
    placements = place_on_host(program) if host else {}
    addresses = {name: placement.address for name, placement in placements.items()}
    context = ModuleContext(
        program=program,
        memory=HostMemory(addresses) if host else ArmMemory(),
        spelling=Spelling(host),
        debug=Debug(debug, host, program.layouts),
        checked=checked,
        panic=PANIC,
    )
    if host:
        context.text_addresses = {data: addresses[name] for name, data in text_constants(program).items()}
    # Naked functions are ARM assembly: on the host the simulated processor stands in for them.
    outside = ("extern", "naked") if host else ("extern",)
    functions = [
        emit_declaration(context, function) if function.kind in outside else emit_function(context, function)
        for function in program.functions.values()
        if not (host and function.symbol == PANIC)
    ]
    body = "\n\n".join(functions)
    head = _host_head(body) if host else _arm_head(context)
    parts = [
        *head,
        "",
        *_tables(program),
        *_panic(program, host),
        *_intrinsics(body),
        "",
        body,
        "",
        *context.debug.lines(),
    ]
    return Module("\n".join(parts) + "\n", tuple(context.templates), placements)


def _arm_head(context: ModuleContext) -> list[str]:
    lines = [f'target datalayout = "{ARM_LAYOUT}"', f'target triple = "{ARM_TRIPLE}"', ""]
    lines += [_static(context, static) for static in context.program.statics.values()]
    lines += [
        f"{symbol(name)} = private unnamed_addr constant [{len(data)} x i8] {byte_string(data)}, align 1"
        for data, name in context.texts.items()
    ]
    return lines


def _static(context: ModuleContext, static: Static) -> str:
    # Never internal: the optimiser would split, merge or drop data that tools outside the program read by its name. The content
    # of read-only memory is known at compile time: the optimiser may use the values.
    kind = "constant" if static.read_only or (static.section or "").startswith(".rodata") else "global"
    value = "zeroinitializer"
    if static.init is not None and any(static.init):
        value = byte_string(static.init.ljust(static.size, b"\0"))
    section = f', section "{static.section}"' if static.section else ""
    placed = f"{section}, align {static.align}{context.debug.static(static)}"
    return f"{symbol(static.symbol)} = {kind} [{static.size} x i8] {value}{placed}"


def _host_head(body: str) -> list[str]:
    lines = [f"{HOST_BASE} = external global ptr", f"{HOST_STACK} = external global i32"]
    lines += [f"declare {declared} nounwind" for name, declared in HOST_CALLS.items() if f"@{name}(" in body]
    return lines


def _tables(program: Program) -> list[str]:
    return [
        f"{symbol(table.symbol)} = internal constant [{len(table.functions)} x ptr] "
        f"[{', '.join(f'ptr {symbol(name)}' for name in table.functions)}]"
        for table in program.tables.values()
    ]


def _panic(program: Program, host: bool) -> list[str]:
    if not host and PANIC in program.functions:
        return []
    return [f"declare void {symbol(PANIC)}(i32) noreturn nounwind cold"]


def _intrinsics(body: str) -> list[str]:
    declared = {}
    for result, name, arguments in _INTRINSIC.findall(body):
        kinds = ", ".join(argument.split()[0] for argument in arguments.split(", "))
        declared[name] = f"declare {result} @{name}({kinds})"
    return [declared[name] for name in sorted(declared)]
