# SPDX-License-Identifier: Apache-2.0
"""Calls: direct, through a function table, and to the runtime's routines."""

from __future__ import annotations

from ovm.metal.emit.context import FunctionContext
from ovm.metal.emit.guards import guard, panic
from ovm.metal.emit.spelling import symbol
from ovm.metal.tree import panics
from ovm.metal.tree.nodes import Call, TableCall
from ovm.metal.tree.types import NeverType


def call_routine(context: FunctionContext, name: str, result: str, arguments: list[str]) -> str:
    """Call a routine of the runtime."""
    return _finish(context, result, symbol(name), arguments)


def _finish(context: FunctionContext, result: str, callee: str, arguments: list[str]) -> str:
    written = f"call {result} {callee}({', '.join(arguments)})"
    if result == "void":
        context.writer.effect(written)
        return ""
    return context.writer.value(written)


def emit_call(context: FunctionContext, node: Call, arguments: list[str]) -> str:
    """Call a function; the block ends after one that never returns."""
    result = _finish(context, context.type(node.type), symbol(node.symbol), arguments)
    if isinstance(node.type, NeverType):
        _never(context)
    return result


def _never(context: FunctionContext) -> None:
    """End the block after a call that never returns; a checked build verifies that it doesn't."""
    if context.module.checked:
        panic(context, str(panics.END - (1 << 32)))
    else:
        context.writer.end("unreachable")


def emit_table_call(context: FunctionContext, node: TableCall, index: str, arguments: list[str]) -> str:
    """Call the entry `index` of a function table; an index past the end panics in every build."""
    writer = context.writer
    count = len(context.module.program.tables[node.table].functions)
    guard(context, writer.value(f"icmp ult i32 {index}, {count}"), panics.TABLE)
    entry = writer.value(f"getelementptr [{count} x ptr], ptr {symbol(node.table)}, i32 0, i32 {index}")
    callee = writer.value(f"load ptr, ptr {entry}, !invariant.load !0")
    result = _finish(context, context.type(node.type), callee, arguments)
    if isinstance(node.type, NeverType):
        _never(context)
    return result
