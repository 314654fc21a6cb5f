# SPDX-License-Identifier: Apache-2.0
"""Multiplication (ARM A5.2.5, A5.2.7, A5.4.4, A6.3.16, A6.3.17).

Rd, Rn and Rm are as the manual names them and Ra is the addend; the long forms have RdLo in `ra`, RdHi in `rd`.
`aux` picks halves, rounding and crossing; see each handler.
"""

from typing import Final

from ovm.board.execute.alu import SETS_FLAGS, set_result
from ovm.board.execute.roles import (
    DELAY,
    HALF_MULTIPLY,
    MULTIPLIED,
    MULTIPLIER,
    MULTIPLY_CYCLES,
    MULTIPLY_HALF_CYCLES,
    MULTIPLY_LONG_CYCLES,
    READ_A,
    READ_D,
    READ_M,
    READ_N,
    SHAPE,
    UNIT,
    WRITE_A,
    WRITE_D,
    WRITE_FLAGS,
)
from ovm.board.execute.row import Instruction, Pattern, a32, t32
from ovm.board.processor.flow import after
from ovm.board.record import Record
from ovm.board.state import CPU
from ovm.metal import fn, i32, i64, u32, u64

NO_ADDEND: Final = 16  # ra of a form without one
N_HIGH: Final = 1
M_HIGH: Final = 2
CROSSED: Final = 1  # of dual multiplications
ROUNDED: Final = 1  # of the most significant word

ACCUMULATE: Final = 1
SUBTRACT: Final = 2
SIGNED: Final = 4


@fn(inline=True)
def multiply(record: Record, at: u32, variant: u32) -> u32:
    """Execute MUL (variant 0), MLA (ACCUMULATE), MLS (SUBTRACT)."""
    result = CPU.r[record.rn] * CPU.r[record.rm]
    if variant & ACCUMULATE != 0:
        result += CPU.r[record.ra]
    if variant & SUBTRACT != 0:
        result = CPU.r[record.ra] - result
    CPU.r[record.rd] = result
    if variant & SETS_FLAGS != 0:
        set_result(result)
    return after(record, at)


@fn(inline=True)
def multiply_long(record: Record, at: u32, variant: u32) -> u32:
    """Execute UMULL, UMLAL, SMULL, SMLAL."""
    if variant & SIGNED != 0:
        product = u64(i64(i32(CPU.r[record.rn])) * i64(i32(CPU.r[record.rm])))
    else:
        product = u64(CPU.r[record.rn]) * u64(CPU.r[record.rm])
    if variant & ACCUMULATE != 0:
        product += _pair(record)
    _set_pair(record, product)
    if variant & SETS_FLAGS != 0:
        CPU.negative = u32(product >> 32)
        CPU.zero = u32(product >> 32) | u32(product)
    return after(record, at)


@fn(inline=True)
def multiply_accumulate_accumulate(record: Record, at: u32, variant: u32) -> u32:
    """Execute UMAAL."""
    product = u64(CPU.r[record.rn]) * u64(CPU.r[record.rm])
    _set_pair(record, product + u64(CPU.r[record.rd]) + u64(CPU.r[record.ra]))
    return after(record, at)


@fn(inline=True)
def _pair(record: Record) -> u64:
    return (u64(CPU.r[record.rd]) << 32) | u64(CPU.r[record.ra])


@fn(inline=True)
def _set_pair(record: Record, value: u64) -> None:
    CPU.r[record.ra] = u32(value)
    CPU.r[record.rd] = u32(value >> 32)


@fn(inline=True)
def _half(value: u32, high: bool) -> i64:
    if high:
        return i64(i32(value) >> 16)
    return i64(i32(value << 16) >> 16)


@fn(inline=True)
def _add_saturating_q(record: Record, product: i64) -> None:
    """Add Ra, set Q where the sum leaves 32 bits, and keep the low word."""
    total = product
    if record.ra != NO_ADDEND:
        total += i64(i32(CPU.r[record.ra]))
    if total != i64(i32(u32(u64(total)))):
        CPU.saturated = 1
    CPU.r[record.rd] = u32(u64(total))


@fn(inline=False)
def _dual(record: Record, subtract: bool) -> i64:
    aux = u32(record.aux)
    n = CPU.r[record.rn]
    m = CPU.r[record.rm]
    low = _half(n, False) * _half(m, aux & CROSSED != 0)
    high = _half(n, True) * _half(m, aux & CROSSED == 0)
    return low - high if subtract else low + high


@fn(inline=True)
def multiply_halves(record: Record, at: u32, variant: u32) -> u32:
    """Execute SMUL<x><y>, SMLA<x><y>: aux has N_HIGH and M_HIGH."""
    aux = u32(record.aux)
    _add_saturating_q(record, _half(CPU.r[record.rn], aux & N_HIGH != 0) * _half(CPU.r[record.rm], aux & M_HIGH != 0))
    return after(record, at)


