# SPDX-License-Identifier: Apache-2.0
"""The rows of data processing (`data.py`): operations in forms, with and without flags."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ovm.board.execute.alu import (
    ADC,
    ADD,
    AND,
    BIC,
    CMN,
    CMP,
    EOR,
    MOV,
    MVN,
    OPERATION,
    ORN,
    ORR,
    RSB,
    RSC,
    SBC,
    SETS_FLAGS,
    SUB,
    TST,
)
from ovm.board.execute.data import (
    COMPARES,
    FLAGGED,
    PLAIN,
    data_by_register,
    data_immediate,
    data_register,
    data_return,
    data_shifted,
    data_shifted_flags,
    data_to_pc,
    move_wide,
)
from ovm.board.execute.roles import (
    ALU,
    DELAY,
    ENDS,
    FORWARDS,
    MAY_BE_RRX,
    READ_A,
    READ_D,
    READ_FLAGS,
    READ_M,
    READ_N,
    SHIFTED,
    SHIFTED_MORE,
    UNIT,
    WRITE_D,
    WRITE_FLAGS,
)
from ovm.board.execute.row import INDIRECT_BRANCH, Instruction, Pattern, a32, t32

_NAMES: Final = ("and", "eor", "sub", "rsb", "add", "adc", "sbc", "rsc", "tst", "teq", "cmp", "cmn", "orr", "mov", "bic", "mvn")
_WIDE_NAMES: Final = (
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
_MOVW: Final = (
    a32("movw", "cccc00110000iiiiddddiiiiiiiiiiii", "arm_forms.wide_immediate"),
    t32("movw", "11110i100100iiii 0iiiddddiiiiiiii", "wide_forms.wide_immediate"),
)


def _roles(function: Callable[..., Any], variant: int) -> int:
    """Return the roles of data processing: B.2 has one cycle, two with a shift by a constant, three by a register.

    MOV one less.
    """
    operation = variant & OPERATION
    roles = ALU << UNIT
    roles |= 0 if operation in (MOV, MVN) else READ_N
    roles |= 0 if operation in COMPARES else WRITE_D
    roles |= WRITE_FLAGS if variant & SETS_FLAGS else 0
    roles |= READ_FLAGS if operation in (ADC, SBC, RSC) else 0
    roles |= 0 if function is data_immediate else READ_M
    if function is data_shifted or function is data_shifted_flags:
        return roles | (0 if operation == MOV else SHIFTED << DELAY) | MAY_BE_RRX * (function is data_shifted_flags)
    if function is data_by_register:
        return roles | READ_A | (SHIFTED if operation == MOV else SHIFTED_MORE) << DELAY
    return roles | FORWARDS


def _rows(function: Callable[..., Any], *variants: int) -> list[Instruction]:
    host = f"data.{function.__name__}"
    return [
        Instruction(
            function,
            variant,
            _MOVW if function is data_immediate and variant == MOV else (),
            roles=_roles(function, variant),
            host=host,
        )
        for variant in variants
    ]


def _arm() -> list[Pattern]:
    """Return AND to MVN in three forms; compares only with S, MOV and MVN without Rn (ARM A5.2.1 to A5.2.3)."""
    patterns = []
    for start, operand, form in (
        ("cccc001", "iiiiiiiiiiii", "arm_forms.data_immediate"),
        ("cccc000", "iiiiitt0mmmm", "arm_forms.data_shifted"),
        ("cccc000", "ssss0tt1mmmm", "arm_forms.data_by_register"),
    ):
        for number, name in enumerate(_NAMES):
            compare = number in COMPARES
            n = "zzzz" if number in (MOV, MVN) else "nnnn"
            d = "zzzz" if compare else "dddd"
            for flags in (1,) if compare else (0, 1):
                bits = f"{start}{number:04b}{flags}{n}{d}{operand}"
                patterns.append(a32(name + "s" * (flags and not compare), bits, form, number | flags * SETS_FLAGS))
    return patterns


def _wide() -> list[Pattern]:
    """Return the patterns of ARM A6.3.1, A6.3.3, A6.3.11."""
    patterns = []
    for code, name, operation in _WIDE_NAMES:
        patterns += [
            t32(name, f"1110101{code:04b}Snnnn ziiiddddiittmmmm", "wide_forms.data_shifted", operation),
            t32(name, f"11110i0{code:04b}Snnnn 0iiiddddiiiiiiii", "wide_forms.data_immediate", operation),
        ]
    return [
        *patterns,
        t32("addw", "11110i100000nnnn 0iiiddddiiiiiiii", "wide_forms.plain_immediate", ADD),
        t32("subw", "11110i101010nnnn 0iiiddddiiiiiiii", "wide_forms.plain_immediate", SUB),
        t32("shift", "111110100ttSnnnn 1111dddd0000mmmm", "wide_forms.shift_by_register"),
        t32("subs", "111100111101oooz 10z0ooooiiiiiiii", "wide_forms.return_from"),
    ]


def _narrow() -> list[Pattern]:
    """Return the patterns of ARM A6.2.1, A6.2.2, A6.2.3; MULS, in the middle of them, is in `multiply.py`."""
    low = (AND, EOR, 256, 257, 258, ADC, SBC, 259, TST, 512, CMP, CMN, ORR, None, BIC, MVN)
    names = ["ands", "eors", "lsls", "lsrs", "asrs", "adcs", "sbcs", "rors"]
    names += ["tst", "rsbs", "cmp", "cmn", "orrs", "", "bics", "mvns"]
    three = enumerate((("adds", ADD), ("subs", SUB), ("adds", ADD | 256), ("subs", SUB | 256)))
    eight = enumerate((("movs", MOV), ("cmp", CMP), ("adds", ADD), ("subs", SUB)))
    high = enumerate((("add", ADD), ("cmp", CMP), ("mov", MOV)))
    two = [
        t32(name, f"010000{code:04b}mmmddd", "narrow_forms.low_registers", extra)
        for code, (name, extra) in enumerate(zip(names, low, strict=True))
        if extra is not None
    ]
    return [
        *[t32(name, f"000{code:02b}iiiiimmmddd", "narrow_forms.shift_immediate", code) for code, name in enumerate(names[2:5])],
        *[t32(name, f"00011{code:02b}mmmnnnddd", "narrow_forms.add_three", extra) for code, (name, extra) in three],
        *[t32(name, f"001{code:02b}dddiiiiiiii", "narrow_forms.immediate_eight", extra) for code, (name, extra) in eight],
        *two,
        *[t32(name, f"010001{code:02b}dmmmmddd", "narrow_forms.high_registers", extra) for code, (name, extra) in high],
        t32("adr", "10100dddiiiiiiii", "narrow_forms.address_of", 15),
        t32("add", "10101dddiiiiiiii", "narrow_forms.address_of", 13),
        t32("add", "101100000iiiiiii", "narrow_forms.adjust_stack", ADD),
        t32("sub", "101100001iiiiiii", "narrow_forms.adjust_stack", SUB),
    ]


ROWS: Final = [
    *_rows(data_immediate, *PLAIN, *FLAGGED),
    *_rows(data_register, *PLAIN, *FLAGGED),
    *_rows(data_shifted, *[operation | kind << 8 for kind in range(4) for operation in PLAIN]),
    *_rows(data_shifted_flags, *PLAIN, *FLAGGED),
    *_rows(data_by_register, *PLAIN, *FLAGGED),
    Instruction(data_to_pc, roles=ENDS, branch=INDIRECT_BRANCH),
    Instruction(data_return),
    Instruction(
        move_wide,
        patterns=(
            a32("movt", "cccc00110100iiiiddddiiiiiiiiiiii", "arm_forms.wide_immediate", 1),
            t32("movt", "11110i101100iiii 0iiiddddiiiiiiii", "wide_forms.wide_immediate", 1),
        ),
        roles=ALU << UNIT | READ_D | WRITE_D,
        host="data.move_wide",
    ),
]
# Encodings of which the form chooses a row, by the operands.
CHOOSING: Final = [*_arm(), *_wide(), *_narrow()]
