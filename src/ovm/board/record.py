# SPDX-License-Identifier: Apache-2.0
"""Predecoded instructions.

Each 4 KiB physical page that is executed gets a slot with one record for each word (A32) or halfword (T32), made from
the instruction when it is first executed. Two records more at the end lead to the following page. Records of bytes that
are written are dropped one by one (`memory`), so code that shares a page with data stays decoded.
"""

from typing import Final

from ovm.metal import Struct, VirtAddr, array, fn, overlay, static, u8, u16, u32

RECORD_BYTES: Final = 16
SLOT_BYTES: Final = 0x9000
SLOTS: Final = 4096
SLOT_BASE: Final = 0x9000_0000

# Record.condition: the condition code of A32 as a difference from AL, and what else needs care before executing.
CONDITION_ALWAYS: Final = 14
CARE_PC: Final = 0x10  # reads r15
CARE_IT: Final = 0x20  # decoded inside an IT block
CARE_CROSSING: Final = 0x40  # its second halfword lies in another page


class Record(Struct):
    """One instruction. What `aux` and `imm` mean is a matter between decoder and handler."""

    handler: u16
    condition: u8
    step: u8
    rd: u8
    rn: u8
    rm: u8
    ra: u8
    imm: u32
    aux: u16
    cost: u16


# Slot of a physical page, by page number * 2 + T; 0 is none.
PAGE_SLOT = static(array(u16, 2 << 20))
USED_SLOTS = static(u32)


@fn(inline=True)
def record_at(at: u32) -> Record:
    """Return the record at an address of the simulator."""
    return overlay(Record, VirtAddr(at))
