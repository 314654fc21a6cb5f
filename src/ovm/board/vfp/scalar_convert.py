# SPDX-License-Identifier: Apache-2.0
"""VFP comparisons and conversions (ARM A7.5), and VMOV and VDUP between core and extension registers (A7.8)."""

from ovm.board.record import Record
from ovm.board.state import CPU
from ovm.board.vfp.compare import compare
from ovm.board.vfp.convert import (
    double_to_single,
    from_integer,
    half_to_single,
    single_to_double,
    single_to_half,
    to_integer,
)
from ovm.board.vfp.number import DOUBLE, SINGLE
from ovm.board.vfp.state import FPSCR_ROUNDING, ROUND_ZERO, Floating, get_double, set_double
from ovm.metal import fn, u32, u64


@fn(inline=False)
def compare_s(record: Record, state: Floating) -> None:
    """Execute VCMP, VCMPE .F32; bit 16: with zero, bit 7: VCMPE."""
    right = u64(0) if record.imm & (1 << 16) != 0 else u64(state.words[record.rm])
    flags = compare(SINGLE, u64(state.words[record.rd]), right, record.imm & 0x80 != 0, state.fpscr)
    state.fpscr = (state.fpscr & 0x0FFF_FFFF) | flags


@fn(inline=False)
def compare_d(record: Record, state: Floating) -> None:
    """Execute VCMP, VCMPE .F64."""
    right = u64(0) if record.imm & (1 << 16) != 0 else get_double(state, u32(record.rm))
    flags = compare(DOUBLE, get_double(state, u32(record.rd)), right, record.imm & 0x80 != 0, state.fpscr)
    state.fpscr = (state.fpscr & 0x0FFF_FFFF) | flags


@fn(inline=False)
def widen(record: Record, state: Floating) -> None:
    """Execute VCVT.F64.F32."""
    set_double(state, u32(record.rd), single_to_double(state.words[record.rm], state.fpscr))


@fn(inline=False)
def narrow(record: Record, state: Floating) -> None:
    """Execute VCVT.F32.F64."""
    state.words[record.rd] = double_to_single(get_double(state, u32(record.rm)), state.fpscr)


@fn(inline=False)
def from_half(record: Record, state: Floating) -> None:
    """Execute VCVTB, VCVTT .F32.F16; bit 7: of the upper half."""
    half = state.words[record.rm] >> (16 if record.imm & 0x80 != 0 else 0)
    state.words[record.rd] = half_to_single(half & 0xFFFF, state.fpscr)


@fn(inline=False)
def to_half(record: Record, state: Floating) -> None:
    """Execute VCVTB, VCVTT .F16.F32: the other half stays."""
    half = single_to_half(state.words[record.rm], state.fpscr)
    kept = state.words[record.rd]
    state.words[record.rd] = (kept & 0xFFFF) | (half << 16) if record.imm & 0x80 != 0 else (kept & 0xFFFF_0000) | half


@fn(inline=False)
def integer_to_s(record: Record, state: Floating) -> None:
    """Execute VCVT.F32 of a 32-bit integer; bit 7: signed."""
    value = state.words[record.rm]
    state.words[record.rd] = u32(from_integer(SINGLE, value, record.imm & 0x80 != 0, 0, state.fpscr))


@fn(inline=False)
def integer_to_d(record: Record, state: Floating) -> None:
    """Execute VCVT.F64 of a 32-bit integer."""
    value = state.words[record.rm]
    set_double(state, u32(record.rd), from_integer(DOUBLE, value, record.imm & 0x80 != 0, 0, state.fpscr))


@fn(inline=True)
def _rounding(record: Record, state: Floating) -> u32:
    """Return the control word of VCVT (towards zero) or VCVTR (as FPSCR says)."""
    return state.fpscr | ROUND_ZERO if record.imm & 0x80 != 0 else state.fpscr


@fn(inline=False)
def s_to_integer(record: Record, state: Floating) -> None:
    """Execute VCVT, VCVTR of F32 to a 32-bit integer; bit 16: signed."""
    number = u64(state.words[record.rm])
    signed = record.imm & (1 << 16) != 0
    state.words[record.rd] = to_integer(SINGLE, number, signed, 32, 0, _rounding(record, state))


@fn(inline=False)
def d_to_integer(record: Record, state: Floating) -> None:
    """Execute VCVT, VCVTR of F64 to a 32-bit integer."""
    number = get_double(state, u32(record.rm))
    signed = record.imm & (1 << 16) != 0
    state.words[record.rd] = to_integer(DOUBLE, number, signed, 32, 0, _rounding(record, state))


@fn
def _width(record: Record) -> u32:
    return 32 if record.imm & 0x80 != 0 else 16


@fn
def _fraction_bits(record: Record) -> u32:
    return _width(record) - (((record.imm & 0xF) << 1) | ((record.imm >> 5) & 1))


