# SPDX-License-Identifier: Apache-2.0
"""Branches (ARM A8.8.18, A8.8.25 to A8.8.29, A8.8.237).

A branch whose target lies in its own page has the variant NEAR: `imm` is then the distance in bytes of records. Where the
direction or the target is predicted, `predict` is called before the page in progress changes.
"""

from typing import Final

from ovm.board.access.memory import load_byte, load_half
from ovm.board.execute.predict import direct, indirect, not_taken, push_return, returned, taken
from ovm.board.execute.roles import DIRECT, ENDS, ENDS_BACKWARDS, NOTHING, WRITE_LINK
from ovm.board.execute.row import DIRECT_BRANCH, INDIRECT_BRANCH, Instruction, a32, each, t32
from ovm.board.processor.exceptions import data_abort
from ovm.board.processor.flow import after, goto, interwork, pc_of, switch_set
from ovm.board.record import Record
from ovm.board.state import CPU
from ovm.metal import fn, u32

NEAR: Final = 16
LINK: Final = 14


@fn(inline=True)
def branch(record: Record, at: u32, variant: u32) -> u32:
    """Execute B: `imm` is the distance from this instruction."""
    direct(record, at)
    return at + record.imm if variant & NEAR != 0 else goto(pc_of(at) + record.imm)


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
    """Execute B<c>: the condition is the variant."""
    if _holds(variant & 15) != (variant & 1 != 0):
        taken(record)
        return at + record.imm if variant & NEAR != 0 else goto(pc_of(at) + record.imm)
    not_taken(record)
    return after(record, at)


@fn(inline=True)
def branch_link(record: Record, at: u32, variant: u32) -> u32:
    """Execute BL; `aux` is the size of the instruction."""
    pc = pc_of(at)
    CPU.r[LINK] = (pc + u32(record.aux)) | CPU.thumb
    direct(record, at)
    push_return(CPU.r[LINK])
    return at + record.imm if variant & NEAR != 0 else goto(pc + record.imm)


@fn(inline=True)
def branch_link_exchange(record: Record, at: u32, variant: u32) -> u32:
    """Execute BLX to a label: always into the other set, from a word-aligned PC in T32."""
    pc = pc_of(at)
    CPU.r[LINK] = (pc + 4) | CPU.thumb
    direct(record, at)
    push_return(CPU.r[LINK])
    target = (pc & 0xFFFF_FFFC) + record.imm
    return switch_set(target | (CPU.thumb ^ 1))


@fn(inline=True)
def branch_register(record: Record, at: u32, variant: u32) -> u32:
    """Execute BX; of r14 it is a return (A9 TRM 7.3.2)."""
    target = CPU.r[record.rm]
    if record.rm == LINK:
        returned(record, at, target)
    else:
        indirect(record, at, target)
    return interwork(target)


@fn(inline=True)
def branch_link_register(record: Record, at: u32, variant: u32) -> u32:
    """Execute BLX to a register; `aux` is the size of the instruction."""
    target = CPU.r[record.rm]
    pc = pc_of(at)
    CPU.r[LINK] = (pc + u32(record.aux)) | CPU.thumb
    indirect(record, at, target)
    push_return(CPU.r[LINK])
    return interwork(target)


@fn(inline=True)
def compare_branch(record: Record, at: u32, variant: u32) -> u32:
    """Execute CBZ (variant 0) and CBNZ (variant 1)."""
    if (CPU.r[record.rn] != 0) == (variant & 1 != 0):
        taken(record)
        return at + record.imm if variant & NEAR != 0 else goto(pc_of(at) + record.imm)
    not_taken(record)
    return after(record, at)


@fn(inline=True)
def table_branch(record: Record, at: u32, variant: u32) -> u32:
    """Execute TBB (variant 0) and TBH (variant 1)."""
    base = CPU.r[record.rn]
    index = CPU.r[record.rm]
    value = load_half(base + index * 2) if variant != 0 else load_byte(base + index)
    if value >> 32 != 0:
        return data_abort(at)
    target = pc_of(at) + 4 + u32(value) * 2
    indirect(record, at, target | 1)
    return goto(target)


