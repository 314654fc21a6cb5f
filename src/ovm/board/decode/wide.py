# SPDX-License-Identifier: Apache-2.0
"""The encodings of 32-bit T32 (ARM A6.3), in the order in which they are tried."""

from __future__ import annotations

from typing import Final

from ovm.board.decode import arm_forms
from ovm.board.decode import wide_forms as f
from ovm.board.decode import wide_transfer_forms as t
from ovm.board.decode.arm_forms import plain
from ovm.board.decode.arm_transfer_forms import IS_LOAD
from ovm.board.decode.coprocessor_forms import register_move
from ovm.board.decode.pattern import Encoding, encoding
from ovm.board.execute import branch, coprocessor, data, exclusive, media, multiple, multiply, parallel, single, system
from ovm.board.execute.alu import ADC, ADD, AND, BIC, EOR, MOV, ORN, ORR, RSB, SBC, SUB
from ovm.board.execute.table import number_of
from ovm.board.vfp import decode as vfp

_OPERATIONS: Final = (
    (0, "and", AND),
    (1, "bic", BIC),
    (2, "orr", ORR),
    (3, "orn", ORN),
    (4, "eor", EOR),
    (8, "add", ADD),
    (10, "adc", ADC),
    (11, "sbc", SBC),
    (13, "sub", SUB),
    (14, "rsb", RSB),
)


def _data() -> list[Encoding]:
    """Return the encodings of ARM A6.3.1, A6.3.3, A6.3.11."""
    rows = []
    for code, name, operation in _OPERATIONS:
        rows.append(encoding(name, f"1110101{code:04b}Snnnn ziiiddddiittmmmm", f.data_shifted, 0, operation))
        rows.append(encoding(name, f"11110i0{code:04b}Snnnn 0iiiddddiiiiiiii", f.data_immediate, 0, operation))
    immediate, top = number_of(data.data_immediate, MOV), number_of(data.move_wide)
    signed, unsigned = number_of(media.saturate, media.SIGNED), number_of(media.saturate)
    insert = number_of(media.bit_field_insert)
    return [
        *rows,
        encoding("pkhbt", "111010101100nnnn ziiiddddii00mmmm", f.packing, number_of(media.pack)),
        encoding("pkhtb", "111010101100nnnn ziiiddddii10mmmm", f.packing, number_of(media.pack, 1), 2),
        encoding("addw", "11110i100000nnnn 0iiiddddiiiiiiii", f.plain_immediate, 0, ADD),
        encoding("subw", "11110i101010nnnn 0iiiddddiiiiiiii", f.plain_immediate, 0, SUB),
        encoding("movw", "11110i100100iiii 0iiiddddiiiiiiii", f.wide_immediate, immediate),
        encoding("movt", "11110i101100iiii 0iiiddddiiiiiiii", f.wide_immediate, top, 1),
        encoding("ssat", "11110z1100s0nnnn 0iiiddddiizsssss", f.saturation, signed, 1),
        encoding("usat", "11110z1110s0nnnn 0iiiddddiizsssss", f.saturation, unsigned),
        encoding("sbfx", "11110z110100nnnn 0iiiddddiizwwwww", f.field, number_of(media.bit_field, media.SIGNED)),
        encoding("ubfx", "11110z111100nnnn 0iiiddddiizwwwww", f.field, number_of(media.bit_field)),
        encoding("bfi", "11110z110110nnnn 0iiiddddiizwwwww", f.field, insert, 1),
        encoding("shift", "111110100ttSnnnn 1111dddd0000mmmm", f.shift_by_register, 0),
    ]


def _transfers() -> list[Encoding]:
    """Return the encodings of ARM A6.3.5 to A6.3.10."""
    rows = []
    for code, signed, name, size in ((0, 0, "b", 1), (1, 0, "h", 2), (2, 0, "", 0), (0, 1, "sb", 3), (1, 1, "sh", 4)):
        for load in (0, 1) if not signed else (1,):
            label, extra = ("ldr" if load else "str") + name, load * IS_LOAD | size
            start = f"1111100{signed}"
            if load:
                rows.append(encoding(label, f"{start}U{code:02b}11111ttttiiiiiiiiiiii", t.transfer_twelve, 0, extra))
            rows += [
                encoding(label, f"{start}1{code:02b}{load}nnnnttttiiiiiiiiiiii", t.transfer_twelve, 0, extra),
                encoding(label, f"{start}0{code:02b}{load}nnnntttt000000iimmmm", t.transfer_register, 0, extra),
                encoding(label, f"{start}0{code:02b}{load}nnnntttt1PUWiiiiiiii", t.transfer_eight, 0, extra),
            ]
    many, few = number_of(multiple.load_multiple), number_of(multiple.store_multiple)
    back, save = number_of(multiple.return_from_exception), number_of(multiple.store_return_state)
    for way in ("01", "10"):
        rows += [
            encoding("ldm", f"1110100{way}0W1nnnn rrzrrrrrrrrrrrrr", t.block, many, 1),
            encoding("stm", f"1110100{way}0W0nnnn zrzrrrrrrrrrrrrr", t.block, few),
        ]
    for way in ("00", "11"):
        rows += [
            encoding("srs", f"1110100{way}0W0oozo oozzzzzzzzzmmmmm", t.return_state, save, 1),
            encoding("rfe", f"1110100{way}0W1nnnn oozzzzzzzzzzzzzz", t.return_state, back),
        ]
    return [*rows, *_exclusives(), *_pairs()]