@fn
def _extended(record: Record, value: u32) -> u32:
    if record.imm & 0x80 != 0:
        return value
    half = value & 0xFFFF
    return half if record.imm & (1 << 16) != 0 else (half ^ 0x8000) - 0x8000


@fn
def _from_fixed(record: Record, state: Floating, kind: u32, value: u32) -> u64:
    """Convert to nearest, whatever FPSCR says."""
    signed = record.imm & (1 << 16) == 0
    control = state.fpscr & ~FPSCR_ROUNDING
    return from_integer(kind, _extended(record, value), signed, _fraction_bits(record), control)


@fn
def _to_fixed(record: Record, state: Floating, kind: u32, number: u64) -> u32:
    signed = record.imm & (1 << 16) == 0
    return to_integer(kind, number, signed, _width(record), _fraction_bits(record), state.fpscr | ROUND_ZERO)


@fn(inline=False)
def fixed_s(record: Record, state: Floating) -> None:
    """Execute VCVT between F32 and fixed point, in place; bit 18: to fixed point, bit 16: unsigned, bit 7: 32 bits."""
    if record.imm & (1 << 18) != 0:
        state.words[record.rd] = _to_fixed(record, state, SINGLE, u64(state.words[record.rd]))
    else:
        state.words[record.rd] = u32(_from_fixed(record, state, SINGLE, state.words[record.rd]))


@fn(inline=False)
def fixed_d(record: Record, state: Floating) -> None:
    """Execute VCVT between F64 and fixed point, whose 64 bits extend it."""
    number = get_double(state, u32(record.rd))
    if record.imm & (1 << 18) != 0:
        fixed = u64(_to_fixed(record, state, DOUBLE, number))
        if record.imm & (1 << 16) == 0 and fixed >> 31 != 0:
            fixed |= 0xFFFF_FFFF_0000_0000
        set_double(state, u32(record.rd), fixed)
    else:
        set_double(state, u32(record.rd), _from_fixed(record, state, DOUBLE, u32(number)))


@fn(inline=False)
def core_to_s(record: Record, state: Floating) -> None:
    """Execute VMOV of a core register to S."""
    state.words[record.rd] = CPU.r[record.rn]


@fn(inline=False)
def s_to_core(record: Record, state: Floating) -> None:
    """Execute VMOV of S to a core register."""
    CPU.r[record.rn] = state.words[record.rd]


@fn(inline=False)
def cores_to_words(record: Record, state: Floating) -> None:
    """Execute VMOV of two core registers to D or to two S: words `ra` and the next."""
    state.words[record.ra] = CPU.r[record.rn]
    state.words[record.ra + 1] = CPU.r[record.rm]


@fn(inline=False)
def words_to_cores(record: Record, state: Floating) -> None:
    """Execute VMOV of D or of two S to two core registers."""
    CPU.r[record.rn] = state.words[record.ra]
    CPU.r[record.rm] = state.words[record.ra + 1]


@fn
def _lane(record: Record) -> u32:
    """Return shift << 8 | width of the scalar that opc1 and opc2 name (ARM A8.8.341)."""
    choice = ((record.imm >> 19) & 0xC) | ((record.imm >> 5) & 3)
    if choice & 8 != 0:
        return ((choice & 7) << 11) | 8
    if choice & 1 != 0:
        return (((choice >> 1) & 3) << 12) | 16
    return (((choice >> 2) & 1) << 13) | 32


@fn(inline=False)
def core_to_scalar(record: Record, state: Floating) -> None:
    """Execute VMOV of a core register to a lane of D."""
    lane = _lane(record)
    mask = ((u64(1) << (lane & 0xFF)) - 1) << (lane >> 8)
    value = (u64(CPU.r[record.rn]) << (lane >> 8)) & mask
    set_double(state, u32(record.rd), (get_double(state, u32(record.rd)) & ~mask) | value)


@fn(inline=False)
def scalar_to_core(record: Record, state: Floating) -> None:
    """Execute VMOV of a lane of D to a core register; bit 23: zero-extended."""
    lane = _lane(record)
    width = lane & 0xFF
    value = u32((get_double(state, u32(record.rd)) >> (lane >> 8)) & ((u64(1) << width) - 1))
    if record.imm & (1 << 23) == 0 and width != 32:
        middle = 1 << (width - 1)
        value = (value ^ middle) - middle
    CPU.r[record.rn] = value


@fn(inline=False)
def duplicate_core(record: Record, state: Floating) -> None:
    """Execute VDUP of a core register: bit 22 bytes, bit 5 halfwords; bit 21: Q."""
    value = u64(CPU.r[record.rn])
    if record.imm & (1 << 22) != 0:
        value = (value & 0xFF) * 0x0101_0101_0101_0101
    elif record.imm & (1 << 5) != 0:
        value = (value & 0xFFFF) * 0x0001_0001_0001_0001
    else:
        value |= value << 32
    set_double(state, u32(record.rd), value)
    if record.imm & (1 << 21) != 0:
        set_double(state, u32(record.rd) + 1, value)
