# SPDX-License-Identifier: Apache-2.0
"""Signals from devices to the cores and the machine loop."""

from typing import Final

from ovm.board import clock
from ovm.board.account_marks import UNKNOWN, line_rises
from ovm.board.state import ATTEND_INTERRUPT, core_of
from ovm.metal import Array, Struct, array, fn, static, u32

AWAKE: Final = 0
ASLEEP_INTERRUPT: Final = 1  # WFI
ASLEEP_EVENT: Final = 2  # WFE
# Signals.held: A9_CPU_RST_CTRL keeps the core from running (UG585 B.28), or a debugger does (ARM C5.2).
HELD_RESET: Final = u32(1)
HELD_CLOCK: Final = 2
HELD_ABSENT: Final = 4  # the board has no such core
HELD_DEBUG: Final = 8


class Signals(Struct):
    """Of each core, and of the machine."""

    asleep: Array[u32] = array(u32, 2)
    held: Array[u32] = array(u32, 2)
    released: Array[u32] = array(u32, 2)  # why a core continues: the reasons that ended
    reset: u32  # a watchdog or software asked for a reset of the whole machine


SIGNALS = static(Signals)


@fn
def set_lines(number: u32, lines: u32, mask: u32) -> None:
    """Set the lines of a core that `mask` selects to `lines`."""
    core = core_of(number)
    if core.lines & mask == 0 and lines != 0:
        asleep = SIGNALS.asleep[number] != AWAKE
        line_rises(number, UNKNOWN if asleep else clock.time_of(core))
    core.lines = (core.lines & ~mask) | lines
    if lines != 0:
        core.attention |= ATTEND_INTERRUPT
        if SIGNALS.asleep[number] != AWAKE:
            leave_soon()


@fn
def hold(number: u32, why: u32) -> None:
    """Hold a core for these reasons; 0 releases it."""
    SIGNALS.released[number] |= SIGNALS.held[number] & ~why
    SIGNALS.held[number] = why
    leave_soon()


@fn
def halt(number: u32, on: bool) -> None:
    """Let a core enter debug state, or leave it."""
    others = SIGNALS.held[number] & ~u32(HELD_DEBUG)
    hold(number, others | HELD_DEBUG if on else others)


@fn
def reset_one(number: u32) -> None:
    """Reset one core, which starts at address 0; the machine continues."""
    SIGNALS.released[number] |= HELD_RESET
    leave_soon()


@fn
def request_reset() -> None:
    """Ask for a reset of the machine."""
    SIGNALS.reset = 1
    leave_soon()


@fn
def leave_soon() -> None:
    """Let the loop leave after this instruction, since the machine has work to do."""
    clock.not_after(clock.now())
