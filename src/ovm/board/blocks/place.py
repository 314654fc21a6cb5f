# SPDX-License-Identifier: Apache-2.0
"""Where blocks lie, and which record begins one.

A *block* is machine code of the host for instructions that follow each other in one line of 32 bytes. It stands behind
the record of its first instruction, whose `condition` says so; a word beside each record tells where. Records that may
come to begin a block count down in the same place how often they are executed until then.
"""

from typing import Final

from ovm.board.record import Record, record_at
from ovm.metal import Struct, VirtAddr, fn, pointer, static, u16, u32, u64

ARENA: Final = 0xB800_0000
ARENA_BYTES: Final = 16 << 20
BLOCK_ROOM: Final = 16 << 10  # more than any block takes
WORDS: Final = 0xB000_0000 - (0x9000_0000 >> 2)  # + a record's address / 4: where its block is

HEAT: Final = 0xFF00  # of Record.condition
HEAT_SHIFT: Final = 8
IS_BLOCK: Final = 0xFF00
COLD: Final = 30  # executions until a record begins a block

BY_HANDLER: Final = 1  # beside a record's address: it is to be executed now, by its handler

GO_TO: Final = 2  # in place of a record: go on at the address BLOCKS.target


class Blocks(Struct):
    """What is there."""

    compute: u64  # the host's address of `floating.compute`; 0: what it does is left to its handler
    allowed: u32  # the host program lets code in ARENA be executed
    used: u32  # where the next block begins; 0: nothing is there
    here: u32  # where the next byte goes
    leave: u32  # the end of every block
    not_taken: u32  # the ways of branches whose prediction was not for certain (`prediction`)
    taken: u32
    wrong: u32
    across: u32  # the way to another page (`across`)
    target: u32  # the address that the last block leads to, if that left to look for its page
    left: u32  # where the last block led to
    site: u32  # the jump by which the last block was left, if it could lead on by itself; 0: none


BLOCKS = static(Blocks)


@fn(inline=True)
def is_block(record: Record) -> bool:
    """Tell whether a record begins a block."""
    return u32(record.condition) & HEAT == IS_BLOCK


@fn(inline=True)
def block_of(at: u32) -> u32:
    """Return where the block of a record is."""
    return pointer(u32, VirtAddr(WORDS + (at >> 2)))[0]


@fn
def set_word(at: u32, code: u32) -> None:
    """Write where the block of a record is."""
    pointer(u32, VirtAddr(WORDS + (at >> 2)))[0] = code


@fn
def set_block(at: u32, code: u32) -> None:
    """Let a record begin a block."""
    record = record_at(at)
    record.condition = u16(u32(record.condition) | IS_BLOCK)
    set_word(at, code)
