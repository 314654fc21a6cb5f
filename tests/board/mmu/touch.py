# SPDX-License-Identifier: Apache-2.0
"""Loads as instructions make them: by the lines that hit, or the long way."""

from ovm.board.access.memory import load_word
from ovm.board.shortcuts.lines import select_table
from ovm.metal import fn, u32, u64


@fn
def touch_word(address: u32) -> u64:
    """Load a word; bit 32 says that it failed."""
    select_table()
    return load_word(address)
