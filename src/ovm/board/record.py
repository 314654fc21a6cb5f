# SPDX-License-Identifier: Apache-2.0
"""Predecoded instructions.

Each 4 KiB page that a core executes gets a slot with one record for each word (A32) or halfword (T32), made from the
instruction when it is first executed. Slots are kept per core, physical page, its security and instruction set, since a
record also says whether its line is in the instruction cache of that core. Two records more at the end lead to the
following page. Records of bytes that are written are dropped individually (`slots`), so code that shares a page with data stays
decoded.
"""

from typing import Final

from ovm.board.clock import SLOTS_PER_CYCLE
from ovm.metal import Struct, VirtAddr, array, fn, overlay, static, u8, u16, u32

RECORD_BYTES: Final = 16
SLOT_BYTES: Final = 0x9000
SLOTS: Final = 4096
SLOT_BASE: Final = 0x9000_0000
SLOTS_OF_PAGE: Final = 8  # T | Non-secure << 1 | core << 2

# Record.condition: the condition code of A32 as a difference from AL, and flags for work before the execution.
CONDITION_ALWAYS: Final = 14
CARE_PC: Final = 0x10  # reads r15
CARE_IT: Final = 0x20  # decoded inside an IT block
CARE_CROSSING: Final = 0x40  # its second halfword lies in another page
CARE_FETCH: Final = 0x80  # its line is not in the instruction cache


class Record(Struct):
    """One instruction. Decoder and handler agree on the meaning of `aux` and `imm`."""

    handler: u16
    condition: u16  # these two form a word, which is the handler's number alone when no other work is needed
    rd: u8
    rn: u8
    rm: u8
    ra: u8
    imm: u32
    aux: u16
    cost: u8  # in issue slots
    step: u8


# Slots by physical page * SLOTS_OF_PAGE + use; 0 is none. SLOT_OWNER leads back.
PAGE_SLOT = static(array(u16, SLOTS_OF_PAGE << 20))
SLOT_OWNER = static(array(u32, SLOTS))
USED_SLOTS = static(u32)
# A bit for each physical line that holds decoded instructions; stores to it must be noticed.
CODE_LINES = static(array(u32, 1 << 22))


@fn(inline=True)
def record_at(at: u32) -> Record:
    """Return the record at an address of the simulator."""
    return overlay(Record, VirtAddr(at))


@fn(inline=True)
def slots_of_failed(record: Record) -> u32:
    """Return the slots of an instruction whose condition fails: its own, but no more than a cycle."""
    return min(u32(record.cost), SLOTS_PER_CYCLE)


@fn(inline=True)
def holds_code(physical: u32) -> bool:
    """Return whether instructions of the line of `physical` may be decoded."""
    return (CODE_LINES[physical >> 10] >> ((physical >> 5) & 31)) & 1 != 0
