# SPDX-License-Identifier: Apache-2.0
"""Sizes that the architecture or the board fixes, and that loops have as their bounds."""

from typing import Final

WORD_BYTES: Final = 4  # the most that one access has on the way of data
WORD_BITS: Final = 32
PAGE_BYTES: Final = 4096
REGISTERS: Final = 16
LISTED: Final = REGISTERS - 1  # of those that a list names, the ones that an instruction behind it may wait for: not the PC
BURST_BYTES: Final = 16 * 16  # of a DMA burst: 16 beats of at most 16 bytes (UG585 9.2)
FLOATING_WORDS: Final = 64  # of D0 to D31
DOUBLE_BYTES: Final = 8  # of a D register, and so its most lanes
QUAD_BYTES: Final = 16
QUAD_PARTS: Final = 2  # D registers of a Q register
MOST_STRUCTURE: Final = 4  # registers of VLD4 and VST4
SIZES: Final = 3  # of a lane that VDUP copies: byte, halfword, word
MOST_CORES: Final = 2
