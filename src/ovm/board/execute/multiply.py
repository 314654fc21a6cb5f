# SPDX-License-Identifier: Apache-2.0
"""Multiplication (ARM A5.2.5, A5.2.7, A5.4.4, A6.3.16, A6.3.17).

Rd, Rn and Rm are as the manual names them and Ra is the addend; the long forms have RdLo in `ra`, RdHi in `rd`.
`aux` picks halves, rounding and crossing; see each handler.
"""

from typing import Final

from ovm.board.execute.alu import SETS_FLAGS, set_result
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