def _exclusives() -> list[Encoding]:
    rows = []
    for code, name, size in ((4, "b", 0), (5, "h", 1), (7, "d", 3)):
        store, load = number_of(exclusive.store_exclusive, size), number_of(exclusive.load_exclusive, size)
        second = "ssss" if size == 3 else "oooo"
        rows += [
            encoding("strex" + name, f"111010001100nnnn tttt{second}{code:04b}dddd", t.exclusive, store, size),
            encoding("ldrex" + name, f"111010001101nnnn tttt{second}{code:04b}oooo", t.exclusive, load, size | 8),
        ]
    return [
        *rows,
        encoding("strex", "111010000100nnnn ttttddddiiiiiiii", t.exclusive, number_of(exclusive.store_exclusive, 2), 2 | 16),
        encoding("ldrex", "111010000101nnnn ttttooooiiiiiiii", t.exclusive, number_of(exclusive.load_exclusive, 2), 2 | 8 | 16),
        encoding("tbb", "111010001101nnnn oooozzzz0000mmmm", t.table_branch, number_of(branch.table_branch)),
        encoding("tbh", "111010001101nnnn oooozzzz0001mmmm", t.table_branch, number_of(branch.table_branch, 1)),
    ]


def _pairs() -> list[Encoding]:
    """Return the encodings of P and W not both 0: those are exclusives and table branches."""
    load, store = number_of(single.load_pair), number_of(single.store_pair)
    rows = []
    for index, back in ((1, "W"), (0, "1")):
        rows += [
            encoding("ldrd", f"1110100{index}U1{back}1nnnn ttttssssiiiiiiii", t.pair, load, 1),
            encoding("strd", f"1110100{index}U1{back}0nnnn ttttssssiiiiiiii", t.pair, store),
        ]
    return rows


def _media() -> list[Encoding]:
    """Return the encodings of ARM A6.3.12 to A6.3.15."""
    rows = []
    extensions = (("sxtah", 5), ("uxtah", 1), ("sxtab16", 6), ("uxtab16", 2), ("sxtab", 4), ("uxtab", 0))
    for code, (name, variant) in enumerate(extensions):
        rows.append(encoding(name, f"111110100{code:03b}nnnn 1111dddd1zrrmmmm", f.extension, number_of(media.extend, variant)))
    kinds = (("s", "000", 1), ("q", "001", 2), ("sh", "010", 3), ("u", "100", 5), ("uq", "101", 6), ("uh", "110", 7))
    operations = ((0, "add8", 4), (1, "add16", 0), (2, "asx", 1), (4, "sub8", 7), (5, "sub16", 3), (6, "sax", 2))
    for prefix, bits, kind in kinds:
        for code, name, operation in operations:
            extra = operation | kind << 4
            pattern = f"111110101{code:03b}nnnn 1111dddd0{bits}mmmm"
            rows.append(encoding(prefix + name, pattern, f.three, number_of(parallel.parallel), extra))
    for code, name, variant in ((0, "qadd", 0), (1, "qdadd", 2), (2, "qsub", 1), (3, "qdsub", 3)):
        pattern = f"111110101000nnnn 1111dddd10{code:02b}mmmm"
        rows.append(encoding(name, pattern, f.three, number_of(media.add_saturating, variant)))
    for code, name, variant in ((0, "rev", 0), (1, "rev16", 1), (2, "rbit", 3), (3, "revsh", 2)):
        rows.append(encoding(name, f"111110101001mmmm 1111dddd10{code:02b}mmmm", f.two, number_of(media.reverse, variant)))
    return [
        *rows,
        encoding("sel", "111110101010nnnn 1111dddd1000mmmm", f.three, number_of(media.select)),
        encoding("clz", "111110101011mmmm 1111dddd1000mmmm", f.two, number_of(media.reverse, media.CLZ)),
    ]


