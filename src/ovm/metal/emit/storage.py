# SPDX-License-Identifier: Apache-2.0
"""Structs and arrays in a function's frame, copies between structs, constant text."""

from __future__ import annotations

from ovm.metal.emit.calls import call_routine
from ovm.metal.emit.context import FunctionContext
from ovm.metal.emit.memory import HOST_STACK
from ovm.metal.emit.routines import routine_for
from ovm.metal.emit.spelling import symbol
from ovm.metal.tree.nodes import Copy, LocalStorage, TextReference
from ovm.metal.tree.types import size_of


def reserve_storage(context: FunctionContext) -> None:
    """Give each struct and array of the function a place: in the frame on ARM, on the shadow stack on the host."""
    if not context.function.storage:
        return
    if not context.memory.host:
        for number, storage in enumerate(context.function.storage):
            context.storage.append(context.writer.slot(f"%storage{number}", f"[{storage.size} x i8]", max(storage.align, 4)))
        return
    offsets, total = [], 0
    for storage in context.function.storage:
        total = -(-total // max(storage.align, 8)) * max(storage.align, 8)
        offsets.append(total)
        total += storage.size
    context.host_frame = -(-total // 16) * 16
    writer = context.writer
    top = writer.value(f"load i32, ptr {HOST_STACK}")
    base = writer.value(f"sub i32 {top}, {context.host_frame}")
    writer.effect(f"store i32 {base}, ptr {HOST_STACK}")
    for offset in offsets:
        context.storage.append(writer.value(f"add i32 {base}, {offset}"))


def release_storage(context: FunctionContext) -> None:
    """Give the shadow stack back before a return."""
    if context.host_frame:
        writer = context.writer
        base = writer.value(f"load i32, ptr {HOST_STACK}")
        top = writer.value(f"add i32 {base}, {context.host_frame}")
        writer.effect(f"store i32 {top}, ptr {HOST_STACK}")


def emit_local_storage(context: FunctionContext, node: LocalStorage) -> str:
    """Zero a local struct or array and return its reference."""
    writer, size = context.writer, size_of(node.type)
    reference = context.storage[node.slot]
    routine = routine_for(node)
    if context.memory.host:
        pointer = context.memory.pointer(writer, reference)
        writer.effect(f"call void @llvm.memset.p0.i64(ptr {pointer}, i8 0, i64 {size}, i1 false)")
    elif routine is None:
        for offset in range(0, size, 4):
            writer.effect(f"store i32 0, ptr {context.memory.offset(writer, reference, offset)}")
    else:
        count = size // 4 if routine.endswith("words") else size
        call_routine(context, routine, "void", [f"ptr {reference}", f"i32 {count}"])
    return reference


def emit_copy(context: FunctionContext, node: Copy, target: str, source: str) -> None:
    """Copy a whole struct."""
    writer, size = context.writer, size_of(node.target.type)
    routine = routine_for(node)
    if context.memory.host:
        first, second = context.memory.pointer(writer, target), context.memory.pointer(writer, source)
        writer.effect(f"call void @llvm.memmove.p0.p0.i64(ptr {first}, ptr {second}, i64 {size}, i1 false)")
    elif routine is None:
        words = [writer.value(f"load i32, ptr {context.memory.offset(writer, source, offset)}") for offset in range(0, size, 4)]
        for number, word in enumerate(words):
            writer.effect(f"store i32 {word}, ptr {context.memory.offset(writer, target, number * 4)}")
    else:
        count = size // 4 if routine.endswith("words") else size
        call_routine(context, routine, "void", [f"ptr {target}", f"ptr {source}", f"i32 {count}"])


def emit_text(context: FunctionContext, node: TextReference) -> str:
    """Return the reference of constant bytes; equal texts are one."""
    if context.memory.host:
        return str(context.module.text_addresses[node.data])
    name = context.module.texts.setdefault(node.data, f".text.{len(context.module.texts)}")
    return symbol(name)
