# SPDX-License-Identifier: Apache-2.0
"""Issue cycles of instructions, without memory, from which a record's `cost`, in slots, is computed.

They are the times for which an instruction keeps its unit; `issue` computes the cost among others. Sources: the Cortex-A9 TRM's
appendix on cycle timings (B.3 loads and stores, B.4 multiplication); `assumed` marks the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ovm.board.execute import multiple, multiply, single, system
from ovm.board.execute.table import HANDLERS, Handler, number_of
from ovm.metal import fn, table, u32

PLAIN_CYCLES: Final = 1  # B.2: data processing and branches, one issue slot
LOAD_CYCLES: Final = 1  # B.3: a word with a simple addressing mode, address generation
LOAD_NARROW_CYCLES: Final = 2  # B.3: bytes and halfwords
REGISTERS_PER_CYCLE: Final = 2  # B.3: LDM and STM, 64-bit aligned
MULTIPLY_CYCLES: Final = 2  # B.4: MUL, MLA, MLS
MULTIPLY_LONG_CYCLES: Final = 3  # B.4: 64-bit results
MULTIPLY_HALF_CYCLES: Final = 1  # B.4: 16-bit operands
SERIAL_CYCLES: Final = 8  # assumed: MSR, CPS, SVC, SMC, exception returns are not predicted and drain the pipeline

_SERIAL: Final = (
    system.call,
    system.status_write,
    system.change_state,
    multiple.load_multiple_return,
    multiple.return_from_exception,
)
_LONG: Final = (multiply.multiply_long, multiply.multiply_accumulate_accumulate, multiply.multiply_dual_long)
_HALF: Final = (multiply.multiply_halves, multiply.multiply_word_half, multiply.multiply_dual)
_NARROW: Final = (single.load_offset, single.load_indexed, single.load_any)
_BLOCK: Final = (
    multiple.load_multiple,
    multiple.store_multiple,
    multiple.load_multiple_user,
    multiple.store_multiple_user,
    multiple.load_multiple_return,
)


def cycles_of(handler: Handler) -> int:
    """Return the issue cycles of a handler, of a block transfer without its registers."""
    function: Callable[..., Any] = handler.function
    if function is system.page_end or handler.number == 0:
        return 0
    if function in _SERIAL:
        return SERIAL_CYCLES
    if function in _LONG:
        return MULTIPLY_LONG_CYCLES
    if function in _HALF:
        return MULTIPLY_HALF_CYCLES
    if function is multiply.multiply or function is multiply.multiply_high:
        return MULTIPLY_CYCLES
    if function in _NARROW:
        return LOAD_CYCLES if handler.variant == single.WORD else LOAD_NARROW_CYCLES
    if function in _BLOCK:
        return 0
    return PLAIN_CYCLES


CYCLES = table(u32, [cycles_of(each) for each in HANDLERS])
FIRST_BLOCK: Final = number_of(multiple.load_multiple)
LAST_BLOCK: Final = number_of(multiple.load_multiple_return)


@fn
def cost_of(handler: u32, registers: u32) -> u32:
    """Return the cycles of a decoded instruction; `registers` is the list of a block transfer."""
    if handler < FIRST_BLOCK or handler > LAST_BLOCK:
        return CYCLES[handler]
    count = u32(0)
    for number in u32.range(16):
        count += (registers >> number) & 1
    return CYCLES[handler] + max((count + REGISTERS_PER_CYCLE - 1) // REGISTERS_PER_CYCLE, 1)