@fn(inline=True)
def multiply_word_half(record: Record, at: u32, variant: u32) -> u32:
    """Execute SMULW<y>, SMLAW<y>."""
    product = i64(i32(CPU.r[record.rn])) * _half(CPU.r[record.rm], u32(record.aux) & M_HIGH != 0)
    _add_saturating_q(record, product >> 16)
    return after(record, at)


@fn(inline=True)
def multiply_dual(record: Record, at: u32, variant: u32) -> u32:
    """Execute SMUAD, SMLAD (variant 0), SMUSD, SMLSD (SUBTRACT); CROSSED in aux swaps the halves of Rm."""
    _add_saturating_q(record, _dual(record, variant & SUBTRACT != 0))
    return after(record, at)


@fn(inline=True)
def multiply_halves_long(record: Record, at: u32, variant: u32) -> u32:
    """Execute SMLAL<x><y>."""
    aux = u32(record.aux)
    product = _half(CPU.r[record.rn], aux & N_HIGH != 0) * _half(CPU.r[record.rm], aux & M_HIGH != 0)
    _set_pair(record, _pair(record) + u64(product))
    return after(record, at)


@fn(inline=True)
def multiply_dual_long(record: Record, at: u32, variant: u32) -> u32:
    """Execute SMLALD (variant 0), SMLSLD (SUBTRACT)."""
    _set_pair(record, _pair(record) + u64(_dual(record, variant & SUBTRACT != 0)))
    return after(record, at)


@fn(inline=True)
def multiply_high(record: Record, at: u32, variant: u32) -> u32:
    """Execute SMMUL, SMMLA (variant 0), SMMLS (SUBTRACT); aux has ROUNDED."""
    product = u64(i64(i32(CPU.r[record.rn])) * i64(i32(CPU.r[record.rm])))
    addend = u64(0)
    if record.ra != NO_ADDEND:
        addend = u64(CPU.r[record.ra]) << 32
    total = addend - product if variant & SUBTRACT != 0 else addend + product
    if u32(record.aux) & ROUNDED != 0:
        total += 0x8000_0000
    CPU.r[record.rd] = u32(total >> 32)
    return after(record, at)


_ROLES: Final = MULTIPLIER << UNIT | READ_N | READ_M | WRITE_D
_WORD: Final = _ROLES | MULTIPLIED << DELAY
_HALF: Final = _ROLES | HALF_MULTIPLY << SHAPE
_PAIR: Final = READ_A | READ_D | WRITE_A
# Forms of four registers. Their `extra`: 1 no Ra, 2 Ra may be none, 4 RdHi and RdLo; in T32 8: no halves, 16: halves of both.
_ARM: Final = "arm_forms.multiply_four"
_WIDE: Final = "wide_forms.multiply_four"


def _word(variant: int, *patterns: Pattern) -> Instruction:
    roles = _WORD | (READ_A if variant & (ACCUMULATE | SUBTRACT) else 0) | (WRITE_FLAGS if variant & SETS_FLAGS else 0)
    return Instruction(multiply, variant, patterns, roles=roles, cycles=MULTIPLY_CYCLES, host="multiply_media.multiply")


def _long(variant: int, name: str, arm: int, wide: str) -> list[Instruction]:
    """Return the rows of a long multiplication, without and with flags; T32 has only the first."""
    roles = _WORD | WRITE_A | (_PAIR if variant & ACCUMULATE else 0)
    rows = []
    for flags, suffix in ((0, ""), (1, "s")):
        patterns = [a32(name + suffix, f"cccc0000{arm:03b}{flags}ddddaaaammmm1001nnnn", _ARM, 4)]
        patterns += [t32(name, f"111110111{wide}nnnn aaaadddd0000mmmm", _WIDE, 4 | 8)] * (1 - flags)
        rows.append(
            Instruction(
                multiply_long,
                variant | flags * SETS_FLAGS,
                tuple(patterns),
                roles=roles | flags * WRITE_FLAGS,
                cycles=MULTIPLY_LONG_CYCLES,
                host="multiply_media.multiply_long",
            )
        )
    return rows


