# SPDX-License-Identifier: Apache-2.0
"""Records written out as assembly, operand by operand, for an assembler to judge.

Each function takes what a handler takes and says what it would do, by the handler's meaning alone: the word that was
decoded is not looked at.
"""

from collections.abc import Callable
from typing import Any

from ovm.board.execute import alu, branch, data, exclusive, media, multiple, multiply, parallel, saturation, single, system
from tests.board import render_data as d
from tests.board import render_memory as m
from tests.board.render_parts import CONDITIONS, Decoded, register

RENDER: dict[Callable[..., Any], Callable[[Decoded, int], str]] = {
    data.data_immediate: d.immediate,
    data.data_register: d.register_,
    data.data_shifted: d.shifted,
    data.data_shifted_flags: d.register_,
    data.data_by_register: d.by_register,
    data.data_to_pc: lambda each, variant: d.to_pc(each, 0),
    data.data_return: lambda each, variant: d.to_pc(each, alu.SETS_FLAGS),
    data.move_wide: lambda each, variant: f"movt{{c}} {register(each.rd)}, #{each.imm >> 16}",
    branch.branch: lambda each, variant: d.branch_(each, "b", variant),
    branch.branch_if: lambda each, variant: d.branch_(each, "b" + CONDITIONS[variant & 15], variant),
    branch.branch_link: lambda each, variant: d.branch_(each, "bl{c}", variant),
    branch.branch_link_exchange: lambda each, variant: d.branch_(each, "blx"),
    branch.branch_register: lambda each, variant: f"bx{{c}} {register(each.rm)}",
    branch.branch_link_register: lambda each, variant: f"blx{{c}} {register(each.rm)}",
    branch.compare_branch: d.compare_branch,
    branch.table_branch: d.table_branch,
    single.load_offset: lambda each, size: m.transfer("ldr", size, each.rd, False, m.plain_offset(each)),
    single.store_offset: lambda each, size: m.transfer("str", size, each.rd, False, m.plain_offset(each)),
    single.load_indexed: lambda each, size: m.transfer("ldr", size, each.rd, False, m.address(each)),
    single.store_indexed: lambda each, size: m.transfer("str", size, each.rd, False, m.address(each)),
    single.load_any: lambda each, size: m.transfer("ldr", size, each.rd, m.user(each), m.user_address(each)),
    single.store_any: lambda each, size: m.transfer("str", size, each.rd, m.user(each), m.user_address(each)),
    single.load_to_pc: lambda each, variant: f"ldr{{c}} pc, {m.address(each)}",
    single.preload_data: lambda each, variant: f"pld{'w' * variant} {m.address(each)}",
    single.load_pair: lambda each, variant: m.pair(each, "ldrd"),
    single.store_pair: lambda each, variant: m.pair(each, "strd"),
    multiple.load_multiple: lambda each, variant: m.block(each, "ldm"),
    multiple.store_multiple: lambda each, variant: m.block(each, "stm"),
    multiple.load_multiple_user: lambda each, variant: m.block(each, "ldm", " ^"),
    multiple.store_multiple_user: lambda each, variant: m.block(each, "stm", " ^"),
    multiple.load_multiple_return: lambda each, variant: m.block(each, "ldm", " ^"),
    multiple.return_from_exception: lambda each, variant: m.load_return(each),
    multiple.store_return_state: lambda each, variant: m.store_return(each),
    multiply.multiply: d.multiply_,
    multiply.multiply_long: d.long,
    multiply.multiply_accumulate_accumulate: lambda each, variant: d.four("umaal", each.ra, each.rd, each.rn, each.rm),
    multiply.multiply_halves: d.halves,
    multiply.multiply_word_half: d.word_half,
    multiply.multiply_dual: d.dual,
    multiply.multiply_halves_long: d.halves_long,
    multiply.multiply_dual_long: d.dual_long,
    multiply.multiply_high: d.high,
    media.extend: d.extend,
    media.reverse: d.reverse,
    media.bit_field: d.bit_field,
    media.bit_field_insert: d.bit_field_insert,
    media.pack: d.pack_,
    media.select: lambda each, variant: d.four("sel", each.rd, each.rn, each.rm),
    media.absolute_differences: lambda each, variant: d.accumulated(each, "usad8", "usada8"),
    saturation.saturate: d.saturate,
    saturation.add_saturating: d.add_saturating,
    parallel.parallel: d.parallel_,
    system.status_read: lambda each, variant: f"mrs{{c}} {register(each.rd)}, {('cpsr', 'spsr')[variant]}",
    system.status_write: m.status_write,
    system.change_state: m.change_state,
    system.set_end: lambda each, variant: f"setend {('le', 'be')[each.aux]}",
    exclusive.load_exclusive: m.load_exclusive,
    exclusive.store_exclusive: m.store_exclusive,
    exclusive.clear_exclusive: lambda each, variant: "clrex",
    exclusive.swap: m.swap,
}


def render(each: Decoded) -> str | None:
    """Assembly of a record; None for handlers without operands."""
    write = RENDER.get(each.handler.function)
    if write is None:
        return None
    return write(each, each.handler.variant).replace("{c}", CONDITIONS[each.condition])
