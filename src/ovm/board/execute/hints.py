# SPDX-License-Identifier: Apache-2.0
"""Hints and barriers (ARM A5.2.11, A5.7.1, A6.2.5, A6.3.4)."""

from typing import Final

from ovm.board import clock
from ovm.board.cache.prefetch import prefetch_stop
from ovm.board.execute.roles import NOTHING, SERIAL
from ovm.board.execute.row import Instruction, Pattern, a32, t32
from ovm.board.parameters import PARAMETERS
from ovm.board.processor.exceptions import interrupt_pending, stop
from ovm.board.processor.flow import after
from ovm.board.record import Record
from ovm.board.state import CPU, STOP_WAIT
from ovm.metal import fn, u32

# Variants of `hint`.
NOP: Final = 0
WFE: Final = 2
WFI: Final = 3
SEV: Final = 4
BARRIER: Final = 5  # DMB
SYNCHRONISE: Final = 6  # ISB
DATA_SYNCHRONISE: Final = 7  # DSB


@fn(inline=False)
def _hint(variant: u32) -> None:
    if variant == SEV:
        CPU.event_register = 1
        CPU.send_event = 1
        clock.not_after(clock.now())
    elif variant == BARRIER or variant == DATA_SYNCHRONISE:
        if variant == DATA_SYNCHRONISE:
            prefetch_stop(CPU.number)
        clock.stall(PARAMETERS.barrier)
    elif variant == SYNCHRONISE:
        clock.stall(PARAMETERS.serialise)
    elif variant == WFE and CPU.event_register != 0:
        CPU.event_register = 0
    elif variant == WFE or (variant == WFI and not interrupt_pending()):
        CPU.event_word = variant
        stop(STOP_WAIT)


@fn(inline=True)
def hint(record: Record, at: u32, variant: u32) -> u32:
    """Execute NOP, YIELD, WFE, WFI, SEV, DBG, PLI; barriers, before which everything is done anyway, wait."""
    if variant != NOP:
        _hint(variant)
    return after(record, at)


def _hint_row(variant: int, name: str, code: int, *others: Pattern) -> Instruction:
    """Return the row of a hint (ARM A5.2.11, A6.2.5, A6.3.4)."""
    patterns = (
        a32(name, f"cccc001100100000oooozzzz{code:08b}", "arm_forms.plain"),
        t32(name, f"111100111010oooo 10z0z000{code:08b}", "arm_forms.plain"),
        t32(name, f"10111111{code:04b}0000", "narrow_forms.always"),
        *others,
    )
    return Instruction(hint, variant, patterns, roles=SERIAL if variant else NOTHING, host="multiply_media.hint")


def _barrier_row(variant: int, name: str, code: int) -> Instruction:
    patterns = (
        a32(name, f"111101010111oooooooozzzz{code:04b}iiii", "arm_forms.plain"),
        t32(name, f"111100111011oooo 10z0oooo{code:04b}iiii", "arm_forms.plain"),
    )
    return Instruction(hint, variant, patterns, host="multiply_media.hint")


# Hints without an effect; unallocated memory hints are NOPs.
_NOTHING: Final = (
    a32("yield", "cccc001100100000oooozzzz00000001", "arm_forms.plain"),
    a32("dbg", "cccc001100100000oooozzzz1111iiii", "arm_forms.plain"),
    a32("hint", "cccc001100100000oooozzzziiiiiiii", "arm_forms.plain"),
    a32("pli", "11110100U101nnnnooooiiiiiiiiiiii", "arm_forms.plain"),
    a32("pli", "11110110U101nnnnooooiiiiitt0mmmm", "arm_forms.plain"),
    a32("reserved", "11110100x001xxxxxxxxxxxxxxxxxxxx", "arm_forms.plain"),
    a32("reserved", "11110110x001xxxxxxxxxxxxxxx0xxxx", "arm_forms.plain"),
    t32("yield", "111100111010oooo 10z0z00000000001", "arm_forms.plain"),
    t32("hint", "111100111010oooo 10z0z000iiiiiiii", "arm_forms.plain"),
    t32("yield", "1011111100010000", "narrow_forms.always"),
    t32("hint", "10111111xxxx0000", "narrow_forms.always"),
)
ROWS: Final = [
    _hint_row(NOP, "nop", 0, *_NOTHING),
    _hint_row(WFE, "wfe", 2),
    _hint_row(WFI, "wfi", 3),
    _hint_row(SEV, "sev", 4),
    _barrier_row(BARRIER, "dmb", 5),
    _barrier_row(SYNCHRONISE, "isb", 6),
    _barrier_row(DATA_SYNCHRONISE, "dsb", 4),
]
