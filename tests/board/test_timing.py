# SPDX-License-Identifier: Apache-2.0
"""Cycle counts against the sums that the Cortex-A9 TRM's tables (B.3, B.4) give."""

import struct

import pytest

from ovm.board.clock import SLOTS_PER_CYCLE
from tests.board.processor import Processor


@pytest.fixture(scope="module")
def processor() -> Processor:
    return Processor()


def cycles_of(processor: Processor) -> float:
    """Cycles that instructions took to issue."""
    return processor.get("slots") / SLOTS_PER_CYCLE


@pytest.mark.parametrize(
    ("word", "cycles"),
    [
        (0xE0810002, 1),  # add r0, r1, r2
        (0xE5910000, 1),  # ldr r0, [r1]
        (0xE5D10000, 2),  # ldrb r0, [r1]
        (0xE1D100B0, 2),  # ldrh r0, [r1]
        (0xE8911FFC, 6),  # ldm r1, {r2-r12}
        (0xE8810004, 1),  # stm r1, {r2}
        (0xE0000291, 2),  # mul r0, r1, r2
        (0xE0830291, 3),  # umull r0, r3, r1, r2
        (0xE1600281, 1),  # smulbb r0, r1, r2
        (0x00810002, 1),  # addeq: takes its slot when it fails, too
    ],
)
def test_issue_cycles(processor: Processor, word: int, cycles: int) -> None:
    processor.reset()
    processor.write(0x8000, struct.pack("<8I", *[word] * 8))
    processor.registers = (0, 0xA000, *[0] * 13)
    processor.start(0x8000)
    assert processor.run(16) == 8
    assert cycles_of(processor) == 8 * cycles
    assert processor.get("instructions") == 8
