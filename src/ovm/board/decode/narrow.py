# SPDX-License-Identifier: Apache-2.0
"""The encodings of 16-bit T32 (ARM A6.2), in the order in which they are tried."""

from __future__ import annotations

from typing import Final

from ovm.board.decode import narrow_forms as f
from ovm.board.decode.pattern import Encoding, encoding
from ovm.board.execute import branch, media, multiple, multiply, single, system
from ovm.board.execute.alu import ADC, ADD, AND, BIC, CMN, CMP, EOR, MOV, MVN, ORR, SBC, SUB, TST
from ovm.board.execute.table import number_of

_MULTIPLY: Final = number_of(multiply.multiply)


def _data() -> list[Encoding]:
    shifts = ("lsls", "lsrs", "asrs")
    rows = [encoding(name, f"000{code:02b}iiiiimmmddd", f.shift_immediate, 0, code) for code, name in enumerate(shifts)]
    for code, name, extra in ((0, "adds", ADD), (1, "subs", SUB), (2, "adds", ADD | 256), (3, "subs", SUB | 256)):
        rows.append(encoding(name, f"00011{code:02b}mmmnnnddd", f.add_three, 0, extra))
    for code, (name, operation) in enumerate((("movs", MOV), ("cmp", CMP), ("adds", ADD), ("subs", SUB))):
        rows.append(encoding(name, f"001{code:02b}dddiiiiiiii", f.immediate_eight, 0, operation))
    low = (AND, EOR, 256, 257, 258, ADC, SBC, 259, TST, 512, CMP, CMN, ORR, 1024, BIC, MVN)
    names: tuple[str, ...] = ("ands", "eors", "lsls", "lsrs", "asrs", "adcs", "sbcs", "rors")
    names += ("tst", "rsbs", "cmp", "cmn", "orrs", "muls", "bics", "mvns")
    for code, (name, extra) in enumerate(zip(names, low, strict=True)):
        rows.append(encoding(name, f"010000{code:04b}mmmddd", f.low_registers, _MULTIPLY, extra))
    for code, (name, operation) in enumerate((("add", ADD), ("cmp", CMP), ("mov", MOV))):
        rows.append(encoding(name, f"010001{code:02b}dmmmmddd", f.high_registers, 0, operation))
    return [
        *rows,
        encoding("bx", "010001110mmmmzzz", f.exchange, number_of(branch.branch_register)),
        encoding("blx", "010001111mmmmzzz", f.exchange, number_of(branch.branch_link_register), 1),
        encoding("adr", "10100dddiiiiiiii", f.address_of, 0, 15),
        encoding("add", "10101dddiiiiiiii", f.address_of, 0, 13),
        encoding("add", "101100000iiiiiii", f.adjust_stack, 0, ADD),
        encoding("sub", "101100001iiiiiii", f.adjust_stack, 0, SUB),
    ]


def _transfers() -> list[Encoding]:
    by_register = (
        ("str", single.store_indexed, 0),
        ("strh", single.store_indexed, 2),
        ("strb", single.store_indexed, 1),
        ("ldrsb", single.load_indexed, 3),
        ("ldr", single.load_indexed, 0),
        ("ldrh", single.load_indexed, 2),
        ("ldrb", single.load_indexed, 1),
        ("ldrsh", single.load_indexed, 4),
    )
    rows = [
        encoding(name, f"0101{code:03b}mmmnnnttt", f.register_offset, number_of(function, size))
        for code, (name, function, size) in enumerate(by_register)
    ]
    for code, name, size, scale in ((12, "", 0, 2), (14, "b", 1, 0), (16, "h", 2, 1)):
        store, load = number_of(single.store_offset, size), number_of(single.load_offset, size)
        rows.append(encoding("str" + name, f"{code:05b}iiiiinnnttt", f.immediate_offset, store, scale))
        rows.append(encoding("ldr" + name, f"{code + 1:05b}iiiiinnnttt", f.immediate_offset, load, scale))
    load, store = number_of(single.load_offset), number_of(single.store_offset)
    many, few = number_of(multiple.load_multiple), number_of(multiple.store_multiple)
    return [
        *rows,
        encoding("ldr", "01001tttiiiiiiii", f.literal, load),
        encoding("str", "10010tttiiiiiiii", f.stack_offset, store),
        encoding("ldr", "10011tttiiiiiiii", f.stack_offset, load),
        encoding("push", "1011010rrrrrrrrr", f.push_pop, few, 14),
        encoding("pop", "1011110rrrrrrrrr", f.push_pop, many, 15),
        encoding("stm", "11000nnnrrrrrrrr", f.low_list, few),
        encoding("ldm", "11001nnnrrrrrrrr", f.low_list, many, 1),
    ]


def _rest() -> list[Encoding]:
    rows = []
    for code, name, variant in ((0, "sxth", 5), (1, "sxtb", 4), (2, "uxth", 1), (3, "uxtb", 0)):
        rows.append(encoding(name, f"10110010{code:02b}mmmddd", f.low_pair, number_of(media.extend, variant)))
    for code, name, variant in ((0, "rev", 0), (1, "rev16", 1), (3, "revsh", 2)):
        rows.append(encoding(name, f"10111010{code:02b}mmmddd", f.low_pair, number_of(media.reverse, variant)))
    for code, name, variant in ((0, "nop", 0), (1, "yield", 0), (2, "wfe", 2), (3, "wfi", 3), (4, "sev", 4)):
        rows.append(encoding(name, f"10111111{code:04b}0000", f.always, number_of(system.hint, variant)))
    for code, name in ((0, "cbz"), (1, "cbnz")):
        rows.append(encoding(name, f"1011{code}0i1iiiiinnn", f.compare_and_branch, number_of(branch.compare_branch, code)))
    return [
        *rows,
        encoding("hint", "10111111xxxx0000", f.always, number_of(system.hint)),
        encoding("it", "10111111ccccmmmm", f.if_then, number_of(system.if_then)),
        encoding("setend", "10110110010oEzzz", f.endianness, number_of(system.set_end)),
        encoding("cps", "10110110011jzAIF", f.processor_state, number_of(system.change_state)),
        encoding("bkpt", "10111110iiiiiiii", f.always, number_of(system.breakpoint_instruction)),
        encoding("udf", "11011110iiiiiiii", f.always, number_of(system.undefined_instruction)),
        encoding("svc", "11011111iiiiiiii", f.always, number_of(system.call)),
        encoding("b", "1101xxxxiiiiiiii", f.conditional_branch, 0),
        encoding("b", "11100iiiiiiiiiii", f.plain_branch, number_of(branch.branch)),
    ]


NARROW: Final = [*_data(), *_transfers(), *_rest()]
