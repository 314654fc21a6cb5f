# SPDX-License-Identifier: Apache-2.0
"""MCR and MRC of CP15 and CP14 (ARM A8.8.98, A8.8.107)."""

from typing import Final

from ovm.board.clock import stall
from ovm.board.cp15.access import REFETCH, allowed
from ovm.board.cp15.dispatch import RULES, read, write
from ovm.board.execute.row import Instruction, a32, t32
from ovm.board.parameters import PARAMETERS
from ovm.board.processor.exceptions import data_abort, undefined
from ovm.board.processor.flow import after, goto_page, pc_of
from ovm.board.processor.status import set_flags
from ovm.board.record import Record
from ovm.board.state import CPU
from ovm.metal import fn, u32


@fn(inline=False)
def _read(record: Record, at: u32) -> u32:
    row = u32(record.aux)
    if not allowed(u32(RULES[row]), False):
        return undefined(at)
    value = read(row)
    if record.rd == 15:
        set_flags((value & 0xF000_0000) | (CPU.saturated << 27))
    else:
        CPU.r[record.rd] = value
    return after(record, at)


@fn(inline=False)
def _write(record: Record, at: u32) -> u32:
    row = u32(record.aux)
    rules = u32(RULES[row])
    if not allowed(rules, True):
        return undefined(at)
    write(row, CPU.r[record.rd])
    if CPU.fault != 0:
        return data_abort(at)
    stall(PARAMETERS.serialise)
    following = after(record, at)
    return goto_page(pc_of(following)) if rules & REFETCH != 0 else following


@fn(inline=True)
def coprocessor(record: Record, at: u32, variant: u32) -> u32:
    """Execute MRC (variant 1) and MCR (0); `aux` is the row of the register."""
    return _read(record, at) if variant != 0 else _write(record, at)


ROWS: Final = [
    Instruction(
        coprocessor,
        load,
        patterns=(
            a32(name, f"cccc1110uuu{load}nnnntttt111pqqq1mmmm", "coprocessor_forms.register_move", load),
            t32(name, f"11101110uuu{load}nnnn tttt111pqqq1mmmm", "coprocessor_forms.register_move", load),
        ),
    )
    for load, name in enumerate(("mcr", "mrc"))
]