def _multiplies() -> list[Encoding]:
    """Return the encodings of ARM A6.3.16, A6.3.17. `extra`: 2 Ra may be none, 4 long, 8 no halves, 16 halves of both."""
    m = multiply
    short = (
        ("mls", "000", "0001", m.multiply, 2, 8),
        ("smlaxy", "001", "00nm", m.multiply_halves, 0, 2 | 16),
        ("smlad", "010", "000x", m.multiply_dual, 0, 2),
        ("smlaw", "011", "000m", m.multiply_word_half, 0, 2),
        ("smlsd", "100", "000x", m.multiply_dual, m.SUBTRACT, 2),
        ("smmla", "101", "000r", m.multiply_high, 0, 2),
        ("smmls", "110", "000r", m.multiply_high, m.SUBTRACT, 0),
        ("usada8", "111", "0000", media.absolute_differences, 0, 2 | 8),
    )
    long = (
        ("smull", "000", "0000", m.multiply_long, 4, 4 | 8),
        ("umull", "010", "0000", m.multiply_long, 0, 4 | 8),
        ("smlal", "100", "0000", m.multiply_long, 5, 4 | 8),
        ("smlalxy", "100", "10nm", m.multiply_halves_long, 0, 4 | 16),
        ("smlald", "100", "110x", m.multiply_dual_long, 0, 4),
        ("smlsld", "101", "110x", m.multiply_dual_long, m.SUBTRACT, 4),
        ("umlal", "110", "0000", m.multiply_long, 1, 4 | 8),
        ("umaal", "110", "0110", m.multiply_accumulate_accumulate, 0, 4 | 8),
    )
    rows = [encoding("mul", "111110110000nnnn 1111dddd0000mmmm", f.multiply_four, number_of(m.multiply), 1 | 8)]
    rows.append(encoding("mla", "111110110000nnnn aaaadddd0000mmmm", f.multiply_four, number_of(m.multiply, 1), 8))
    for name, code, last, function, variant, extra in short:
        handler = number_of(function, variant)
        pattern = f"111110110{code}nnnn aaaadddd{last}mmmm"
        rows.append(encoding(name, pattern, f.multiply_four, handler, extra))
    for name, code, last, function, variant, extra in long:
        handler = number_of(function, variant)
        pattern = f"111110111{code}nnnn aaaadddd{last}mmmm"
        rows.append(encoding(name, pattern, f.multiply_four, handler, extra))
    return rows


def _rest() -> list[Encoding]:
    """Return the encodings of ARM A6.3.4."""
    nothing, link = number_of(system.hint), number_of(branch.branch_link)
    rows = [
        encoding(name, f"111100111011oooo 10z0oooo{code:04b}iiii", plain, number_of(system.hint, variant))
        for code, name, variant in (
            (4, "dsb", system.DATA_SYNCHRONISE),
            (5, "dmb", system.BARRIER),
            (6, "isb", system.SYNCHRONISE),
        )
    ]
    for code, name, variant in ((0, "nop", 0), (1, "yield", 0), (2, "wfe", 2), (3, "wfi", 3), (4, "sev", 4)):
        rows.append(encoding(name, f"111100111010oooo 10z0z000{code:08b}", plain, number_of(system.hint, variant)))
    for saved in (0, 1):
        read, write = number_of(system.status_read, saved), number_of(system.status_write, saved)
        rows += [
            encoding("mrs", f"11110011111{saved}oooo 10z0ddddzzzzzzzz", f.status_to_register, read),
            encoding("msr", f"11110011100{saved}nnnn 10z0kkkkzzzzzzzz", f.register_to_status, write),
        ]
    return [
        *rows,
        encoding("hint", "111100111010oooo 10z0z000iiiiiiii", plain, nothing),
        encoding("cps", "111100111010oooo 10z0zjjMAIFmmmmm", f.processor_state, number_of(system.change_state)),
        encoding("clrex", "111100111011oooo 10z0oooo0010oooo", plain, number_of(exclusive.clear_exclusive)),
        encoding("bxj", "111100111100mmmm 10z0oooozzzzzzzz", f.jazelle_branch, number_of(branch.branch_register)),
        encoding("subs", "111100111101oooz 10z0ooooiiiiiiii", f.return_from, 0),
        encoding("smc", "111101111111iiii 1000zzzzzzzzzzzz", plain, number_of(system.call, 1)),
        encoding("udf", "111101111111iiii 1010iiiiiiiiiiii", arm_forms.undefined, 0),
        encoding("udf", "11110x111xxxxxxx 10x0xxxxxxxxxxxx", arm_forms.undefined, 0),
        encoding("b", "11110Scccciiiiii 10j0jiiiiiiiiiii", f.conditional_branch, 0),
        encoding("b", "11110Siiiiiiiiii 10j1jiiiiiiiiiii", f.far_branch, number_of(branch.branch)),
        encoding("bl", "11110Siiiiiiiiii 11j1jiiiiiiiiiii", f.far_branch, link),
        encoding("blx", "11110Siiiiiiiiii 11j0jiiiiiiiiiii", f.far_branch, number_of(branch.branch_link_exchange), 1),
        encoding("vfp", "1110110xxxxxxxxx xxxx101xxxxxxxxx", vfp.floating, 0),
        encoding("vfp", "11101110xxxxxxxx xxxx101xxxxxxxxx", vfp.floating, 0),
        encoding("mcr", "11101110uuu0nnnn tttt111pqqq1mmmm", register_move, number_of(coprocessor.coprocessor), 0),
        encoding("mrc", "11101110uuu1nnnn tttt111pqqq1mmmm", register_move, number_of(coprocessor.coprocessor, 1), 1),
        encoding("simd", "111x1111xxxxxxxx xxxxxxxxxxxxxxxx", vfp.data, 0, 1),
        encoding("simd", "11111001xxx0xxxx xxxxxxxxxxxxxxxx", vfp.transfers, 0, 1),
    ]


WIDE: Final = [*_data(), *_transfers(), *_media(), *_multiplies(), *_rest()]
