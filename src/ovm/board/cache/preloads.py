# SPDX-License-Identifier: Apache-2.0
"""Lines that PLD has requested, with the arrival times of the last ones."""

from typing import Final

from ovm.metal import Array, Struct, array, fn, static, u32, u64

REMEMBERED: Final = 4


class Preloads(Struct):
    """Of one core; lines by their tags in level 1."""

    arrives: Array[u64] = array(u64, REMEMBERED)
    lines: Array[u32] = array(u32, REMEMBERED)
    oldest: u32
    spare: u32


PRELOADS = static(array(Preloads, 2))


@fn
def preloads_reset(core: u32) -> None:
    """Remember none."""
    for number in u32.range(REMEMBERED):
        PRELOADS[core].lines[number] = 0
    PRELOADS[core].oldest = 0


@fn
def preloaded(core: u32, line: u32, arrives: u64) -> None:
    """Note when a line comes."""
    preloads = PRELOADS[core]
    preloads.arrives[preloads.oldest] = arrives
    preloads.lines[preloads.oldest] = line
    preloads.oldest = (preloads.oldest + 1) % REMEMBERED


@fn
def preloaded_line_comes(core: u32, line: u32) -> u64:
    """Return the time when a line comes that PLD has requested, 0 if none does."""
    moment = u64(0)
    for number in u32.range(REMEMBERED):
        if PRELOADS[core].lines[number] == line:
            moment = max(moment, PRELOADS[core].arrives[number])
    return moment
