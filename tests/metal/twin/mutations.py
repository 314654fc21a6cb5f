# SPDX-License-Identifier: Apache-2.0
"""Miscompilations planted in the emitter, each of a kind that a compiler really makes.

A mutation replaces one function or table entry of the emitter. Each names the programs in which the twin test is
expected to notice it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from ovm.metal.compiler import Target
from ovm.metal.emit import arithmetic as emit_arithmetic
from ovm.metal.emit import expressions as emit_expressions
from ovm.metal.emit import routines
from ovm.metal.emit import statements as emit_statements
from ovm.metal.emit.memory import ArmMemory, HostMemory
from ovm.metal.tree import nodes, panics

# What is patched here is the emitter's own business, so it is not typed.
arithmetic: Any = emit_arithmetic
expressions: Any = emit_expressions
statements: Any = emit_statements

Patch = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Mutation:
    """One planted fault."""

    name: str
    plant: Patch
    module: str
    functions: tuple[str, ...]
    machine: Target = "host"


MUTATIONS: list[Mutation] = []


def mutation(module: str, *functions: str, machine: Target = "host") -> Callable[[Patch], Patch]:
    """Register a mutation under its function's name."""

    def register(plant: Patch) -> Patch:
        MUTATIONS.append(Mutation(plant.__name__, plant, module, functions, machine))
        return plant

    return register


def _wrap(patch: pytest.MonkeyPatch, table: dict[type, Any], kind: type, change: Callable[[Any], Any]) -> None:
    """Let the emitter of a node kind see a changed node."""
    original = table[kind]
    patch.setitem(table, kind, lambda context, node: original(context, change(node)))