ROWS: Final = [
    _word(
        0,
        a32("mul", "cccc00000000ddddzzzzmmmm1001nnnn", _ARM, 1),
        t32("mul", "111110110000nnnn 1111dddd0000mmmm", _WIDE, 1 | 8),
        # With flags outside IT blocks, by the row that follows.
        t32("muls", "0100001101mmmddd", "narrow_forms.low_registers", 1024),
    ),
    _word(SETS_FLAGS, a32("muls", "cccc00000001ddddzzzzmmmm1001nnnn", _ARM, 1)),
    _word(
        ACCUMULATE,
        a32("mla", "cccc00000010ddddaaaammmm1001nnnn", _ARM),
        t32("mla", "111110110000nnnn aaaadddd0000mmmm", _WIDE, 8),
    ),
    _word(ACCUMULATE | SETS_FLAGS, a32("mlas", "cccc00000011ddddaaaammmm1001nnnn", _ARM)),
    _word(
        SUBTRACT,
        a32("mls", "cccc00000110ddddaaaammmm1001nnnn", _ARM),
        t32("mls", "111110110000nnnn aaaadddd0001mmmm", _WIDE, 8),
    ),
    *_long(0, "umull", 4, "010"),
    *_long(ACCUMULATE, "umlal", 5, "110"),
    *_long(SIGNED, "smull", 6, "000"),
    *_long(SIGNED | ACCUMULATE, "smlal", 7, "100"),
    Instruction(
        multiply_accumulate_accumulate,
        patterns=(
            a32("umaal", "cccc00000100ddddaaaammmm1001nnnn", _ARM, 4),
            t32("umaal", "111110111110nnnn aaaadddd0110mmmm", _WIDE, 4 | 8),
        ),
        roles=_WORD | _PAIR,
        cycles=MULTIPLY_LONG_CYCLES,
    ),
    Instruction(
        multiply_halves,
        patterns=(
            a32("smlaxy", "cccc00010000ddddaaaammmm1yx0nnnn", _ARM),
            a32("smulxy", "cccc00010110ddddzzzzmmmm1yx0nnnn", _ARM, 1),
            t32("smlaxy", "111110110001nnnn aaaadddd00nmmmmm", _WIDE, 2 | 16),
        ),
        roles=_HALF | READ_A,
        cycles=MULTIPLY_HALF_CYCLES,
        host="multiply_media.multiply_halves",
    ),
    Instruction(
        multiply_word_half,
        patterns=(
            a32("smlawy", "cccc00010010ddddaaaammmm1y00nnnn", _ARM),
            a32("smulwy", "cccc00010010ddddzzzzmmmm1y10nnnn", _ARM, 1),
            t32("smlaw", "111110110011nnnn aaaadddd000mmmmm", _WIDE, 2),
        ),
        roles=_HALF | READ_A,
        cycles=MULTIPLY_HALF_CYCLES,
    ),
    Instruction(
        multiply_dual,
        patterns=(
            a32("smlad", "cccc01110000ddddaaaammmm00x1nnnn", _ARM, 2),
            t32("smlad", "111110110010nnnn aaaadddd000xmmmm", _WIDE, 2),
        ),
        roles=_HALF | READ_A,
        cycles=MULTIPLY_HALF_CYCLES,
    ),
    Instruction(
        multiply_dual,
        SUBTRACT,
        patterns=(
            a32("smlsd", "cccc01110000ddddaaaammmm01x1nnnn", _ARM, 2),
            t32("smlsd", "111110110100nnnn aaaadddd000xmmmm", _WIDE, 2),
        ),
        roles=_HALF | READ_A,
        cycles=MULTIPLY_HALF_CYCLES,
    ),
    Instruction(
        multiply_halves_long,
        patterns=(
            a32("smlalxy", "cccc00010100ddddaaaammmm1yx0nnnn", _ARM, 4),
            t32("smlalxy", "111110111100nnnn aaaadddd10nmmmmm", _WIDE, 4 | 16),
        ),
        roles=_HALF | _PAIR,
    ),
    Instruction(
        multiply_dual_long,
        patterns=(
            a32("smlald", "cccc01110100ddddaaaammmm00x1nnnn", _ARM, 4),
            t32("smlald", "111110111100nnnn aaaadddd110xmmmm", _WIDE, 4),
        ),
        roles=_HALF | _PAIR,
        cycles=MULTIPLY_LONG_CYCLES,
    ),
    Instruction(
        multiply_dual_long,
        SUBTRACT,
        patterns=(
            a32("smlsld", "cccc01110100ddddaaaammmm01x1nnnn", _ARM, 4),
            t32("smlsld", "111110111101nnnn aaaadddd110xmmmm", _WIDE, 4),
        ),
        roles=_HALF | _PAIR,
        cycles=MULTIPLY_LONG_CYCLES,
    ),
    Instruction(
        multiply_high,
        patterns=(
            a32("smmla", "cccc01110101ddddaaaammmm00x1nnnn", _ARM, 2),
            t32("smmla", "111110110101nnnn aaaadddd000rmmmm", _WIDE, 2),
        ),
        roles=_WORD | READ_A,
        cycles=MULTIPLY_CYCLES,
    ),
    Instruction(
        multiply_high,
        SUBTRACT,
        patterns=(
            a32("smmls", "cccc01110101ddddaaaammmm11x1nnnn", _ARM),
            t32("smmls", "111110110110nnnn aaaadddd000rmmmm", _WIDE),
        ),
        roles=_WORD | READ_A,
        cycles=MULTIPLY_CYCLES,
    ),
]
