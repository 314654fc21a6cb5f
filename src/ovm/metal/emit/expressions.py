# SPDX-License-Identifier: Apache-2.0
"""The conversion of expressions to instructions; each function returns the name (or text) of the value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ovm.metal.emit import arithmetic, machine
from ovm.metal.emit.calls import call_routine, emit_call, emit_table_call
from ovm.metal.emit.context import FunctionContext
from ovm.metal.emit.guards import guard
from ovm.metal.emit.routines import routine_for
from ovm.metal.emit.spelling import symbol
from ovm.metal.emit.storage import emit_local_storage, emit_text
from ovm.metal.tree import nodes, panics
from ovm.metal.tree.types import (
    U32,
    BoolType,
    PointerType,
    StructType,
    Type,
    VoidType,
    is_reference,
    is_signed,
    register_width,
    wrap,
)


def emit(context: FunctionContext, node: nodes.Expression) -> str:
    """Write the instructions that compute `node`."""
    before = context.writer.debug
    context.at(node.location)
    result = _EMITTERS[type(node)](context, node)
    context.writer.debug = before
    return result


def _held(context: FunctionContext, kind: Type) -> bool:
    """Tell whether a value of `kind` is a machine pointer in registers."""
    return not context.memory.host and (isinstance(kind, PointerType) or is_reference(kind))


def _constant(context: FunctionContext, node: nodes.Constant) -> str:
    if isinstance(node.type, BoolType):
        return "true" if node.value else "false"
    if _held(context, node.type):
        return f"inttoptr (i32 {node.value} to ptr)" if node.value else "null"
    return str(wrap(node.type, node.value))


def _read(context: FunctionContext, node: nodes.Read) -> str:
    slot = context.slots[node.variable]
    return context.writer.value(f"load {context.type(node.type)}, ptr {slot}")


def _static(context: FunctionContext, node: nodes.StaticReference) -> str:
    return context.memory.static(node.symbol)


def _function_address(context: FunctionContext, node: nodes.FunctionAddress) -> str:
    if context.memory.host:
        return "0"
    return context.memory.to_number(context.writer, symbol(node.symbol))


def as_i32(context: FunctionContext, node: nodes.Expression) -> str:
    """Compute an integer and bring it to 32 bits by its own sign."""
    value = emit(context, node)
    return arithmetic.resize(context.writer, value, register_width(node.type), 32, is_signed(node.type))


def emit_place(context: FunctionContext, node: nodes.Expression) -> str:
    """Compute the reference of a place: base, then index, then the checks, as Python does."""
    if not isinstance(node, nodes.Place):
        return emit(context, node)
    writer, memory = context.writer, context.memory
    reference = emit(context, node.base)
    index = None if node.index is None or isinstance(node.index, nodes.Constant) else emit(context, node.index)
    if node.null_check and context.module.checked:
        kind = context.type(node.base.type)
        guard(context, writer.value(f"icmp ne {kind} {reference}, {memory.null}"), panics.NULL)
    if isinstance(node.index, nodes.Constant):
        reference = memory.offset(writer, reference, node.index.value * node.stride)
    elif node.index is not None and index is not None:
        reference = memory.scaled(writer, reference, _checked_index(context, node, node.index, index), node.stride)
    if isinstance(node.base.type, StructType):
        return memory.member(writer, reference, node.offset)
    return memory.offset(writer, reference, node.offset)


def _checked_index(context: FunctionContext, node: nodes.Place, index: nodes.Expression, value: str) -> str:
    """Check an index against the array's length in a checked build; return it in 32 bits."""
    width = register_width(index.type)
    if node.length is not None and context.module.checked and node.length < 1 << width:
        guard(context, context.writer.value(f"icmp ult i{width} {value}, {node.length}"), panics.INDEX)
    return arithmetic.resize(context.writer, value, width, 32, is_signed(index.type))


