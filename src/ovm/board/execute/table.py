# SPDX-License-Identifier: Apache-2.0
"""The table of all handlers: a record has a handler's number, and the loop inlines all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from ovm.board.execute import branch, coprocessor, data, exclusive, media, multiple, multiply, parallel, single, system
from ovm.board.execute.alu import SETS_FLAGS
from ovm.board.vfp import elements as vfp_elements
from ovm.board.vfp import execute as vfp
from ovm.board.vfp import system as vfp_system
from ovm.board.vfp import transfer as vfp_transfer


@dataclass(frozen=True)
class Handler:
    """A function with the constant that specialises it."""

    number: int
    function: Callable[..., Any]
    variant: int


def _variants(function: Callable[..., Any], *variants: int) -> list[tuple[Callable[..., Any], int]]:
    return [(function, variant) for variant in variants]


_LIST: list[tuple[Callable[..., Any], int]] = [
    (system.undefined_instruction, 0),  # number 0 stands for "not decoded"; the loop never calls it
    (system.page_end, 0),
    (system.undefined_instruction, 0),
    (system.unpredictable_instruction, 0),
    (system.absent_instruction, 0),
    *_variants(data.data_immediate, *data.PLAIN, *data.FLAGGED),
    *_variants(data.data_register, *data.PLAIN, *data.FLAGGED),
    *[(data.data_shifted, operation | kind << 8) for kind in range(4) for operation in data.PLAIN],
    *_variants(data.data_shifted_flags, *data.PLAIN, *data.FLAGGED),
    *_variants(data.data_by_register, *data.PLAIN, *data.FLAGGED),
    (data.data_to_pc, 0),
    (data.data_return, 0),
    (data.move_wide, 0),
    (branch.branch, 0),
    *_variants(branch.branch_if, *range(14)),
    (branch.branch, branch.NEAR),
    *_variants(branch.branch_if, *range(branch.NEAR, branch.NEAR + 14)),
    *_variants(branch.branch_link, 0, branch.NEAR),
    (branch.branch_link_exchange, 0),
    (branch.branch_register, 0),
    (branch.branch_link_register, 0),
    *_variants(branch.compare_branch, 0, 1, branch.NEAR, branch.NEAR + 1),
    *_variants(branch.table_branch, 0, 1),
    *_variants(single.load_offset, *range(5)),
    *_variants(single.store_offset, *range(3)),
    *_variants(single.load_indexed, *range(5)),
    *_variants(single.store_indexed, *range(3)),
    *_variants(single.load_any, *range(5)),
    *_variants(single.store_any, *range(3)),
    (single.load_to_pc, 0),
    (single.load_pair, 0),
    (single.store_pair, 0),
    (multiple.load_multiple, 0),
    (multiple.store_multiple, 0),
    (multiple.load_multiple_user, 0),
    (multiple.store_multiple_user, 0),
    (multiple.load_multiple_return, 0),
    (multiple.return_from_exception, 0),
    (multiple.store_return_state, 0),
    *_variants(multiply.multiply, 0, SETS_FLAGS, 1, 1 | SETS_FLAGS, 2),
    *_variants(multiply.multiply_long, *[base | flags for base in (0, 1, 4, 5) for flags in (0, SETS_FLAGS)]),
    (multiply.multiply_accumulate_accumulate, 0),
    (multiply.multiply_halves, 0),
    (multiply.multiply_word_half, 0),
    *_variants(multiply.multiply_dual, 0, multiply.SUBTRACT),
    (multiply.multiply_halves_long, 0),
    *_variants(multiply.multiply_dual_long, 0, multiply.SUBTRACT),
    *_variants(multiply.multiply_high, 0, multiply.SUBTRACT),
    *_variants(media.extend, 0, 1, 2, 4, 5, 6),
    *_variants(media.reverse, *range(5)),
    *_variants(media.bit_field, 0, media.SIGNED),
    (media.bit_field_insert, 0),
    *_variants(media.pack, 0, 1),
    (media.select, 0),
    (media.absolute_differences, 0),
    *_variants(media.saturate, 0, 1, media.SIGNED, media.SIGNED | 1),
    *_variants(media.add_saturating, *range(4)),
    (parallel.parallel, 0),
    *_variants(system.call, 0, 1),
    (system.breakpoint_instruction, 0),
    *_variants(system.hint, 0, 2, 3, 4, 5, 6, 7),
    *_variants(single.preload_data, 0, 1),
    *_variants(system.status_read, 0, 1),
    *_variants(system.status_write, *range(4)),
    (system.change_state, 0),
    (system.set_end, 0),
    (system.if_then, 0),
    *_variants(exclusive.load_exclusive, *range(4)),
    *_variants(exclusive.store_exclusive, *range(4)),
    (exclusive.clear_exclusive, 0),
    *_variants(exclusive.swap, 0, 2),
    *_variants(coprocessor.coprocessor, 0, 1),
    (vfp.floating, 0),
    (vfp_transfer.load_words, 0),
    (vfp_transfer.load_double, 0),
    (vfp_transfer.store_words, 0),
    (vfp_system.register_read, 0),
    (vfp_system.register_write, 0),
    (vfp_elements.elements, 0),
]
HANDLERS: Final = [Handler(number, function, variant) for number, (function, variant) in enumerate(_LIST)]
_NUMBERS: Final = {(each.function, each.variant): each.number for each in HANDLERS if each.number != 0}


def number_of(function: Callable[..., Any], variant: int = 0) -> int:
    """Return the number of a handler."""
    return _NUMBERS[function, variant]
