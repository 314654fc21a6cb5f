# SPDX-License-Identifier: Apache-2.0
"""The decoder's records for many words, by one call of compiled code."""

from typing import Final

from ovm.board.processor.flow import goto_page
from ovm.board.processor.status import return_to
from ovm.board.record import Record, record_at
from ovm.board.run.filling import fill
from ovm.board.shortcuts.slots import drop_records
from ovm.board.state import CPU
from ovm.metal import VirtAddr, array, copy, fn, pointer, static, u16, u32
from tests.board.ram import host_address

MOST: Final = 8192
PLACE: Final = 0x8000
WORDS = static(array(u32, MOST))
RECORDS = static(array(Record, MOST))


@fn
def decode_word(index: u32, status: u32, halves: u32) -> None:
    """Decode one of the words at PLACE, as `decode_words` says; its record is at CPU.at."""
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


@fn
def decode_words(count: u32, status: u32, halves: u32) -> None:
    """Decode each word at one place, with the CPSR `status`; `halves`: one or two halfwords, the high one first."""
    for index in u32.range(count, bound=MOST):
        decode_word(index, status, halves)