@mutation("operators", "u32_add", "i8_add")
def addition_subtracts(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(arithmetic.PLAIN, "add", "sub")


@mutation("operators", "u32_and", "i64_and")
def and_is_or(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(arithmetic.PLAIN, "and", "or")


@mutation("operators", "i32_lt", "i8_ge")
def signed_comparison_is_unsigned(patch: pytest.MonkeyPatch) -> None:
    original = arithmetic.predicate
    patch.setattr(arithmetic, "predicate", lambda operation, signed: original(operation, False))


@mutation("operators", "u32_lt", "u8_lt")
def less_is_less_or_equal(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(arithmetic.PREDICATES, "<", "le")


@mutation("operators", "i8_to_u32", "i32_to_i64")
def widening_forgets_the_sign(patch: pytest.MonkeyPatch) -> None:
    original = arithmetic.resize
    patch.setattr(arithmetic, "resize", lambda *arguments: original(*arguments[:-1], False))


@mutation("operators", "u8_to_i32", "u16_to_u64")
def widening_invents_a_sign(patch: pytest.MonkeyPatch) -> None:
    original = arithmetic.resize
    patch.setattr(arithmetic, "resize", lambda *arguments: original(*arguments[:-1], True))


@mutation("operators", "u32_left_u8", "u8_right_u32", "u64_left_u64")
def run_time_shift_is_taken_modulo_the_width(patch: pytest.MonkeyPatch) -> None:
    original = arithmetic.shift

    def shift(w: Any, left: bool, value: str, count: str, width: int, count_width: int, signed: bool) -> Any:
        masked = w.value(f"and i{count_width} {count}, {width - 1}")
        return original(w, left, value, masked, width, count_width, signed)

    patch.setattr(arithmetic, "shift", shift)


@mutation("operators", "u32_left_by_32", "i16_right_by_17")
def constant_shift_is_taken_modulo_the_width(patch: pytest.MonkeyPatch) -> None:
    original = arithmetic.shift_constant
    patch.setattr(
        arithmetic,
        "shift_constant",
        lambda w, left, value, count, width, signed: original(w, left, value, count % width, width, signed),
    )


@mutation("operators", "i32_right_u8", "i32_right_by_1")
def signed_right_shift_fills_with_zeros(patch: pytest.MonkeyPatch) -> None:
    by_count, by_constant = arithmetic.shift, arithmetic.shift_constant
    patch.setattr(arithmetic, "shift", lambda *arguments: by_count(*arguments[:-1], False))
    patch.setattr(arithmetic, "shift_constant", lambda *arguments: by_constant(*arguments[:-1], False))


@mutation("operators", "i32_divide", "i8_divide", "i64_modulo")
def division_truncates(patch: pytest.MonkeyPatch) -> None:
    def truncated(w: Any, modulo: bool, value: str, divisor: str, kind: str) -> str:
        return str(w.value(f"{'srem' if modulo else 'sdiv'} {kind} {value}, {divisor}"))

    patch.setattr(arithmetic, "_floor", truncated)


@mutation("operators", "i32_divide_by_8", "i8_divide_by_2")
def negative_power_of_two_division_is_unsigned(patch: pytest.MonkeyPatch) -> None:
    original = arithmetic.divide_constant
    patch.setattr(arithmetic, "divide_constant", lambda *arguments: original(*arguments[:-1], False))


@mutation("operators", "u32_divide_by_0", "i32_divide_by_0")
def division_by_constant_zero_is_the_dividend(patch: pytest.MonkeyPatch) -> None:
    original = arithmetic.divide_constant

    def divide(w: Any, modulo: bool, value: str, divisor: int, width: int, signed: bool) -> str:
        return value if divisor == 0 else original(w, modulo, value, divisor, width, signed)

    patch.setattr(arithmetic, "divide_constant", divide)


@mutation("operators", "u64_divide", "u64_modulo", "i64_divide", machine="arm")
def routine_divides_where_the_rest_is_wanted(patch: pytest.MonkeyPatch) -> None:
    original = routines.routine_for

    def routine_for(node: Any) -> str | None:
        name = original(node)
        return name.replace("64_modulo", "64_divide") if name else None

    patch.setattr(expressions, "routine_for", routine_for)


@mutation("operators", "i8_divide", "i16_modulo", machine="arm")
def narrow_division_widens_without_sign(patch: pytest.MonkeyPatch) -> None:
    original = arithmetic.resize
    patch.setattr(arithmetic, "resize", lambda *arguments: original(*arguments[:-1], False))


@mutation("operators", "u32_rotate_u8", "u16_rotate_by_3")
def rotation_turns_the_other_way(patch: pytest.MonkeyPatch) -> None:
    def rotate(w: Any, arguments: list[str], width: int, signed: bool) -> str:
        value, count = arguments
        return str(w.value(f"call i{width} @llvm.fshl.i{width}(i{width} {value}, i{width} {value}, i{width} {count})"))

    patch.setitem(arithmetic.INTRINSICS, "rotate_right", rotate)


def _unsigned(emit: Any) -> Any:
    return lambda w, arguments, width, signed: emit(w, arguments, width, False)


@mutation("operators", "i32_min", "i8_max")
def minimum_ignores_the_sign(patch: pytest.MonkeyPatch) -> None:
    for name in ("minimum", "maximum"):
        patch.setitem(arithmetic.INTRINSICS, name, _unsigned(arithmetic.INTRINSICS[name]))


@mutation("operators", "u16_byte_swap", "u64_byte_swap")
def byte_swap_does_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(arithmetic.INTRINSICS, "byte_swap", lambda w, arguments, width, signed: arguments[0])


@mutation("operators", "u32_negate", "i8_negate")
def negation_inverts(patch: pytest.MonkeyPatch) -> None:
    _wrap(patch, expressions._EMITTERS, nodes.Unary, lambda node: replace(node, operation="invert"))


@mutation("operators", "u32_choose", "i64_choose")
def conditional_takes_the_other_side(patch: pytest.MonkeyPatch) -> None:
    _wrap(
        patch,
        expressions._EMITTERS,
        nodes.Conditional,
        lambda node: replace(node, first=node.second, second=node.first),
    )


@mutation("control", "short_circuit")
def logic_does_not_short_circuit(patch: pytest.MonkeyPatch) -> None:
    def logical(context: Any, node: Any) -> str:
        left = expressions.emit(context, node.left)
        right = expressions.emit(context, node.right)
        return str(context.writer.value(f"{node.operation} i1 {left}, {right}"))

    patch.setitem(expressions._EMITTERS, nodes.Logical, logical)


@mutation("control", "order", "short_circuit")
def operands_are_computed_from_the_right(patch: pytest.MonkeyPatch) -> None:
    def binary(context: Any, node: Any) -> str:
        right = expressions.emit(context, node.right)
        left = expressions.emit(context, node.left)
        verb = arithmetic.PLAIN[node.operation]
        return str(context.writer.value(f"{verb} {context.type(node.type)} {left}, {right}"))

    original = expressions._EMITTERS[nodes.Binary]
    patch.setitem(
        expressions._EMITTERS,
        nodes.Binary,
        lambda context, node: (binary if node.operation in arithmetic.PLAIN else original)(context, node),
    )


@mutation("control", "order")
def store_computes_its_place_first(patch: pytest.MonkeyPatch) -> None:
    def store(context: Any, node: Any) -> None:
        pointer = context.memory.pointer(context.writer, expressions.emit_place(context, node.place))
        value = expressions.emit(context, node.value)
        context.writer.effect(f"store {context.module.spelling.memory(node.value.type)} {value}, ptr {pointer}")

    patch.setitem(statements._EMITTERS, nodes.Store, store)


@mutation("control", "sum_range", "collatz", "nested_while")
def loop_bound_is_one_too_high(patch: pytest.MonkeyPatch) -> None:
    _wrap(patch, statements._EMITTERS, nodes.While, lambda node: replace(node, bound=node.bound + 1))


@mutation("control", "sum_range", "range_variables")
def run_time_range_makes_one_turn_more(patch: pytest.MonkeyPatch) -> None:
    original = statements._trip_count

    def trip_count(context: Any, node: Any, start: str, stop: str) -> str:
        kind = context.type(node.variable.type)
        return str(context.writer.value(f"add {kind} {original(context, node, start, stop)}, 1"))

    patch.setattr(statements, "_trip_count", trip_count)


@mutation("control", "break_continue", "match_in_loop")
def continue_leaves_the_loop(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(statements._EMITTERS, nodes.Continue, lambda context, node: context.writer.jump(context.loops[-1][0]))


@mutation("control", "match_numbers", "match_small")
def match_forgets_the_last_alternative(patch: pytest.MonkeyPatch) -> None:
    def shortened(node: Any) -> Any:
        cases = [(values[:-1] if len(values) > 1 else values, body) for values, body in node.cases]
        return replace(node, cases=cases)

    _wrap(patch, statements._EMITTERS, nodes.Switch, shortened)


@mutation("control", "unrolled")
def unrolled_loop_loses_its_last_turn(patch: pytest.MonkeyPatch) -> None:
    _wrap(patch, statements._EMITTERS, nodes.Block, lambda node: replace(node, turns=node.turns[:-1]))


@mutation("control", "dispatch", "dispatch_all")
def function_table_is_indexed_past_its_first(patch: pytest.MonkeyPatch) -> None:
    original = expressions.emit_table_call

    def table_call(context: Any, node: Any, index: str, arguments: list[str]) -> Any:
        return original(context, node, str(context.writer.value(f"xor i32 {index}, 1")), arguments)

    patch.setattr(expressions, "emit_table_call", table_call)


@mutation("control", "asserted", "panics", "collatz")
def panic_code_is_lost(patch: pytest.MonkeyPatch) -> None:
    original = statements.panic
    patch.setattr(statements, "panic", lambda context, code: original(context, "1"))


@mutation("records", "checked_index", "element")
def index_check_is_left_out(patch: pytest.MonkeyPatch) -> None:
    original = expressions.guard

    def guard(context: Any, condition: str, code: int) -> None:
        if code != panics.INDEX:
            original(context, condition, code)

    patch.setattr(expressions, "guard", guard)


@mutation("records", "checked_index", "local_array")
def index_check_lets_the_length_through(patch: pytest.MonkeyPatch) -> None:
    original = expressions.emit_place

    def emit_place(context: Any, node: Any) -> Any:
        if isinstance(node, nodes.Place) and node.length is not None:
            node = replace(node, length=node.length + 1)
        return original(context, node)

    for module in (expressions, statements):
        patch.setattr(module, "emit_place", emit_place)
    patch.setitem(expressions._EMITTERS, nodes.Place, emit_place)


@mutation("records", "pointer_null")
def null_check_is_left_out(patch: pytest.MonkeyPatch) -> None:
    original = expressions.guard

    def guard(context: Any, condition: str, code: int) -> None:
        if code != panics.NULL:
            original(context, condition, code)

    patch.setattr(expressions, "guard", guard)


@mutation("records", "read_all", "write_all", "update")
def field_offset_is_wrong(patch: pytest.MonkeyPatch) -> None:
    original = HostMemory.member
    patch.setattr(HostMemory, "member", lambda self, w, reference, offset: original(self, w, reference, offset & ~2))


@mutation("records", "read_all", "pointer_walk", machine="arm")
def stride_is_wrong(patch: pytest.MonkeyPatch) -> None:
    original = ArmMemory.scaled
    patch.setattr(
        ArmMemory,
        "scaled",
        lambda self, w, reference, index, stride: original(self, w, reference, index, stride // 2 or 1),
    )


@mutation("records", "local_zeroed", "swap")
def local_struct_is_not_zeroed(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(expressions._EMITTERS, nodes.LocalStorage, lambda context, node: context.storage[node.slot])


@mutation("records", "swap", "copy_element")
def struct_copy_goes_the_other_way(patch: pytest.MonkeyPatch) -> None:
    original = statements.emit_copy
    patch.setattr(statements, "emit_copy", lambda context, node, target, source: original(context, node, source, target))


@mutation("records", "write_all", "scalars")
def stored_bool_is_inverted(patch: pytest.MonkeyPatch) -> None:
    original = expressions._load

    def load(context: Any, node: Any) -> str:
        value = original(context, node)
        return str(context.writer.value(f"xor i1 {value}, true")) if context.type(node.type) == "i1" else value

    patch.setitem(expressions._EMITTERS, nodes.Load, load)


@mutation("operators", "u64_to_u32", "u32_left_u64")
def wide_shift_count_is_cut_before_it_is_checked(patch: pytest.MonkeyPatch) -> None:
    original = arithmetic.shift

    def shift(w: Any, left: bool, value: str, count: str, width: int, count_width: int, signed: bool) -> Any:
        cut = arithmetic.resize(w, count, count_width, width, False)
        return original(w, left, value, cut, width, width, signed)

    patch.setattr(arithmetic, "shift", shift)


@mutation("control", "keyword_arguments")
def arguments_are_computed_in_the_order_of_parameters(patch: pytest.MonkeyPatch) -> None:
    _wrap(patch, expressions._EMITTERS, nodes.Call, lambda node: replace(node, order=sorted(node.order)))


@mutation("control", "match_numbers", "match_wide")
def match_loses_its_default(patch: pytest.MonkeyPatch) -> None:
    _wrap(
        patch,
        statements._EMITTERS,
        nodes.Switch,
        lambda node: replace(node, default=node.cases[0][1]),
    )


@mutation("control", "stepped_wide", "stepped_down")
def last_partial_step_of_a_range_is_dropped(patch: pytest.MonkeyPatch) -> None:
    original = arithmetic.divide_constant

    def divide(w: Any, modulo: bool, value: str, divisor: int, width: int, signed: bool) -> Any:
        lower = w.value(f"sub i{width} {value}, 1")
        return original(w, modulo, lower, divisor, width, signed)

    patch.setattr(arithmetic, "divide_constant", divide)


@mutation("records", "tables", machine="arm")
def tables_are_read_by_bytes(patch: pytest.MonkeyPatch) -> None:
    original = ArmMemory.scaled
    patch.setattr(ArmMemory, "scaled", lambda self, w, reference, index, stride: original(self, w, reference, index, 1))
