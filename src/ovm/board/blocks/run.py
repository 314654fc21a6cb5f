# SPDX-License-Identifier: Apache-2.0
"""The connection between the loop and blocks."""

from ovm.board.arena.place import ARENA, BLOCKS, BY_HANDLER, GO_TO, HEAT, HEAT_SHIFT, block_of, is_block
from ovm.board.arena.x86 import link
from ovm.board.blocks.make import make_block
from ovm.board.processor.flow import goto_page
from ovm.board.record import Record, record_at
from ovm.board.state import CPU
from ovm.metal import VirtAddr, call_code, fn, u16, u32


@fn(inline=False)
def run_blocks(at: u32) -> u32:
    """Execute blocks from a record on that needs no other care, as far as they lead.

    Returns the record with which to continue, with BY_HANDLER if its instruction is to be executed at once; or 0 if there is no
    block here, or no time for it.
    """
    record = record_at(at)
    if not is_block(record):
        _warm(record, at)
        return 0
    if BLOCKS.site != 0 and BLOCKS.left == at:
        link(BLOCKS.site, block_of(at))
    BLOCKS.site = 0
    before = CPU.slots
    following = call_code(VirtAddr(ARENA), block_of(at))
    if CPU.slots == before:
        return 0
    if following == GO_TO:
        CPU.uncounted += 1
        return goto_page(BLOCKS.target)
    BLOCKS.left = following
    if following & BY_HANDLER == 0:
        CPU.uncounted += 1
    return following


@fn
def _warm(record: Record, at: u32) -> None:
    """Count an execution; after the last one a block is made."""
    if BLOCKS.allowed == 0:
        record.condition = u16(u32(record.condition) & (0xFFFF ^ HEAT))
        return
    record.condition -= 1 << HEAT_SHIFT
    if u32(record.condition) & HEAT == 0:
        make_block(at)
