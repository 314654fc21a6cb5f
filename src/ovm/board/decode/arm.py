# SPDX-License-Identifier: Apache-2.0
"""The encodings of A32 (ARM A5), in the order in which they are tried."""

from __future__ import annotations

from typing import Final

from ovm.board.decode import arm_forms as f
from ovm.board.decode import arm_transfer_forms as t
from ovm.board.decode.coprocessor_forms import register_move
from ovm.board.decode.pattern import Encoding, encoding
from ovm.board.execute import branch, coprocessor, data, exclusive, media, multiple, multiply, parallel, single, system
from ovm.board.execute.alu import MOV, SETS_FLAGS
from ovm.board.execute.table import number_of
from ovm.board.vfp import decode as vfp

_NAMES: Final = ("and", "eor", "sub", "rsb", "add", "adc", "sbc", "rsc", "tst", "teq", "cmp", "cmn", "orr", "mov", "bic", "mvn")
_FORMS: Final = (
    ("cccc001", "iiiiiiiiiiii", f.data_immediate),
    ("cccc000", "iiiiitt0mmmm", f.data_shifted),
    ("cccc000", "ssss0tt1mmmm", f.data_by_register),
)


def _data_processing() -> list[Encoding]:
    """Return the encodings of AND to MVN in three forms; compares only with S, MOV and MVN without Rn (ARM A5.2.1 to A5.2.3)."""
    rows = []
    for start, operand, form in _FORMS:
        for number, name in enumerate(_NAMES):
            compare = 8 <= number <= 11
            n = "zzzz" if name in ("mov", "mvn") else "nnnn"
            d = "zzzz" if compare else "dddd"
            for flags in (1,) if compare else (0, 1):
                pattern = f"{start}{number:04b}{flags}{n}{d}{operand}"
                rows.append(encoding(name + "s" * (flags and not compare), pattern, form, 0, number | flags * SETS_FLAGS))
    return rows


def _multiplies() -> list[Encoding]:
    """Return the encodings of ARM A5.2.5, A5.2.7."""
    rows = []
    for flags in (0, 1):
        s, v = "s" * flags, flags * SETS_FLAGS
        rows += [
            encoding("mul" + s, f"cccc0000000{flags}ddddzzzzmmmm1001nnnn", f.multiply_four, number_of(multiply.multiply, v), 1),
            encoding("mla" + s, f"cccc0000001{flags}ddddaaaammmm1001nnnn", f.multiply_four, number_of(multiply.multiply, v | 1)),
        ]
        for code, name, kind in ((4, "umull", 0), (5, "umlal", 1), (6, "smull", 4), (7, "smlal", 5)):
            handler = number_of(multiply.multiply_long, kind | v)
            rows.append(encoding(name + s, f"cccc0000{code:03b}{flags}ddddaaaammmm1001nnnn", f.multiply_four, handler, 4))
    umaal = number_of(multiply.multiply_accumulate_accumulate)
    halves = number_of(multiply.multiply_halves)
    by_half = number_of(multiply.multiply_word_half)
    long = number_of(multiply.multiply_halves_long)
    return [
        *rows,
        encoding("umaal", "cccc00000100ddddaaaammmm1001nnnn", f.multiply_four, umaal, 4),
        encoding("mls", "cccc00000110ddddaaaammmm1001nnnn", f.multiply_four, number_of(multiply.multiply, 2)),
        encoding("smlaxy", "cccc00010000ddddaaaammmm1yx0nnnn", f.multiply_four, halves),
        encoding("smlawy", "cccc00010010ddddaaaammmm1y00nnnn", f.multiply_four, by_half),
        encoding("smulwy", "cccc00010010ddddzzzzmmmm1y10nnnn", f.multiply_four, by_half, 1),
        encoding("smlalxy", "cccc00010100ddddaaaammmm1yx0nnnn", f.multiply_four, long, 4),
        encoding("smulxy", "cccc00010110ddddzzzzmmmm1yx0nnnn", f.multiply_four, halves, 1),
    ]


