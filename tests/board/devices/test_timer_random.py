# SPDX-License-Identifier: Apache-2.0
"""Private timer and watchdog, ours and QEMU's, by random scripts.

QEMU's run by the time of this machine, so scripts read only what no moment decides: intervals are far shorter than the
delays between steps, or longer than any run. QEMU's watchdog has no watchdog mode, and its status knows no interrupt.
"""

import random

import pytest

from tests.board.devices.bench import Devices
from tests.board.devices.script import DELAY, READ, WRITE, Step, on_ours, on_qemu
from tests.tools import find_tool

TIMERS = (0xF8F0_0600, 0xF8F0_0620)
LOAD, COUNTER, CONTROL, STATUS = 0, 4, 8, 12
LONG = 0xF000_0000


def script(seed: int) -> list[Step]:
    """Intervals in each mode with their readings, one after the other."""
    source, steps = random.Random(seed), []
    for _ in range(40):
        base = source.choice(TIMERS)
        steps += [Step(WRITE, base + CONTROL, 0, 0), Step(WRITE, base + STATUS, 1, 0)]
        steps.append(Step(WRITE, base + LOAD, load := source.choice((1, 2, 40, LONG)), 0))
        steps += [Step(READ, base + offset, 0, 0) for offset in (LOAD, COUNTER, CONTROL, STATUS)]
        reloads = source.randrange(2) << 1
        steps.append(Step(WRITE, base + CONTROL, 1 | reloads | source.randrange(2) << 2 | source.randrange(16) << 8, 0))
        steps += [Step(DELAY, base, 0, 0), Step(READ, base + STATUS, 0, 0), Step(READ, base + CONTROL, 0, 0)]
        if not reloads and load != LONG:
            steps.append(Step(READ, base + COUNTER, 0, 0))
        steps += [Step(WRITE, base + STATUS, source.randrange(2), 0), Step(DELAY, base, 0, 0), Step(READ, base + STATUS, 0, 0)]
    return steps


@pytest.mark.parametrize("seed", range(3))
def test_scripts_read_the_same(seed: int) -> None:
    find_tool("qemu-system-arm")
    steps = script(seed)
    assert on_ours(Devices(), steps) == on_qemu(steps)
