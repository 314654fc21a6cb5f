# SPDX-License-Identifier: Apache-2.0
"""The blocks' code for many words, by one call of compiled code."""

from ovm.board.blocks.exits import PROGRESS
from ovm.board.blocks.make import make_block
from ovm.board.state import CPU
from ovm.metal import array, fn, static, u8, u32
from tests.board.decoding import MOST, decode_word

MADE = static(array(u8, MOST))  # instructions of the block that begins with the word


@fn
def make_words(count: u32, status: u32, halves: u32) -> None:
    """As `decode_words`, and make a block of each word."""
    for index in u32.range(count, bound=MOST):
        decode_word(index, status, halves)
        make_block(CPU.at)
        MADE[index] = u8(PROGRESS.done)
