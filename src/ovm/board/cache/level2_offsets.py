# SPDX-License-Identifier: Apache-2.0
"""Offsets of the L2C-310's registers (ARM DDI0246, table 3-1)."""

from typing import Final

from ovm.board.cache.level2_state import MASTERS

CACHE_ID: Final = 0x000
CACHE_TYPE: Final = 0x004
CONTROL: Final = 0x100
AUXILIARY: Final = 0x104
TAG_LATENCY: Final = 0x108
DATA_LATENCY: Final = 0x10C
EVENT_CONTROL: Final = 0x200
EVENT_SOURCE_1: Final = 0x204
EVENT_SOURCE_0: Final = 0x208
EVENT_COUNT_1: Final = 0x20C
EVENT_COUNT_0: Final = 0x210
INTERRUPT_MASK: Final = 0x214
INTERRUPT_MASKED: Final = 0x218
INTERRUPT_RAW: Final = 0x21C
INTERRUPT_CLEAR: Final = 0x220
MAINTENANCE: Final = 0x730
MAINTENANCE_END: Final = 0x800
LOCKDOWN: Final = 0x900
LOCKDOWN_END: Final = LOCKDOWN + 8 * MASTERS
LOCK_LINES: Final = 0x950
UNLOCK_LINES: Final = 0x954
FILTER_START: Final = 0xC00
FILTER_END: Final = 0xC04
DEBUG: Final = 0xF40
PREFETCH: Final = 0xF60
POWER: Final = 0xF80

# Bits [3:0] of a maintenance register's offset: the lines on which it acts.
BY_LINE: Final = 0x0
BY_INDEX: Final = 0x8
BY_WAY: Final = 0xC
# Of these, only the operations by way have it.
IS_BY_WAY: Final = 0x4
