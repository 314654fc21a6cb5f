# SPDX-License-Identifier: Apache-2.0
"""The places of blocks, and the records that begin them.

A *block* is machine code of the host for instructions that follow each other in one line of 32 bytes. The `condition` of its
first instruction's record says that there is one; a word for each record gives its place. For a record that may begin a block
later, the same word counts down the executions until then.
"""

from typing import Final

from ovm.board.record import Record, record_at
from ovm.metal import Struct, VirtAddr, fn, pointer, static, u16, u32, u64

ARENA: Final = 0xB800_0000
ARENA_BYTES: Final = 16 << 20
BLOCK_ROOM: Final = 16 << 10  # more than any block takes
WORDS: Final = 0xB000_0000 - (0x9000_0000 >> 2)  # + a record's address / 4: the place of its block

HEAT: Final = 0xFF00  # of Record.condition
HEAT_SHIFT: Final = 8
IS_BLOCK: Final = 0xFF00
COLD: Final = 30  # executions until a record begins a block

BY_HANDLER: Final = u32(1)  # together with a record's address: its handler is to execute it now

GO_TO: Final = 2  # in place of a record: continue at the address BLOCKS.target


class Blocks(Struct):
    """State of the blocks."""

    compute: u64  # the host's address of `floating.compute`; 0: such instructions are left to their handlers
    allowed: u32  # the host program lets code in ARENA be executed
    used: u32  # the place of the next block; 0: there is none yet
    here: u32  # the place of the next byte
    leave: u32  # the end of every block
    not_taken: u32  # code for branches whose counters were not sure (`prediction`)
    taken: u32
    wrong: u32
    across: u32  # the code that goes to another page (`across`)
    target: u32  # the address to which the last block leads, if it left to search for its page
    left: u32  # the target of the last block
    site: u32  # the jump by which the last block was left, if it could lead on by itself; 0: none


BLOCKS = static(Blocks)


@fn(inline=True)
def is_block(record: Record) -> bool:
    """Return whether a record begins a block."""
    return u32(record.condition) & HEAT == IS_BLOCK


@fn(inline=True)
def block_of(at: u32) -> u32:
    """Return the place of a record's block."""
    return pointer(u32, VirtAddr(WORDS + (at >> 2)))[0]


@fn
def set_word(at: u32, code: u32) -> None:
    """Write the place of a record's block."""
    pointer(u32, VirtAddr(WORDS + (at >> 2)))[0] = code


@fn
def set_block(at: u32, code: u32) -> None:
    """Let a record begin a block."""
    record = record_at(at)
    record.condition = u16(u32(record.condition) | IS_BLOCK)
    set_word(at, code)
