# SPDX-License-Identifier: Apache-2.0
"""MCR and MRC: A32 and T32 have the same fields (ARM A8.8.98, A8.8.107)."""

from ovm.board.cp15.dispatch import NO_ROW, row_of
from ovm.board.decode.forms import bits
from ovm.board.decode.pattern import GOOD, UNDEFINED, UNPREDICTABLE
from ovm.board.record import Record
from ovm.board.state import CPU
from ovm.metal import fn, u8, u16, u32


@fn(inline=False)
def register_move(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode Rt and the register's four numbers; `extra` 1: MRC, where Rt = PC means the flags."""
    target = bits(word, 12, 4)
    key = (bits(word, 8, 4) << 16) | (bits(word, 16, 4) << 12) | (bits(word, 21, 3) << 8)
    row = row_of(key | ((word & 15) << 4) | bits(word, 5, 3))
    if row == NO_ROW:
        return UNDEFINED
    if (target == 15 and extra == 0) or (target == 13 and CPU.thumb != 0):
        return UNPREDICTABLE
    record.rd = u8(target)
    record.aux = u16(row)
    record.handler = u16(handler)
    return GOOD
