# SPDX-License-Identifier: Apache-2.0
"""Waits of an access that is not aligned, against 7-cpu.com's figures for Cortex-A9: 1 cycle across 4 bytes, 6 across 8."""

import struct

import pytest

from ovm.board.parameters import Parameters
from ovm.metal import offsetof
from tests.board.processor import Processor

LDR, STR, LDRH, STRH, LDRB = 0xE5910000, 0xE5810000, 0xE1D100B0, 0xE1C100B0, 0xE5D10000


@pytest.fixture(scope="module")
def processor() -> Processor:
    return Processor()


def waited(processor: Processor, word: int, address: int) -> int:
    """Cycles that an instruction waits whose address is in r1."""
    processor.reset()
    processor.map(0x10_0000)
    for name, cycles in (("cross_word", 1), ("cross_doubleword", 6)):
        place = processor.program.address_of("ovm.board.parameters.PARAMETERS") + offsetof(Parameters, name)
        processor.memory.store(place, 4, cycles)
    processor.write(0x8000, struct.pack("<I", word))
    processor.registers = (0, address, *[0] * 13)
    processor.start(0x8000)
    while processor.pc == 0x8000:
        processor.run(1)
    return processor.get("stalled")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        (LDR, [0, 1, 1, 1, 0, 6, 6, 6]),
        (STR, [0, 1, 1, 1, 0, 6, 6, 6]),
        (LDRH, [0, 0, 0, 1, 0, 0, 0, 6]),
        (STRH, [0, 0, 0, 1, 0, 0, 0, 6]),
        (LDRB, [0] * 8),
    ],
)
def test_where_it_crosses(processor: Processor, word: int, expected: list[int]) -> None:
    aligned = waited(processor, word, 0xA000)
    assert [waited(processor, word, 0xA000 + offset) - aligned for offset in range(8)] == expected
