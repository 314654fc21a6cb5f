# SPDX-License-Identifier: Apache-2.0
"""The rows of loads and stores of one register or a pair (`single.py`); a size is a variant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ovm.board.execute.roles import (
    CLASS,
    LOAD,
    LOAD_CYCLES,
    LOAD_NARROW_CYCLES,
    LOAD_PAIR,
    LOAD_PC,
    NOTHING,
    STORE,
    STORE_PAIR,
    TRANSFER,
    UNIT,
)
from ovm.board.execute.row import INDIRECT_BRANCH, Instruction, Pattern, a32, t32
from ovm.board.execute.single import (
    BYTE,
    HALF,
    SIGNED_BYTE,
    SIGNED_HALF,
    WORD,
    load_any,
    load_indexed,
    load_offset,
    load_pair,
    load_to_pc,
    preload_data,
    store_any,
    store_indexed,
    store_offset,
    store_pair,
)

# `extra` of forms that choose a row; besides these it is the size.
IS_LOAD: Final = 8
IS_PAIR: Final = 16

_NARROW_OFFSET: Final = "narrow_forms.immediate_offset"
# Of a 16-bit encoding with an offset: its number, and the size of the offset's unit.
_OFFSETS: Final = {WORD: (12, 2), BYTE: (14, 0), HALF: (16, 1)}
_BY_REGISTER: Final = {
    ("str", WORD): 0,
    ("str", HALF): 1,
    ("str", BYTE): 2,
    ("ldr", SIGNED_BYTE): 3,
    ("ldr", WORD): 4,
    ("ldr", HALF): 5,
    ("ldr", BYTE): 6,
    ("ldr", SIGNED_HALF): 7,
}
_SUFFIXES: Final = {WORD: "", BYTE: "b", HALF: "h", SIGNED_BYTE: "sb", SIGNED_HALF: "sh"}


def _offset(name: str, size: int) -> tuple[Pattern, ...]:
    """Return the 16-bit patterns with an immediate offset (ARM A6.2.4); words also have those with SP and the PC."""
    if size not in _OFFSETS:
        return ()
    number, scale = _OFFSETS[size]
    load = int(name == "ldr")
    patterns = [t32(name + _SUFFIXES[size], f"{number + load:05b}iiiiinnnttt", _NARROW_OFFSET, scale)]
    if size == WORD:
        patterns.append(t32(name, f"1001{load}tttiiiiiiii", "narrow_forms.stack_offset"))
        patterns += [t32("ldr", "01001tttiiiiiiii", "narrow_forms.literal")] * load
    return tuple(patterns)


def _indexed(name: str, size: int) -> tuple[Pattern, ...]:
    bits = f"0101{_BY_REGISTER[name, size]:03b}mmmnnnttt"
    return (t32(name + _SUFFIXES[size], bits, "narrow_forms.register_offset"),)


def _none(name: str, size: int) -> tuple[Pattern, ...]:
    return ()


def _loads(function: Callable[..., Any], patterns: Callable[[str, int], tuple[Pattern, ...]]) -> list[Instruction]:
    return [
        Instruction(
            function,
            size,
            patterns("ldr", size),
            roles=TRANSFER << UNIT | LOAD << CLASS,
            cycles=LOAD_CYCLES if size == WORD else LOAD_NARROW_CYCLES,
            host=f"access.{function.__name__}",
        )
        for size in (WORD, BYTE, HALF, SIGNED_BYTE, SIGNED_HALF)
    ]


def _stores(function: Callable[..., Any], patterns: Callable[[str, int], tuple[Pattern, ...]]) -> list[Instruction]:
    roles = TRANSFER << UNIT | STORE << CLASS
    host = f"access.{function.__name__}"
    return [Instruction(function, size, patterns("str", size), roles=roles, host=host) for size in (WORD, BYTE, HALF)]


def _pair(function: Callable[..., Any], name: str, kind: int) -> Instruction:
    """Return the row of LDRD or STRD; in T32 P and W are not both 0: those are exclusives and table branches."""
    load = int(function is load_pair)
    bits = ((1, "W"), (0, "1"))
    patterns = [
        t32(name, f"1110100{index}U1{back}{load}nnnn ttttssssiiiiiiii", "wide_transfer_forms.pair", load) for index, back in bits
    ]
    host = f"several_words.{function.__name__}"
    return Instruction(function, patterns=tuple(patterns), roles=TRANSFER << UNIT | kind << CLASS, host=host)


def _arm() -> list[Pattern]:
    """Return the patterns of ARM A5.2.8, A5.3."""
    patterns = []
    for load, name in enumerate(("str", "ldr")):
        for byte in (0, 1):
            whole, extra = name + "b" * byte, load * IS_LOAD | byte
            patterns += [
                a32(whole, f"cccc010PU{byte}W{load}nnnnttttiiiiiiiiiiii", "arm_transfer_forms.transfer_immediate", extra),
                a32(whole, f"cccc011PU{byte}W{load}nnnnttttiiiiiss0mmmm", "arm_transfer_forms.transfer_register", extra),
            ]
        for code, size in ((1, HALF), (2, SIGNED_BYTE), (3, SIGNED_HALF))[: 1 + 2 * load]:
            bits = f"cccc000PUIW{load}nnnnttttiiii1{code:02b}1iiii"
            patterns.append(a32(name + _SUFFIXES[size], bits, "arm_transfer_forms.transfer_half", load * IS_LOAD | size))
    return [
        *patterns,
        a32("ldrd", "cccc000PUIW0nnnnttttiiii1101iiii", "arm_transfer_forms.transfer_half", IS_LOAD | IS_PAIR),
        a32("strd", "cccc000PUIW0nnnnttttiiii1111iiii", "arm_transfer_forms.transfer_half", IS_PAIR),
    ]


def _wide() -> list[Pattern]:
    """Return the patterns of ARM A6.3.7 to A6.3.10; a load from the PC is one whatever its offset looks like."""
    patterns = []
    for code, signed, size in ((0, 0, BYTE), (1, 0, HALF), (2, 0, WORD), (0, 1, SIGNED_BYTE), (1, 1, SIGNED_HALF)):
        for load, first in enumerate(("str", "ldr")):
            if signed and not load:
                continue
            name, extra, start = first + _SUFFIXES[size], load * IS_LOAD | size, f"1111100{signed}"
            twelve = "wide_transfer_forms.transfer_twelve"
            if load:
                patterns.append(t32(name, f"{start}U{code:02b}11111 ttttiiiiiiiiiiii", twelve, extra, early=True))
            patterns += [
                t32(name, f"{start}1{code:02b}{load}nnnn ttttiiiiiiiiiiii", twelve, extra),
                t32(name, f"{start}0{code:02b}{load}nnnn tttt000000iimmmm", "wide_transfer_forms.transfer_register", extra),
                t32(name, f"{start}0{code:02b}{load}nnnn tttt1PUWiiiiiiii", "wide_transfer_forms.transfer_eight", extra),
            ]
    return patterns


ROWS: Final = [
    *_loads(load_offset, _offset),
    *_stores(store_offset, _offset),
    *_loads(load_indexed, _indexed),
    *_stores(store_indexed, _indexed),
    *_loads(load_any, _none),
    *_stores(store_any, _none),
    Instruction(
        load_to_pc, roles=TRANSFER << UNIT | LOAD_PC << CLASS, host="several_words.load_to_pc", branch=INDIRECT_BRANCH
    ),
    _pair(load_pair, "ldrd", LOAD_PAIR),
    _pair(store_pair, "strd", STORE_PAIR),
]
PRELOADS: Final = [
    Instruction(
        preload_data,
        patterns=(
            a32("pld", "11110101Ux01nnnnooooiiiiiiiiiiii", "arm_transfer_forms.preload_immediate"),
            a32("pld", "11110111Ux01nnnnooooiiiiitt0mmmm", "arm_transfer_forms.preload_register"),
        ),
        roles=NOTHING,
    ),
    Instruction(preload_data, 1, roles=NOTHING),
]
# Encodings of which the form chooses a row, by the operands.
CHOOSING: Final = [*_arm(), *_wide()]
