# SPDX-License-Identifier: Apache-2.0
"""What the blocks make of many words, by one call of compiled code."""

from board.decoding import MOST, PLACE, RECORDS, WORDS
from board.ram import host_address
from ovm.board.blocks.exits import PROGRESS
from ovm.board.blocks.make import make_block
from ovm.board.code import drop_records
from ovm.board.decode.page import fill
from ovm.board.flow import goto_page
from ovm.board.record import record_at
from ovm.board.state import CPU
from ovm.board.status import return_to
from ovm.metal import VirtAddr, array, copy, fn, pointer, static, u8, u16, u32

MADE = static(array(u8, MOST))  # instructions of the block that begins with the word


@fn
def make_words(count: u32, status: u32, halves: u32) -> None:
    """As `decode_words`, and make a block of each word."""
    for index in u32.range(count, bound=MOST):
        drop_records(u32(PLACE), u32(4))
        place = VirtAddr(host_address(u32(PLACE)))
        if halves == 0:
            pointer(u32, place)[0] = WORDS[index]
        elif halves == 1:
            pointer(u16, place)[0] = u16(WORDS[index])
        else:
            pointer(u16, place)[0] = u16(WORDS[index] >> 16)
            pointer(u16, place)[1] = u16(WORDS[index])
        return_to(status)
        CPU.at = goto_page(u32(PLACE))
        fill(CPU.at)
        copy(RECORDS[index], record_at(CPU.at))
        make_block(CPU.at)
        MADE[index] = u8(PROGRESS.done)
