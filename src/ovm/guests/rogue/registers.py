# SPDX-License-Identifier: Apache-2.0
"""Registers that User mode might reach, and that OVM doesn't switch between guests.

Another guest could read a value that one guest leaves there: a channel that no description has. So they must be Undefined, also
in a
virtual privileged mode: TEEHBR of ThumbEE, which TEECR.XED closes, and JMCR of Jazelle, which JOSCR.CD closes (ARM
DDI0406C B4.1).
"""

from typing import Final

from ovm.arm.assembly import symbol_address
from ovm.guests.rogue.tally import close_chapter, count
from ovm.guests.rogue.trap import SUPERVISOR, UNDEFINED, USER, attempt
from ovm.metal import asm_block, asm_value, fn, naked, symbol, text, u32

_ACCESSES: Final = (
    "mcr p14, 6, r1, c1, c0, 0",
    "mrc p14, 6, r5, c1, c0, 0",
    "mcr p14, 7, r1, c2, c0, 0",
    "mrc p14, 7, r5, c2, c0, 0",
)
_SLOTS: Final = "\n".join(f"{access}\nbx lr" for access in _ACCESSES)
_MARK: Final = 0x5EC2_E7C0


@naked
def accesses() -> None:
    """Lay out the accesses, two words each."""
    asm_block(_SLOTS)


ACCESSES_ADDRESS: Final = symbol_address(symbol(accesses))


@fn
def try_registers() -> None:
    """Try each as an application and as a kernel."""
    for index in u32.range(len(_ACCESSES)):
        place = asm_value(u32, ACCESSES_ADDRESS) + index * 8
        outcome = attempt(place, USER, 0, _MARK)
        count(outcome != UNDEFINED, text("unswitched register"), index)
        outcome = attempt(place, SUPERVISOR, 0, _MARK)
        count(outcome != UNDEFINED, text("unswitched register"), index)
    close_chapter(text("unswitched registers"))
