# SPDX-License-Identifier: Apache-2.0
"""Parallel addition and subtraction (ARM A5.4.1, A5.4.2, A6.3.13, A6.3.14).

`imm` is operation | kind << 4; operations and kinds have the numbers of the A32 encoding, op2 and op1.
"""

from typing import Final

from ovm.board.execute.roles import ALU, IN_PARALLEL, READ_M, READ_N, SHAPE, UNIT, WRITE_D, WRITE_FLAGS
from ovm.board.execute.row import Instruction, Pattern, a32, t32
from ovm.board.processor.flow import after
from ovm.board.record import Record
from ovm.board.sizes import WORD_BYTES
from ovm.board.state import CPU
from ovm.metal import fn, i32, u32

ADD16: Final = 0
ASX: Final = 1
SAX: Final = 2
SUB16: Final = 3
ADD8: Final = 4
SUB8: Final = 7
PLAIN: Final = 1
SATURATING: Final = 2
HALVING: Final = 3
UNSIGNED: Final = 4


@fn
def _lane(value: u32, index: u32, bits: u32, unsigned: bool) -> i32:
    part = (value >> (index * bits)) << (32 - bits)
    return i32(part >> (32 - bits)) if unsigned else i32(part) >> (32 - bits)


@fn
def _clamp(value: i32, bits: u32, unsigned: bool) -> i32:
    top = (i32(1) << bits) - 1 if unsigned else (i32(1) << (bits - 1)) - 1
    low = i32(0) if unsigned else -top - 1
    return max(low, min(top, value))


@fn
def _greater_equal(value: i32, bits: u32, unsigned: bool, subtract: bool) -> bool:
    if unsigned and not subtract:
        return value >= i32(1) << bits
    return value >= 0


@fn(inline=False)
def _parallel(n: u32, m: u32, operation: u32, kind: u32) -> u32:
    unsigned = kind & UNSIGNED != 0
    bits = u32(8 if operation >= ADD8 else 16)
    lanes = u32(4 if operation >= ADD8 else 2)
    exchange = operation == ASX or operation == SAX
    ge = u32(0)
    result = u32(0)
    for index in u32.range(lanes, bound=WORD_BYTES):
        subtract = operation == SUB16 or operation == SUB8 or (operation == ASX and index == 0)
        subtract = subtract or (operation == SAX and index == 1)
        right = _lane(m, index ^ 1 if exchange else index, bits, unsigned)
        left = _lane(n, index, bits, unsigned)
        value = left - right if subtract else left + right
        if _greater_equal(value, bits, unsigned, subtract):
            ge |= (1 if bits == 8 else 3) << (index if bits == 8 else index * 2)
        if kind & 3 == SATURATING:
            value = _clamp(value, bits, unsigned)
        elif kind & 3 == HALVING:
            value = value >> 1
        result |= ((u32(value) << (32 - bits)) >> (32 - bits)) << (index * bits)
    if kind & 3 == PLAIN:
        CPU.greater_equal = ge
    return result


@fn(inline=True)
def parallel(record: Record, at: u32, variant: u32) -> u32:
    """Execute SADD16 and its 35 relatives."""
    CPU.r[record.rd] = _parallel(CPU.r[record.rn], CPU.r[record.rm], record.imm & 15, record.imm >> 4)
    return after(record, at)


# By name: op1 of A32, and the last bits of T32; op2 of A32, and the first bits of T32.
_KINDS: Final = {"s": (1, "000"), "q": (2, "001"), "sh": (3, "010"), "u": (5, "100"), "uq": (6, "101"), "uh": (7, "110")}
_OPERATIONS: Final = {
    "add16": (ADD16, "001"),
    "asx": (ASX, "010"),
    "sax": (SAX, "110"),
    "sub16": (SUB16, "101"),
    "add8": (ADD8, "000"),
    "sub8": (SUB8, "100"),
}


def _patterns() -> list[Pattern]:
    patterns = []
    for prefix, (kind, last) in _KINDS.items():
        for name, (operation, first) in _OPERATIONS.items():
            extra = operation | kind << 4
            patterns += [
                a32(prefix + name, f"cccc01100{kind:03b}nnnnddddoooo{operation:03b}1mmmm", "arm_forms.three", extra),
                t32(prefix + name, f"111110101{first}nnnn 1111dddd0{last}mmmm", "wide_forms.three", extra),
            ]
    return patterns


_ROLES: Final = ALU << UNIT | READ_N | READ_M | WRITE_D | WRITE_FLAGS | IN_PARALLEL << SHAPE
ROWS: Final = [Instruction(parallel, patterns=tuple(_patterns()), roles=_ROLES)]
