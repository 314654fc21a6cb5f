# SPDX-License-Identifier: Apache-2.0
"""Reset of one core (ARM B1.9.1): Secure Supervisor mode, A32, A, I and F set, CP15 as after reset."""

from typing import Final

from ovm.board.cache.fetch import switch_instructions
from ovm.board.cp15.reset import reset_control
from ovm.board.predictor import predictor_reset
from ovm.board.shortcuts.changes import rights_changed
from ovm.board.state import ATTEND_DEBUG, CPU, LINE_ABORT, Cpu
from ovm.board.vfp.state import reset_floating
from ovm.metal import copy, fn, static

FRESH = static(Cpu)
RESET_MASKS: Final = 0x1C0
RESET_MODE: Final = 0x13


@fn
def core_reset() -> None:
    """Reset the core that runs; its number, its time and its interrupt lines stay, a pending abort goes.

    A step that a debugger requested stays requested.
    """
    FRESH.number = CPU.number
    FRESH.slots = CPU.slots
    FRESH.stalled = CPU.stalled
    FRESH.instructions = CPU.instructions
    FRESH.lines = CPU.lines & ~LINE_ABORT
    FRESH.catch = CPU.catch
    FRESH.attention = CPU.attention & ATTEND_DEBUG
    copy(CPU, FRESH)
    CPU.mode = RESET_MODE
    CPU.masks = RESET_MASKS
    CPU.zero = 1
    reset_control()
    switch_instructions(0, False)
    reset_floating()
    predictor_reset()
    rights_changed()
