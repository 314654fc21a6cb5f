# SPDX-License-Identifier: Apache-2.0
"""Branches (ARM A8.8.18, A8.8.25 to A8.8.29, A8.8.237)."""

from ovm.board.exceptions import data_abort
from ovm.board.flow import after, goto, interwork, pc_of, switch_set
from ovm.board.memory import load_byte, load_half
from ovm.board.record import Record
from ovm.board.state import CPU
from ovm.metal import fn, u32


@fn(inline=True)
def branch(record: Record, at: u32, variant: u32) -> u32:
    """B: `imm` is the distance from this instruction."""
    return goto(pc_of(at) + record.imm)


@fn(inline=True)
def _holds(condition: u32) -> bool:
    if condition < 2:
        return CPU.zero == 0
    if condition < 4:
        return CPU.carry != 0
    if condition < 6:
        return CPU.negative >> 31 != 0
    if condition < 8:
        return CPU.overflow != 0
    if condition < 10:
        return CPU.carry != 0 and CPU.zero != 0
    if condition < 12:
        return CPU.negative >> 31 == CPU.overflow
    return CPU.negative >> 31 == CPU.overflow and CPU.zero != 0


@fn(inline=True)
def branch_if(record: Record, at: u32, variant: u32) -> u32:
    """B<c>: the condition is the variant."""
    if _holds(variant) != (variant & 1 != 0):
        return goto(pc_of(at) + record.imm)
    return after(record, at)


@fn(inline=True)
def branch_link(record: Record, at: u32, variant: u32) -> u32:
    """BL; `aux` is the size of the instruction."""
    pc = pc_of(at)
    CPU.r[14] = (pc + u32(record.aux)) | CPU.thumb
    return goto(pc + record.imm)


@fn(inline=True)
def branch_link_exchange(record: Record, at: u32, variant: u32) -> u32:
    """BLX to a label: always into the other set, from a word-aligned PC in T32."""
    pc = pc_of(at)
    CPU.r[14] = (pc + 4) | CPU.thumb
    target = (pc & 0xFFFF_FFFC) + record.imm
    return switch_set(target | (CPU.thumb ^ 1))


@fn(inline=True)
def branch_register(record: Record, at: u32, variant: u32) -> u32:
    """BX."""
    return interwork(CPU.r[record.rm])


@fn(inline=True)
def branch_link_register(record: Record, at: u32, variant: u32) -> u32:
    """BLX to a register; `aux` is the size of the instruction."""
    target = CPU.r[record.rm]
    CPU.r[14] = (pc_of(at) + u32(record.aux)) | CPU.thumb
    return interwork(target)


@fn(inline=True)
def compare_branch(record: Record, at: u32, variant: u32) -> u32:
    """CBZ (variant 0) and CBNZ (variant 1)."""
    if (CPU.r[record.rn] != 0) == (variant != 0):
        return goto(pc_of(at) + record.imm)
    return after(record, at)


@fn(inline=True)
def table_branch(record: Record, at: u32, variant: u32) -> u32:
    """TBB (variant 0) and TBH (variant 1)."""
    base = CPU.r[record.rn]
    index = CPU.r[record.rm]
    value = load_half(base + index * 2) if variant != 0 else load_byte(base + index)
    if value >> 32 != 0:
        return data_abort(at)
    return goto(pc_of(at) + 4 + u32(value) * 2)
