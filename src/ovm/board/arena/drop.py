# SPDX-License-Identifier: Apache-2.0
"""Removal of blocks: those of a line whose instructions change, or all.

The code of a removed block is kept, since others may lead there: its beginning then leads out.
"""

from typing import Final

from ovm.board.arena.place import ARENA, BLOCK_ROOM, BLOCKS, COLD, HEAT, HEAT_SHIFT, block_of, is_block, set_word
from ovm.board.arena.x86 import EAX, MOV, constant, jump_to
from ovm.board.record import RECORD_BYTES, SLOT_BASE, SLOT_BYTES, SLOT_OWNER, SLOTS, USED_SLOTS, Record, record_at
from ovm.metal import VirtAddr, fn, pointer, u16, u32, u64

RECORDS: Final = SLOT_BYTES // RECORD_BYTES
LINE_RECORDS: Final = 16  # of T32
ARENA_WORDS: Final = 1 << 21


@fn
def cold(record: Record) -> None:
    """Require that an instruction is executed some times before it begins a block."""
    record.condition = u16(u32(record.condition) & (0xFFFF ^ HEAT) | (COLD << HEAT_SHIFT))


@fn(inline=False)
def forget_blocks_at(at: u32) -> None:
    """Remove the blocks of a record's line: the record may be in each of them."""
    if BLOCKS.used == 0:
        return
    slot = (at - SLOT_BASE) // SLOT_BYTES
    records = 8 << (SLOT_OWNER[slot] & 1)
    first = at - (at - SLOT_BASE) % SLOT_BYTES % (records * RECORD_BYTES)
    for number in u32.range(LINE_RECORDS):
        each = first + number * RECORD_BYTES
        if number < records and is_block(record_at(each)):
            BLOCKS.here = block_of(each)
            constant(MOV, EAX, each)
            jump_to(BLOCKS.leave)
            set_word(each, 0)
            cold(record_at(each))


@fn(inline=False)
def forget_blocks() -> None:
    """Remove all blocks, and the counts of executions."""
    for slot in u32.range(1, SLOTS):
        if slot <= USED_SLOTS.value:
            for number in u32.range(RECORDS):
                at = SLOT_BASE + slot * SLOT_BYTES + number * RECORD_BYTES
                record = record_at(at)
                if is_block(record):
                    set_word(at, 0)
                if record.handler > 1:
                    cold(record)
    _clear()
    BLOCKS.used = 0
    BLOCKS.site = 0


@fn
def _clear() -> None:
    if BLOCKS.used == 0:
        return
    words = pointer(u64, VirtAddr(ARENA))
    for index in u32.range(ARENA_WORDS):
        # A block that was abandoned lies behind the last one.
        if ARENA + index * 8 >= BLOCKS.used + BLOCK_ROOM:
            break
        words[index] = 0