def _miscellaneous() -> list[Encoding]:
    """Return the encodings of ARM A5.2.8 to A5.2.12."""
    rows = []
    for number, name in enumerate(("qadd", "qsub", "qdadd", "qdsub")):
        handler = number_of(media.add_saturating, number)
        rows.append(encoding(name, f"cccc00010{number:02b}0nnnnddddzzzz0101mmmm", f.three, handler))
    for saved in (0, 1):
        write, write_immediate = number_of(system.status_write, saved), number_of(system.status_write, 2 | saved)
        read = number_of(system.status_read, saved)
        rows += [
            encoding("mrs", f"cccc00010{saved}00ooooddddzz0z0000zzzz", f.status_to_register, read),
            encoding("msr", f"cccc00010{saved}10kkkkoooozz0z0000nnnn", f.register_to_status, write),
        ]
        if saved == 0:
            rows += _hints()
        rows.append(encoding("msr", f"cccc00110{saved}10kkkkooooiiiiiiiiiiii", f.register_to_status, write_immediate, 1))
    for size, name in ((2, "swp"), (0, "swpb")):
        byte = 1 - size // 2
        rows.append(encoding(name, f"cccc00010{byte}00nnnnttttzzzz1001mmmm", t.swapping, number_of(exclusive.swap, size)))
    for code, suffix, size in ((0, "", 2), (1, "d", 3), (2, "b", 0), (3, "h", 1)):
        store, load = number_of(exclusive.store_exclusive, size), number_of(exclusive.load_exclusive, size)
        rows += [
            encoding("strex" + suffix, f"cccc00011{code:02b}0nnnnddddoooo1001tttt", t.exclusive_store, store, size),
            encoding("ldrex" + suffix, f"cccc00011{code:02b}1nnnnttttoooo1001oooo", t.exclusive_load, load, size),
        ]
    return [
        *rows,
        encoding("bx", "cccc00010010oooooooooooo0001mmmm", f.branch_register, number_of(branch.branch_register)),
        encoding("bxj", "cccc00010010oooooooooooo0010mmmm", f.branch_register, number_of(branch.branch_register), 1),
        encoding("blx", "cccc00010010oooooooooooo0011mmmm", f.branch_register, number_of(branch.branch_link_register), 1),
        encoding("clz", "cccc00010110ooooddddoooo0001mmmm", f.two, number_of(media.reverse, media.CLZ)),
        encoding("bkpt", "cccc00010010iiiiiiiiiiii0111iiii", f.always_only, number_of(system.breakpoint_instruction)),
        encoding("smc", "cccc00010110zzzzzzzzzzzz0111iiii", f.plain, number_of(system.call, 1)),
        encoding("movw", "cccc00110000iiiiddddiiiiiiiiiiii", f.wide_immediate, number_of(data.data_immediate, MOV)),
        encoding("movt", "cccc00110100iiiiddddiiiiiiiiiiii", f.wide_immediate, number_of(data.move_wide), 1),
    ]


def _hints() -> list[Encoding]:
    named = (("nop", 0, 0), ("yield", 1, 0), ("wfe", 2, 2), ("wfi", 3, 3), ("sev", 4, 4))
    rows = [
        encoding(name, f"cccc001100100000oooozzzz{code:08b}", f.plain, number_of(system.hint, variant))
        for name, code, variant in named
    ]
    nothing = number_of(system.hint)
    return [
        *rows,
        encoding("dbg", "cccc001100100000oooozzzz1111iiii", f.plain, nothing),
        encoding("hint", "cccc001100100000oooozzzziiiiiiii", f.plain, nothing),
    ]


def _transfers() -> list[Encoding]:
    """Return the encodings of ARM A5.2.8, A5.3, A5.5."""
    rows = []
    for load in (0, 1):
        for byte in (0, 1):
            name = ("ldr" if load else "str") + "b" * byte
            extra = load * t.IS_LOAD | byte
            rows += [
                encoding(name, f"cccc010PU{byte}W{load}nnnnttttiiiiiiiiiiii", t.transfer_immediate, 0, extra),
                encoding(name, f"cccc011PU{byte}W{load}nnnnttttiiiiiss0mmmm", t.transfer_register, 0, extra),
            ]
        for code, size in ((1, single.HALF), (2, single.SIGNED_BYTE), (3, single.SIGNED_HALF)):
            if load or code == 1:
                name = ("ldr" if load else "str") + ("", "h", "sb", "sh")[code]
                pattern = f"cccc000PUIW{load}nnnnttttiiii1{code:02b}1iiii"
                rows.append(encoding(name, pattern, t.transfer_half, 0, load * t.IS_LOAD | size))
        handler = number_of(multiple.load_multiple if load else multiple.store_multiple)
        rows.append(encoding("ldm" if load else "stm", f"cccc100PUSW{load}nnnnrrrrrrrrrrrrrrrr", t.block_transfer, handler, load))
    return [
        *rows,
        encoding("ldrd", "cccc000PUIW0nnnnttttiiii1101iiii", t.transfer_half, 0, t.IS_LOAD | t.IS_PAIR),
        encoding("strd", "cccc000PUIW0nnnnttttiiii1111iiii", t.transfer_half, 0, t.IS_PAIR),
    ]


