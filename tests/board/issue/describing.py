# SPDX-License-Identifier: Apache-2.0
"""The facts of many instructions, by one call of compiled code."""

from typing import Final

from ovm.board.decode.instruction import decode_arm, decode_narrow, decode_wide
from ovm.board.decode.pattern import PLACE
from ovm.board.issue.describe import describe
from ovm.board.issue.facts import Facts
from ovm.board.issue.window import slots_of
from ovm.board.record import Record
from ovm.board.state import ATTEND_IT_SHIFT, CPU
from ovm.metal import VirtAddr, array, fn, pointer, static, u16, u32
from ovm.metal import address as address_of

MOST: Final = 8192
WORDS = static(array(u32, MOST))
FACTS = static(array(Facts, MOST))
RECORDS = static(array(Record, MOST))


@fn
def describe_words(count: u32, halves: u32, state: u32) -> None:
    """Decode each word, A32 or one or two halfwords, and note its facts where it is executed with an ITSTATE."""
    CPU.thumb = u32(halves != 0)
    CPU.attention = state << ATTEND_IT_SHIFT
    for index in u32.range(count, bound=MOST):
        if halves == 0:
            decode_arm(RECORDS[index], WORDS[index])
        elif halves == 1:
            decode_narrow(RECORDS[index], WORDS[index])
        else:
            decode_wide(RECORDS[index], WORDS[index])
        describe(RECORDS[index], state, FACTS[index])
    CPU.attention = 0


# Code of a page, the places in it to be judged with their ITSTATE above, and what each instruction takes.
CODE = static(array(u16, 2048), align=4096)
PLACES = static(array(u32, MOST))
SLOTS = static(array(u32, MOST))


@fn
def price(count: u32, thumb: u32, page: u32) -> None:
    """Compute the slots of instructions of a page, as when each is executed first."""
    CPU.thumb = thumb
    for index in u32.range(count, bound=MOST):
        offset = PLACES[index] & 0xFFFF
        CPU.attention = (PLACES[index] >> 16) << ATTEND_IT_SHIFT
        place = u32(address_of(CODE)) + offset
        PLACE.value = page + offset
        size = u32(4)
        first = u32(pointer(u16, VirtAddr(place))[0])
        if thumb == 0:
            decode_arm(RECORDS[0], pointer(u32, VirtAddr(place))[0])
        elif first >> 11 < 0b11101:
            size = u32(2)
            decode_narrow(RECORDS[0], first)
        else:
            decode_wide(RECORDS[0], (first << 16) | u32(pointer(u16, VirtAddr(place + 2))[0]))
        SLOTS[index] = slots_of(RECORDS[0], page + offset + size, page + offset + size, place + size)
    CPU.attention = 0
