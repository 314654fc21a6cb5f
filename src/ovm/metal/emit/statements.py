# SPDX-License-Identifier: Apache-2.0
"""The conversion of statements to instructions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ovm.metal.emit import arithmetic
from ovm.metal.emit.calls import call_routine
from ovm.metal.emit.choice import choice_of
from ovm.metal.emit.context import FunctionContext
from ovm.metal.emit.expressions import emit, emit_place
from ovm.metal.emit.guards import guard, panic
from ovm.metal.emit.marks import mark_entry, mark_turn
from ovm.metal.emit.routines import routine_for
from ovm.metal.emit.storage import emit_copy, release_storage
from ovm.metal.tree import nodes, panics
from ovm.metal.tree.types import BoolType, is_signed, register_width


def emit_body(context: FunctionContext, body: list[nodes.Statement]) -> None:
    """Write statements in order."""
    for statement in body:
        if context.writer.terminated:
            return
        context.at(statement.location)
        _EMITTERS[type(statement)](context, statement)


def _assign(context: FunctionContext, node: nodes.Assign) -> None:
    value = emit(context, node.value)
    slot = context.slots[node.variable]
    context.writer.effect(f"store {context.type(node.variable.type)} {value}, ptr {slot}")


def _store(context: FunctionContext, node: nodes.Store) -> None:
    writer = context.writer
    value = emit(context, node.value)
    kind = context.module.spelling.memory(node.value.type)
    if isinstance(node.value.type, BoolType):
        value = writer.value(f"zext i1 {value} to i8")
    pointer = context.memory.pointer(writer, emit_place(context, node.place))
    writer.effect(f"store {'volatile ' if node.volatile else ''}{kind} {value}, ptr {pointer}")


def _copy(context: FunctionContext, node: nodes.Copy) -> None:
    target = emit(context, node.target)
    source = emit(context, node.source)
    emit_copy(context, node, target, source)


def _evaluate(context: FunctionContext, node: nodes.Evaluate) -> None:
    emit(context, node.expression)


def _if(context: FunctionContext, node: nodes.If) -> None:
    writer = context.writer
    then, otherwise, done = writer.label("then"), writer.label("else"), writer.label("end")
    condition = emit(context, node.condition)
    writer.branch(condition, then, otherwise if node.otherwise else done)
    writer.place(then)
    emit_body(context, node.then)
    if not writer.terminated:
        writer.jump(done)
    if node.otherwise:
        writer.place(otherwise)
        emit_body(context, node.otherwise)
    writer.place(done)


def _trip_count(context: FunctionContext, node: nodes.Count, start: str, stop: str) -> str:
    """Return the number of turns of a counting loop, as an unsigned number of the variable's width."""
    writer, kind = context.writer, context.type(node.variable.type)
    upwards = node.step > 0
    low, high = (start, stop) if upwards else (stop, start)
    order = "slt" if is_signed(node.variable.type) else "ult"
    some = writer.value(f"icmp {order} {kind} {low}, {high}")
    distance = writer.value(f"sub {kind} {high}, {low}")
    if abs(node.step) != 1:
        less = writer.value(f"sub {kind} {distance}, 1")
        routine = None if context.memory.host else routine_for(node)
        if routine:
            steps = call_routine(context, routine, kind, [f"{kind} {less}", f"{kind} {abs(node.step)}"])
        else:
            steps = arithmetic.divide_constant(writer, False, less, abs(node.step), int(kind[1:]), False)
        distance = writer.value(f"add {kind} {steps}, 1")
    return writer.value(f"select i1 {some}, {kind} {distance}, {kind} 0")


def _constant_count(node: nodes.Count) -> int | None:
    if isinstance(node.start, nodes.Constant) and isinstance(node.stop, nodes.Constant):
        return len(range(node.start.value, node.stop.value, node.step))
    return None