def _media() -> list[Encoding]:
    """Return the encodings of ARM A5.4."""
    rows = []
    for kind, prefix in ((1, "s"), (2, "q"), (3, "sh"), (5, "u"), (6, "uq"), (7, "uh")):
        for code, name in ((0, "add16"), (1, "asx"), (2, "sax"), (3, "sub16"), (4, "add8"), (7, "sub8")):
            pattern = f"cccc01100{kind:03b}nnnnddddoooo{code:03b}1mmmm"
            rows.append(encoding(prefix + name, pattern, f.three, number_of(parallel.parallel), code | kind << 4))
    extensions = ((0, "sxtab16", 6), (2, "sxtab", 4), (3, "sxtah", 5), (4, "uxtab16", 2), (6, "uxtab", 0), (7, "uxtah", 1))
    for code, name, variant in extensions:
        rows.append(encoding(name, f"cccc01101{code:03b}nnnnddddrrzz0111mmmm", f.extension, number_of(media.extend, variant)))
    for op1, op2, name, variant in ((3, 1, "rev", 0), (3, 5, "rev16", 1), (7, 5, "revsh", 2), (7, 1, "rbit", 3)):
        pattern = f"cccc01101{op1:03b}ooooddddoooo{op2:03b}1mmmm"
        rows.append(encoding(name, pattern, f.two, number_of(media.reverse, variant)))
    for op2, subtract, name in ((0, 0, "smlad"), (1, 2, "smlsd")):
        long, short = number_of(multiply.multiply_dual_long, subtract), number_of(multiply.multiply_dual, subtract)
        rows += [
            encoding(name, f"cccc01110000ddddaaaammmm0{op2}x1nnnn", f.multiply_four, short, 2),
            encoding(f"{name[:4]}l{name[4:]}", f"cccc01110100ddddaaaammmm0{op2}x1nnnn", f.multiply_four, long, 4),
        ]
    return [
        *rows,
        encoding("smmla", "cccc01110101ddddaaaammmm00x1nnnn", f.multiply_four, number_of(multiply.multiply_high), 2),
        encoding("smmls", "cccc01110101ddddaaaammmm11x1nnnn", f.multiply_four, number_of(multiply.multiply_high, 2)),
        encoding("usada8", "cccc01111000ddddaaaammmm0001nnnn", f.multiply_four, number_of(media.absolute_differences), 2),
        encoding("pkhbt", "cccc01101000nnnnddddiiiii001mmmm", f.packing, number_of(media.pack)),
        encoding("pkhtb", "cccc01101000nnnnddddiiiii101mmmm", f.packing, number_of(media.pack, 1), 2),
        encoding("sel", "cccc01101000nnnnddddoooo1011mmmm", f.three, number_of(media.select)),
        encoding("ssat16", "cccc01101010iiiiddddoooo0011nnnn", f.saturation, number_of(media.saturate, 5), 3),
        encoding("usat16", "cccc01101110iiiiddddoooo0011nnnn", f.saturation, number_of(media.saturate, 1), 2),
        encoding("ssat", "cccc0110101iiiiiddddiiiiis01nnnn", f.saturation, number_of(media.saturate, 4), 1),
        encoding("usat", "cccc0110111iiiiiddddiiiiis01nnnn", f.saturation, number_of(media.saturate), 0),
        encoding("sbfx", "cccc0111101wwwwwddddlllll101nnnn", f.field_extract, number_of(media.bit_field, media.SIGNED)),
        encoding("ubfx", "cccc0111111wwwwwddddlllll101nnnn", f.field_extract, number_of(media.bit_field)),
        encoding("bfi", "cccc0111110mmmmmddddlllll001nnnn", f.field_insert, number_of(media.bit_field_insert)),
    ]


