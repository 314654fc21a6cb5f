# SPDX-License-Identifier: Apache-2.0
"""Peripherals that are storage only: writes read back, without any effect (UG585 appendices B.5, B.7, B.19).

GPIO, DDR controller, AFI0 to AFI3, on-chip memory controller.
"""

from typing import Final

from ovm.board.wiring import GPIO, OCM
from ovm.metal import Array, Struct, array, fn, static, u32

PAGES: Final = 8
WORDS: Final = 1024


class Plain(Struct):
    """All their words."""

    words: Array[u32] = array(u32, PAGES * WORDS)


PLAIN = static(Plain)


@fn
def _slot(device: u32) -> u32:
    """Return the index of a page; PAGES if it is none of these."""
    return device - GPIO if device >= GPIO and device <= OCM else PAGES


@fn
def plain_reset() -> None:
    """Reset the values that software reads: DDR in normal operation."""
    for index in u32.range(PAGES * WORDS):
        PLAIN.words[index] = 0
    PLAIN.words[1 * WORDS + 0x00 // 4] = 0x0000_0081  # ddrc_ctrl after ps7_init
    PLAIN.words[1 * WORDS + 0x54 // 4] = 0x0000_0001  # mode_sts_reg


@fn
def plain_read(device: u32, offset: u32) -> u32:
    """Read a register; all but storage reads as zero."""
    slot = _slot(device)
    return 0 if slot == PAGES else PLAIN.words[slot * WORDS + (offset >> 2)]


@fn
def plain_write(device: u32, offset: u32, value: u32) -> None:
    """Write a register."""
    slot = _slot(device)
    if slot != PAGES:
        PLAIN.words[slot * WORDS + (offset >> 2)] = value
