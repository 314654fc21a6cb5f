# SPDX-License-Identifier: Apache-2.0
"""Issue cycles of instructions, without memory, from which a record's `cost`, in slots, is computed.

They are the times for which an instruction keeps its unit; its row has them, `issue` computes the cost among others.
"""

from typing import Final

from ovm.board.execute import multiple
from ovm.board.execute.table import ROWS, number_of
from ovm.metal import fn, table, u32

REGISTERS_PER_CYCLE: Final = 2  # B.3: LDM and STM, 64-bit aligned
CYCLES = table(u32, [row.cycles for row in ROWS])
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