def _count(context: FunctionContext, node: nodes.Count) -> None:
    """Count turns in a hidden counter, so that the body may change the loop variable as Python allows."""
    writer, width = context.writer, register_width(node.variable.type)
    kind, exact = f"i{width}", _constant_count(node)
    # The number of turns of a range of constants may be 1 more than the width holds (u8.range(256)).
    counter_kind = kind if exact is None else f"i{max(width, 32 if exact < 1 << 32 else 64)}"
    start = emit(context, node.start)
    stop = emit(context, node.stop)
    total = str(exact) if exact is not None else _trip_count(context, node, start, stop)
    allowed, over = total, None
    if exact is None and node.bound is not None and node.bound < 1 << width:
        over = writer.value(f"icmp ugt {kind} {total}, {node.bound}")
        allowed = writer.value(f"select i1 {over}, {kind} {node.bound}, {kind} {total}")
    counter = writer.slot(f"%{writer.label('counter')}", counter_kind)
    test, body, step, done = (writer.label(stem) for stem in ("for", "body", "next", "end"))
    writer.effect(f"store {counter_kind} 0, ptr {counter}")
    bound = exact if exact is not None else node.bound if node.bound is not None else (1 << width) - 1
    mark = mark_entry(context, node.location, bound, total if exact is None and width == 32 else "")
    writer.place(test)
    turn = writer.value(f"load {counter_kind}, ptr {counter}")
    exhausted = writer.label("exhausted") if over else done
    writer.branch(writer.value(f"icmp ult {counter_kind} {turn}, {allowed}"), body, exhausted)
    writer.place(body)
    mark_turn(context, mark)
    narrow = arithmetic.resize(writer, turn, int(counter_kind[1:]), width, False)
    moved = narrow if node.step == 1 else writer.value(f"mul {kind} {narrow}, {node.step}")
    current = moved if start == "0" else writer.value(f"add {kind} {start}, {moved}")
    writer.effect(f"store {kind} {current}, ptr {context.slots[node.variable]}")
    _loop_body(context, node.body, done, step)
    writer.place(step)
    context.at(node.location)
    before = writer.value(f"load {counter_kind}, ptr {counter}")
    writer.effect(f"store {counter_kind} {writer.value(f'add {counter_kind} {before}, 1')}, ptr {counter}")
    writer.jump(test)
    if over:
        writer.place(exhausted)
        guard(context, writer.value(f"xor i1 {over}, true"), panics.BOUND)
    writer.place(done)


def _loop_body(context: FunctionContext, body: list[nodes.Statement], done: str, again: str) -> None:
    context.loops.append((done, again))
    emit_body(context, body)
    context.loops.pop()


def _while(context: FunctionContext, node: nodes.While) -> None:
    writer = context.writer
    test, body, done = (writer.label(stem) for stem in ("while", "body", "end"))
    counter = ""
    if node.bound is not None:
        counter = writer.slot(f"%{writer.label('counter')}", "i32")
        writer.effect(f"store i32 0, ptr {counter}")
    mark = mark_entry(context, node.location, node.bound)
    writer.place(test)
    if node.condition is not None:
        writer.branch(emit(context, node.condition), body, done)
        writer.place(body)
    if node.bound is not None:
        turns = writer.value(f"load i32, ptr {counter}")
        guard(context, writer.value(f"icmp ult i32 {turns}, {node.bound}"), panics.BOUND)
        writer.effect(f"store i32 {writer.value(f'add i32 {turns}, 1')}, ptr {counter}")
    mark_turn(context, mark)
    _loop_body(context, node.body, done, test)
    if not writer.terminated:
        writer.jump(test)
    writer.place(done)


def _block(context: FunctionContext, node: nodes.Block) -> None:
    writer = context.writer
    choice = choice_of(node)
    if choice is not None:
        _switch(context, choice)
        return
    done = writer.label("end")
    for turn in node.turns:
        following = writer.label("turn")
        _loop_body(context, turn, done, following)
        writer.place(following)
    writer.place(done)


def _switch(context: FunctionContext, node: nodes.Switch) -> None:
    writer, kind = context.writer, context.type(node.subject.type)
    subject = emit(context, node.subject)
    default, done = writer.label("default"), writer.label("end")
    labels = [writer.label("case") for _ in node.cases]
    entries = [
        f"{kind} {value}, label %{label}" for label, (values, _) in zip(labels, node.cases, strict=True) for value in values
    ]
    writer.end(f"switch {kind} {subject}, label %{default} [ {' '.join(entries)} ]")
    for label, body in [*zip(labels, (body for _, body in node.cases), strict=True), (default, node.default)]:
        writer.place(label)
        emit_body(context, body)
        if not writer.terminated:
            writer.jump(done)
    writer.place(done)


def _return(context: FunctionContext, node: nodes.Return) -> None:
    value = None if node.value is None else f"{context.type(node.value.type)} {emit(context, node.value)}"
    release_storage(context)
    context.writer.end("ret void" if value is None else f"ret {value}")


def _break(context: FunctionContext, node: nodes.Break) -> None:
    context.writer.jump(context.loops[-1][0])


def _continue(context: FunctionContext, node: nodes.Continue) -> None:
    context.writer.jump(context.loops[-1][1])


def _panic(context: FunctionContext, node: nodes.Panic) -> None:
    panic(context, emit(context, node.code))


_EMITTERS: dict[type, Callable[[FunctionContext, Any], None]] = {
    nodes.Assign: _assign,
    nodes.Store: _store,
    nodes.Copy: _copy,
    nodes.Evaluate: _evaluate,
    nodes.If: _if,
    nodes.Count: _count,
    nodes.While: _while,
    nodes.Block: _block,
    nodes.Switch: _switch,
    nodes.Return: _return,
    nodes.Break: _break,
    nodes.Continue: _continue,
    nodes.Panic: _panic,
}
