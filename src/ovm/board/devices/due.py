# SPDX-License-Identifier: Apache-2.0
"""The times at which devices next act by themselves."""

from typing import Final

from ovm.board import clock
from ovm.metal import Array, Struct, array, fn, static, u32, u64

# Slots. Private timers, watchdogs and comparators: one for each core.
DUE_PRIVATE: Final = 0
DUE_WATCHDOG: Final = 2
DUE_COMPARATOR: Final = 4
DUE_UART: Final = 6
DUE_TRIPLE: Final = 8  # three for each of TTC0 and TTC1
DUE_DMA: Final = 14
DUE_SYSTEM_WATCHDOG: Final = 15
DUE_MONITORS: Final = 16  # performance monitors of each core
DUE_SD: Final = 18
DUE_SLOTS: Final = 19
NEVER: Final = u64(0xFFFF_FFFF_FFFF_FFFF)


class Due(Struct):
    """Moments in cycles; 0 is never."""

    at: Array[u64] = array(u64, DUE_SLOTS)
    first: u64  # the earliest of them


DUE = static(Due)


@fn
def next_due() -> u64:
    """Return the earliest moment at which a device is due, or NEVER."""
    return NEVER if DUE.first == 0 else DUE.first


@fn
def never(slot: u32) -> None:
    """Clear a slot: nothing is due in it."""
    if DUE.at[slot] != 0:
        DUE.at[slot] = 0
        _find_first()


@fn
def due_at(slot: u32, moment: u64) -> None:
    """Set the moment of a slot, instead of its previous one."""
    DUE.at[slot] = moment if moment != 0 else 1
    _find_first()
    clock.not_after(moment)


@fn(inline=False)
def _find_first() -> None:
    first = NEVER
    for slot in u32.range(DUE_SLOTS):
        if DUE.at[slot] != 0:
            first = min(first, DUE.at[slot])
    DUE.first = 0 if first == NEVER else first


@fn
def take_due(moment: u64) -> u32:
    """Return a slot that is due by `moment`, and clear it; DUE_SLOTS if there is none. Earlier ones come first."""
    if DUE.first == 0 or DUE.first > moment:
        return DUE_SLOTS
    for slot in u32.range(DUE_SLOTS):
        if DUE.at[slot] == DUE.first:
            DUE.at[slot] = 0
            _find_first()
            return slot
    return DUE_SLOTS
