# SPDX-License-Identifier: Apache-2.0
"""Cycle counts against the sums that the Cortex-A9 TRM's tables (B.3, B.4) give."""

import struct

import pytest

from board.processor import Processor
from ovm.board import memory, status
from ovm.board.clock import SLOTS_PER_CYCLE
from ovm.board.parameters import Parameters
from ovm.metal import offsetof


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


def chase(processor: Processor, words: bytes, thumb: bool) -> float:
    """Cycles of code whose loads go to 0xA000, which holds that address, with a load-to-address latency of 4."""
    processor.reset()
    place = processor.program.address_of("ovm.board.parameters.PARAMETERS") + offsetof(Parameters, "level1_load")
    processor.memory.store(place, 4, 4)
    processor.write(0xA000, struct.pack("<I", 0xA000))
    processor.write(0x8000, words)
    processor.call(status.return_to, 0x1D3 | thumb << 5)
    processor.registers = (0, 0xA000, 0, 0, *[0] * 11)
    processor.start(0x8000)
    while processor.pc < 0x8000 + len(words):
        processor.run(1)
    return cycles_of(processor)


@pytest.mark.parametrize(
    ("words", "cycles"),
    [
        ([0xE5911000, 0xE5911000, 0xE1A00000], 5 + 1),  # ldr r1, [r1] twice; nop
        ([0xE5912000, 0xE5913000, 0xE1A00000], 3),  # the second load has another base
        ([0xE3A02000, 0xE5912004, 0xE7913002, 0xE1A00000], 7),  # so is an offset: ldr r2, [r1, #4]; ldr r3, [r1, r2]
        ([0xE5912000, 0xE0813002, 0xE1A00000], 3),  # add r3, r1, r2 waits less, for nothing here
        ([0xE5911000, 0xE1A00000, 0xE5911000], 3),  # a nop between
        ([0xE5911000, 0xE8910004, 0xE1A00000], 6),  # ldm r1, {r2}
        ([0xE5911000, 0xE1C120D0, 0xE1A00000], 6),  # ldrd r2, r3, [r1]
    ],
)
def test_a_loaded_address_is_waited_for(processor: Processor, words: list[int], cycles: int) -> None:  # B.3
    assert chase(processor, struct.pack(f"<{len(words)}I", *words), False) == cycles


@pytest.mark.parametrize(("before", "cycles"), [(7, 7 + 5), (1023, 1023 + 2)])
def test_across_lines_but_not_pages(processor: Processor, before: int, cycles: int) -> None:
    words = [0xE1A00000] * before + [0xE5911000, 0xE5911000]
    assert chase(processor, struct.pack(f"<{len(words)}I", *words), False) == cycles


@pytest.mark.parametrize(
    ("halves", "cycles"),
    [
        ([0x6809, 0x6809, 0xBF00], 6),  # ldr r1, [r1] twice; nop
        ([0x680A, 0x680B, 0xBF00], 3),
        ([0x6809, 0xF8D1, 0x2000, 0xBF00], 6),  # ldr.w r2, [r1]
        ([0xF8D1, 0x1000, 0x6809, 0xBF00], 6),
        ([0x6809, 0xE9D1, 0x2300, 0xBF00], 6),  # ldrd r2, r3, [r1]
        ([0x6809, 0xBF00, 0x6809], 3),
    ],
)
def test_a_loaded_address_is_waited_for_in_t32(processor: Processor, halves: list[int], cycles: int) -> None:
    assert chase(processor, struct.pack(f"<{len(halves)}H", *halves), True) == cycles


def test_what_follows_may_change(processor: Processor) -> None:
    words = [0xE5911000, 0xE1A00000, 0xE1A00000]
    chase(processor, struct.pack("<3I", *words), False)
    processor.registers = (0, 0xA000, *[0] * 13)
    processor.write(0x8004, struct.pack("<I", 0xE5911000))
    processor.call(memory.drop_records, 0x8004, 4)
    processor.set("slots", 0)
    processor.start(0x8000)
    while processor.pc < 0x800C:
        processor.run(1)
    assert cycles_of(processor) == 6