def _rest() -> list[Encoding]:
    """Return the encodings of ARM A5.5, A5.6."""
    return [
        encoding("b", "cccc1010iiiiiiiiiiiiiiiiiiiiiiii", f.branching, number_of(branch.branch), 2),
        encoding("bl", "cccc1011iiiiiiiiiiiiiiiiiiiiiiii", f.branching, number_of(branch.branch_link)),
        encoding("svc", "cccc1111iiiiiiiiiiiiiiiiiiiiiiii", f.plain, number_of(system.call)),
        encoding("vfp", "cccc110xxxxxxxxxxxxx101xxxxxxxxx", vfp.floating, 0),
        encoding("vfp", "cccc1110xxxxxxxxxxxx101xxxxxxxxx", vfp.floating, 0),
        encoding("mcr", "cccc1110uuu0nnnntttt111pqqq1mmmm", register_move, number_of(coprocessor.coprocessor), 0),
        encoding("mrc", "cccc1110uuu1nnnntttt111pqqq1mmmm", register_move, number_of(coprocessor.coprocessor, 1), 1),
    ]


def _unconditional() -> list[Encoding]:
    """Return the encodings of ARM A5.7."""
    rows = [
        encoding(name, f"111101010111oooooooozzzz{code:04b}iiii", f.plain, number_of(system.hint, variant))
        for code, name, variant in (
            (4, "dsb", system.DATA_SYNCHRONISE),
            (5, "dmb", system.BARRIER),
            (6, "isb", system.SYNCHRONISE),
        )
    ]
    nothing = number_of(system.hint)
    return [
        *rows,
        encoding("clrex", "111101010111oooooooozzzz0001oooo", f.plain, number_of(exclusive.clear_exclusive)),
        encoding("cps", "111100010000jjM0zzzzzzzAIF0mmmmm", f.processor_state, number_of(system.change_state)),
        encoding("setend", "111100010000zzz1zzzzzzEz0000zzzz", f.endianness, number_of(system.set_end)),
        encoding("pld", "11110101Ux01nnnnooooiiiiiiiiiiii", t.preload_immediate, number_of(single.preload_data)),
        encoding("pld", "11110111Ux01nnnnooooiiiiitt0mmmm", t.preload_register, number_of(single.preload_data)),
        encoding("pli", "11110100U101nnnnooooiiiiiiiiiiii", f.plain, nothing),
        encoding("pli", "11110110U101nnnnooooiiiiitt0mmmm", f.plain, nothing),
        # Unallocated memory hints are NOPs, encodings between them are UNPREDICTABLE.
        encoding("reserved", "11110100x001xxxxxxxxxxxxxxxxxxxx", f.plain, nothing),
        encoding("reserved", "11110110x001xxxxxxxxxxxxxxx0xxxx", f.plain, nothing),
        encoding("reserved", "11110100xx11xxxxxxxxxxxxxxxxxxxx", f.unpredictable, 0),
        encoding("reserved", "111101010011xxxxxxxxxxxxxxxxxxxx", f.unpredictable, 0),
        encoding("reserved", "111101011x11xxxxxxxxxxxxxxxxxxxx", f.unpredictable, 0),
        encoding("reserved", "1111011xxx11xxxxxxxxxxxxxxx0xxxx", f.unpredictable, 0),
        encoding("srs", "1111100PU1W0oozozzzzzozozzzmmmmm", t.return_state, number_of(multiple.store_return_state), 1),
        encoding("rfe", "1111100PU0W1nnnnzzzzozozzzzzzzzz", t.return_state, number_of(multiple.return_from_exception)),
        encoding("blx", "1111101iiiiiiiiiiiiiiiiiiiiiiiii", f.branching, number_of(branch.branch_link_exchange), 1),
        encoding("simd", "1111001xxxxxxxxxxxxxxxxxxxxxxxxx", vfp.data, 0),
        encoding("simd", "11110100xxx0xxxxxxxxxxxxxxxxxxxx", vfp.transfers, 0),
    ]


CONDITIONAL: Final = [
    *_multiplies(),
    *_miscellaneous(),
    *_transfers(),
    *_data_processing(),
    *_media(),
    *_rest(),
]
UNCONDITIONAL: Final = _unconditional()