def _load(context: FunctionContext, node: nodes.Load) -> str:
    writer = context.writer
    pointer = context.memory.pointer(writer, emit_place(context, node.place))
    volatile = "volatile " if node.volatile else ""
    value = writer.value(f"load {volatile}{context.module.spelling.memory(node.type)}, ptr {pointer}")
    if isinstance(node.type, BoolType):
        return writer.value(f"icmp ne i8 {value}, 0")
    return value


def _unary(context: FunctionContext, node: nodes.Unary) -> str:
    value = emit(context, node.operand)
    kind = context.type(node.type)
    if node.operation == "negate":
        return context.writer.value(f"sub {kind} 0, {value}")
    mask = "true" if node.operation == "not" else "-1"
    return context.writer.value(f"xor {kind} {value}, {mask}")


def _shift(context: FunctionContext, node: nodes.Binary) -> str:
    left, width, signed = node.operation == "left", register_width(node.type), is_signed(node.type)
    value = emit(context, node.left)
    if isinstance(node.right, nodes.Constant):
        return arithmetic.shift_constant(context.writer, left, value, node.right.value, width, signed)
    count = emit(context, node.right)
    return arithmetic.shift(context.writer, left, value, count, width, register_width(node.right.type), signed)


def _divide(context: FunctionContext, node: nodes.Binary) -> str:
    modulo, width, signed = node.operation == "modulo", register_width(node.type), is_signed(node.type)
    value = emit(context, node.left)
    if isinstance(node.right, nodes.Constant) and (context.memory.host or routine_for(node) is None):
        return arithmetic.divide_constant(context.writer, modulo, value, node.right.value, width, signed)
    divisor = emit(context, node.right)
    if context.memory.host:
        return arithmetic.divide_host(context.writer, modulo, value, divisor, width, signed)
    wide = max(width, 32)
    left = arithmetic.resize(context.writer, value, width, wide, signed)
    right = arithmetic.resize(context.writer, divisor, width, wide, signed)
    routine = routine_for(node)
    assert routine is not None
    result = call_routine(context, routine, f"i{wide}", [f"i{wide} {left}", f"i{wide} {right}"])
    return arithmetic.resize(context.writer, result, wide, width, signed)


def _binary(context: FunctionContext, node: nodes.Binary) -> str:
    if node.operation in ("left", "right"):
        return _shift(context, node)
    if node.operation in ("divide", "modulo"):
        return _divide(context, node)
    left = emit(context, node.left)
    right = emit(context, node.right)
    return context.writer.value(f"{arithmetic.PLAIN[node.operation]} {context.type(node.type)} {left}, {right}")


def _compare(context: FunctionContext, node: nodes.Compare) -> str:
    left = emit(context, node.left)
    right = emit(context, node.right)
    name = arithmetic.predicate(node.operation, is_signed(node.left.type))
    return context.writer.value(f"icmp {name} {context.type(node.left.type)} {left}, {right}")


def _logical(context: FunctionContext, node: nodes.Logical) -> str:
    writer = context.writer
    more, done = writer.label("more"), writer.label("done")
    left = emit(context, node.left)
    first = writer.block
    if node.operation == "and":
        writer.branch(left, more, done)
    else:
        writer.branch(left, done, more)
    writer.place(more)
    right = emit(context, node.right)
    second = writer.block
    writer.place(done)
    decided = "false" if node.operation == "and" else "true"
    return writer.value(f"phi i1 [ {decided}, %{first} ], [ {right}, %{second} ]")


def _conditional(context: FunctionContext, node: nodes.Conditional) -> str:
    writer = context.writer
    then, otherwise, done = writer.label("then"), writer.label("else"), writer.label("done")
    writer.branch(emit(context, node.condition), then, otherwise)
    writer.place(then)
    first = emit(context, node.first)
    first_block = writer.block
    writer.jump(done)
    writer.place(otherwise)
    second = emit(context, node.second)
    second_block = writer.block
    writer.place(done)
    kind = context.type(node.type)
    return writer.value(f"phi {kind} [ {first}, %{first_block} ], [ {second}, %{second_block} ]")


