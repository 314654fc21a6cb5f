# SPDX-License-Identifier: Apache-2.0
"""The conversion of operands to records, for forms that A32 and T32 share once their fields are known."""

from typing import Final

from ovm.board.decode.pattern import GOOD, UNPREDICTABLE
from ovm.board.execute import data
from ovm.board.execute.alu import CMN, MOV, MVN, OPERATION, SETS_FLAGS, TST
from ovm.board.execute.table import HANDLERS, number_of
from ovm.board.record import CARE_PC, Record
from ovm.metal import fn, rotate_right, table, u8, u16, u32

_VARIANTS: Final = 64


def _by_variant(function: object, limit: int = _VARIANTS) -> list[int]:
    numbers = {each.variant: each.number for each in HANDLERS if each.function is function}
    return [numbers.get(variant, 0) for variant in range(limit)]


IMMEDIATE = table(u16, _by_variant(data.data_immediate))
REGISTER = table(u16, _by_variant(data.data_register))
SHIFTED = table(u16, _by_variant(data.data_shifted, 1024))
SHIFTED_FLAGS = table(u16, _by_variant(data.data_shifted_flags))
BY_REGISTER = table(u16, _by_variant(data.data_by_register))
TO_PC: Final = u16(number_of(data.data_to_pc))
RETURN: Final = u16(number_of(data.data_return))


@fn(inline=True)
def bits(word: u32, low: u32, count: u32) -> u32:
    """Return a field of the instruction."""
    return (word >> low) & ((1 << count) - 1)


@fn
def registers(record: Record, d: u32, n: u32, m: u32) -> None:
    """Set Rd, Rn and Rm; reading r15 needs care."""
    record.rd = u8(d)
    record.rn = u8(n)
    record.rm = u8(m)
    if n == 15 or m == 15:
        record.condition |= CARE_PC


@fn
def needs_pc(record: Record) -> None:
    """Have r15 set before the instruction."""
    record.condition |= CARE_PC


@fn
def is_compare(operation: u32) -> bool:
    """Tell whether an operation has no destination."""
    return operation >= TST and operation <= CMN


@fn
def ignores_n(operation: u32) -> bool:
    """Tell whether an operation has no first operand."""
    return operation == MOV or operation == MVN


@fn
def set_immediate(record: Record, variant: u32, d: u32, n: u32, value: u32, carry: u32) -> u32:
    """Decode data processing with an expanded immediate; carry 2 means kept."""
    first = u32(0) if ignores_n(variant & OPERATION) else n
    registers(record, d, first, 0)
    record.imm = value
    record.aux = u16(carry)
    record.handler = IMMEDIATE[variant]
    if d == 15 and not is_compare(variant & OPERATION):
        record.ra = 16
        _to_pc(record, variant)
    return GOOD


@fn
def _to_pc(record: Record, variant: u32) -> None:
    record.rd = u8(variant & OPERATION)
    record.handler = TO_PC if variant & SETS_FLAGS == 0 else RETURN


@fn
def set_shifted(record: Record, variant: u32, d: u32, n: u32, m: u32, kind: u32, amount: u32) -> u32:
    """Decode data processing with Rm shifted by an immediate, given as encoded (ARM A8.4.3, DecodeImmShift)."""
    first = u32(0) if ignores_n(variant & OPERATION) else n
    registers(record, d, first, m)
    real = shift_of(kind, amount)
    record.aux = u16(real)
    if d == 15 and not is_compare(variant & OPERATION):
        _to_pc(record, variant)
    elif real == 0:
        record.handler = REGISTER[variant]
    elif variant & SETS_FLAGS != 0 or real >> 8 == data.RRX:
        record.handler = SHIFTED_FLAGS[variant]
    else:
        record.handler = SHIFTED[(variant & OPERATION) | ((real >> 8) << 8)]
    return GOOD


@fn
def shift_of(kind: u32, amount: u32) -> u32:
    """Return kind << 8 | amount, 0 for none; LSR and ASR by 0 mean 32, ROR by 0 means RRX."""
    if amount != 0:
        return (kind << 8) | amount
    if kind == 0:
        return 0
    if kind == 3:
        return data.RRX << 8
    return (kind << 8) | 32


@fn
def set_by_register(record: Record, variant: u32, d: u32, n: u32, m: u32, s: u32, kind: u32) -> u32:
    """Decode data processing with Rm shifted by Rs; r15 anywhere is UNPREDICTABLE."""
    first = u32(0) if ignores_n(variant & OPERATION) else n
    last = u32(0) if is_compare(variant & OPERATION) else d
    if last == 15 or first == 15 or m == 15 or s == 15:
        return UNPREDICTABLE
    registers(record, last, first, m)
    record.ra = u8(s)
    record.aux = u16(kind)
    record.handler = BY_REGISTER[variant]
    return GOOD


@fn
def expand_arm(immediate: u32) -> u32:
    """Return the value of an A32 modified immediate (ARM A5.2.4)."""
    return rotate_right(immediate & 0xFF, (immediate >> 8) * 2)


@fn
def expand_arm_carry(immediate: u32) -> u32:
    """Return its carry out; 2 when the rotation is 0."""
    return data.CARRY_KEPT if immediate >> 8 == 0 else expand_arm(immediate) >> 31
