# SPDX-License-Identifier: Apache-2.0
"""The place of the board's DDR in the simulator, whatever the rights to it."""

from ovm.board.ram.storage import DDR_HOST
from ovm.metal import fn, u32


@fn(inline=True)
def host_address(physical: u32) -> u32:
    """Return where the simulator keeps the byte at a physical address of DDR."""
    return DDR_HOST + physical