def _convert(context: FunctionContext, node: nodes.Convert) -> str:
    value = emit(context, node.operand)
    source, target = node.operand.type, node.type
    if _held(context, source):
        if _held(context, target):
            return value
        value, source = context.memory.to_number(context.writer, value), U32
    if isinstance(target, BoolType):
        return context.writer.value(f"icmp ne {context.type(source)} {value}, 0")
    if _held(context, target):
        value = arithmetic.resize(context.writer, value, register_width(source), 32, is_signed(source))
        return context.memory.from_number(context.writer, value)
    return arithmetic.resize(context.writer, value, register_width(source), register_width(target), is_signed(source))


def _arguments(context: FunctionContext, node: nodes.Call | nodes.TableCall) -> list[str]:
    values = {place: emit(context, node.arguments[place]) for place in node.order}
    return [f"{context.type(argument.type)} {values[place]}" for place, argument in enumerate(node.arguments)]


def _call(context: FunctionContext, node: nodes.Call) -> str:
    return emit_call(context, node, _arguments(context, node))


def _table_call(context: FunctionContext, node: nodes.TableCall) -> str:
    index = as_i32(context, node.index)
    return emit_table_call(context, node, index, _arguments(context, node))


def _intrinsic(context: FunctionContext, node: nodes.Intrinsic) -> str:
    arguments = [emit(context, argument) for argument in node.arguments]
    width = register_width(node.type)
    if node.name == "rotate_right":
        count = node.arguments[1]
        arguments[1] = arithmetic.resize(context.writer, arguments[1], register_width(count.type), width, False)
    return arithmetic.INTRINSICS[node.name](context.writer, arguments, width, is_signed(node.type))


def _assembly(context: FunctionContext, node: nodes.Assembly) -> str:
    values = [as_i32(context, _numeric(operand)) for operand in node.inputs]
    result = machine.assembly(context, node, values)
    if isinstance(node.type, VoidType):
        return ""
    return _from_i32(context, result, node.type)


def _numeric(node: nodes.Expression) -> nodes.Expression:
    if isinstance(node.type, PointerType) or is_reference(node.type):
        return nodes.Convert(U32, node.location, node)
    return node


def _from_i32(context: FunctionContext, value: str, kind: Type) -> str:
    if _held(context, kind):
        return context.memory.from_number(context.writer, value)
    if isinstance(kind, BoolType):
        return context.writer.value(f"icmp ne i32 {value}, 0")
    return arithmetic.resize(context.writer, value, 32, register_width(kind), False)


def _system_register(context: FunctionContext, node: nodes.SystemRegister) -> str:
    operand = None if node.operand is None else emit(context, node.operand)
    return machine.system_register(context, node, operand)


def _barrier(context: FunctionContext, node: nodes.Barrier) -> str:
    machine.barrier(context, node)
    return ""


def _code_call(context: FunctionContext, node: nodes.CodeCall) -> str:
    """Call code in the program's own memory: it gets the address at which that memory begins, and the argument."""
    writer = context.writer
    code = context.memory.pointer(writer, emit(context, node.code))
    argument = emit(context, node.argument)
    return writer.value(f"call i32 {code}(ptr {context.memory.pointer(writer, '0')}, i32 {argument})")


_EMITTERS: dict[type, Callable[[FunctionContext, Any], str]] = {
    nodes.Constant: _constant,
    nodes.Read: _read,
    nodes.StaticReference: _static,
    nodes.FunctionAddress: _function_address,
    nodes.TextReference: emit_text,
    nodes.LocalStorage: emit_local_storage,
    nodes.Place: emit_place,
    nodes.Load: _load,
    nodes.Unary: _unary,
    nodes.Binary: _binary,
    nodes.Compare: _compare,
    nodes.Logical: _logical,
    nodes.Conditional: _conditional,
    nodes.Convert: _convert,
    nodes.Call: _call,
    nodes.TableCall: _table_call,
    nodes.Intrinsic: _intrinsic,
    nodes.Assembly: _assembly,
    nodes.SystemRegister: _system_register,
    nodes.Barrier: _barrier,
    nodes.CodeCall: _code_call,
}
