# SPDX-License-Identifier: Apache-2.0
"""Each core's position when its accounts were settled last. Devices note here when an interrupt line goes up."""

from typing import Final

from ovm.board.events import COUNTS
from ovm.metal import Array, Struct, array, fn, static, u32, u64

UNKNOWN: Final = u64((1 << 64) - 1)


class Marks(Struct):
    """One core at its last change."""

    cycles: u64
    instructions: u64
    arrived: u64  # when its interrupt line went up; UNKNOWN while it sleeps
    pending: u64  # the same for the interrupt that was taken
    owner: u32
    inside: u32  # the Secure state
    taken: u32  # 1: an interrupt was taken and not yet delivered
    handler: u32  # the guest whose handler is about to begin
    of: Array[u64] = array(u64, COUNTS)


MARKS = static(array(Marks, 2))


@fn
def line_rises(core: u32, cycle: u64) -> None:
    """Note that an interrupt line of a core went up; UNKNOWN where the core sleeps, so that its own time stands still."""
    MARKS[core].arrived = cycle