def _if(first: int) -> list[Instruction]:
    """Return the rows of B<c>, by condition; the one before them is B, which their numbers follow."""
    host = "branches.branch_if"
    return each(branch_if, range(first, first + 14), roles=ENDS_BACKWARDS | DIRECT, host=host, branch=DIRECT_BRANCH)


def _compare_and_branch(variant: int, name: str) -> Instruction:
    patterns = (t32(name, f"1011{variant}0i1iiiiinnn", "narrow_forms.compare_and_branch"),) if name else ()
    return Instruction(compare_branch, variant, patterns, roles=NOTHING, host="branches.compare_branch", branch=DIRECT_BRANCH)


ROWS: Final = [
    Instruction(
        branch,
        patterns=(
            a32("b", "cccc1010iiiiiiiiiiiiiiiiiiiiiiii", "arm_forms.branching", 2),
            t32("b", "11110Siiiiiiiiii 10j1jiiiiiiiiiii", "wide_forms.far_branch"),
            t32("b", "11100iiiiiiiiiii", "narrow_forms.plain_branch"),
        ),
        roles=ENDS | DIRECT,
        host="branches.branch",
        branch=DIRECT_BRANCH,
    ),
    *_if(0),
    Instruction(branch, NEAR, roles=ENDS | DIRECT, host="branches.branch", branch=DIRECT_BRANCH),
    *_if(NEAR),
    Instruction(
        branch_link,
        patterns=(
            a32("bl", "cccc1011iiiiiiiiiiiiiiiiiiiiiiii", "arm_forms.branching"),
            t32("bl", "11110Siiiiiiiiii 11j1jiiiiiiiiiii", "wide_forms.far_branch"),
        ),
        roles=ENDS | DIRECT | WRITE_LINK,
        host="branches.branch_link",
        branch=DIRECT_BRANCH,
    ),
    Instruction(branch_link, NEAR, roles=ENDS | DIRECT | WRITE_LINK, host="branches.branch_link", branch=DIRECT_BRANCH),
    Instruction(
        branch_link_exchange,
        patterns=(
            a32("blx", "1111101iiiiiiiiiiiiiiiiiiiiiiiii", "arm_forms.branching", 1),
            t32("blx", "11110Siiiiiiiiii 11j0jiiiiiiiiiii", "wide_forms.far_branch", 1),
        ),
        roles=ENDS | WRITE_LINK,
        branch=INDIRECT_BRANCH,
    ),
    Instruction(
        branch_register,
        patterns=(
            a32("bx", "cccc00010010oooooooooooo0001mmmm", "arm_forms.branch_register"),
            a32("bxj", "cccc00010010oooooooooooo0010mmmm", "arm_forms.branch_register", 1),
            t32("bxj", "111100111100mmmm 10z0oooozzzzzzzz", "wide_forms.jazelle_branch"),
            t32("bx", "010001110mmmmzzz", "narrow_forms.exchange"),
        ),
        roles=ENDS,
        host="branches.branch_register",
        branch=INDIRECT_BRANCH,
    ),
    Instruction(
        branch_link_register,
        patterns=(
            a32("blx", "cccc00010010oooooooooooo0011mmmm", "arm_forms.branch_register", 1),
            t32("blx", "010001111mmmmzzz", "narrow_forms.exchange", 1),
        ),
        roles=ENDS | WRITE_LINK,
        host="branches.branch_link_register",
        branch=INDIRECT_BRANCH,
    ),
    _compare_and_branch(0, "cbz"),
    _compare_and_branch(1, "cbnz"),
    _compare_and_branch(NEAR, ""),
    _compare_and_branch(NEAR + 1, ""),
    *[
        Instruction(
            table_branch,
            variant,
            (t32(name, f"111010001101nnnn oooozzzz000{variant}mmmm", "wide_transfer_forms.table_branch"),),
            roles=ENDS,
            host="several_words.table_branch",
            branch=INDIRECT_BRANCH,
        )
        for variant, name in ((0, "tbb"), (1, "tbh"))
    ],
]
# Encodings of which the form chooses a row, by the condition.
CHOOSING: Final = [
    t32("b", "11110Scccciiiiii 10j0jiiiiiiiiiii", "wide_forms.conditional_branch"),
    t32("b", "1101xxxxiiiiiiii", "narrow_forms.conditional_branch"),
]
