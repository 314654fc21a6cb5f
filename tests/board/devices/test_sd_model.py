# SPDX-License-Identifier: Apache-2.0
"""Random commands, transfers by port and by descriptors, and operations of the SD host controller beside one in plain Python."""

import random
import struct

import pytest

from ovm.board.devices import sd_card
from ovm.board.ram.storage import DDR_HOST
from tests.board.devices.bench import DISTRIBUTOR, HOST, Devices
from tests.board.devices.sd_model import (
    ADDRESS,
    ADMA,
    ARGUMENT,
    BLOCK,
    BLOCKS,
    CLOCK,
    COMMAND,
    CONTROL,
    ENABLE,
    PORT,
    PRESENT,
    SIGNAL,
    STATUS,
    TABLE,
    Card,
    Host,
)

BASE, LINE = 0xE010_0000, 56
START, SIZE = 0x10_0000, 0x8000
TARGETS = START + 0x1000
STEPS, CARD_BLOCKS = 2000, 2048
INDEXES = (0, 2, 3, 6, 7, 8, 9, 10, 12, 13, 16, 17, 18, 24, 25, 41, 51, 55, 1, 63)


@pytest.fixture(scope="module")
def devices() -> Devices:
    return Devices()


class Both:
    """Board and model with the same card and memory."""

    def __init__(self, devices: Devices, seed: int, blocks: int) -> None:
        devices.reset()
        self.devices, self.source = devices, random.Random(seed)
        content = bytearray(self.source.randbytes(blocks * BLOCK))
        memory = bytearray(self.source.randbytes(SIZE))
        self.model = Host(Card(content), memory, START)
        devices.memory.write(sd_card.CARD_HOST, bytes(content))
        devices.memory.write(DDR_HOST + START, bytes(memory))
        devices.call(sd_card.card_insert, blocks)

    def write(self, offset: int, value: int) -> None:
        self.devices.write(BASE + offset, value)
        self.model.write(offset, value)

    def command(self) -> None:
        """Any command; most of the time one that a driver would give now."""
        source, index = self.source, self.source.choice(INDEXES)
        argument = source.choice((ADDRESS, 0, source.randrange(8), CARD_BLOCKS - 1, CARD_BLOCKS, source.getrandbits(32)))
        if source.random() < 0.5:
            index = source.choice((17, 18, 24, 25, 17, 18, 24, 25, 7, 55, 51, 13, 6))
            argument = ADDRESS if index == 7 else source.randrange(8)
        self.write(ARGUMENT, argument)
        data = index in (17, 18, 24, 25, 51, 6) or source.random() < 0.2
        reads = index not in (24, 25) if source.random() < 0.9 else bool(source.randrange(2))
        dma = source.random() < 0.4
        self.write(COMMAND, index << 24 | data << 21 | source.randrange(4) << 16 | reads << 4 | dma)

    def table(self) -> None:
        """Descriptors: most of them move some bytes, links go forward, the last one ends."""
        source, at = self.source, 0
        words = []
        for number in range(12):
            kind, end = source.choice((0x20, 0x20, 0x20, 0x30, 0x00, 0x10)), 2 if number == 11 or source.random() < 0.15 else 0
            length = source.choice((1, 2, 3, 4, 64, 511, 512, 513, 700))
            target = TARGETS + source.randrange(0x2000)
            if kind == 0x30:
                target = START + at + 8 * source.randrange(1, 4)
            words += [length << 16 | kind | end | (source.random() < 0.97), target]
            at += 8
        packed = struct.pack("<24I", *words) + bytes(64)
        self.model.memory[: len(packed)] = packed
        self.devices.memory.write(DDR_HOST + START, packed)
        self.write(TABLE, START | source.randrange(4))

    def step(self) -> None:
        source, choice = self.source, self.source.random()
        if choice < 0.35:
            self.command()
        elif choice < 0.6:
            for _ in range(source.choice((1, 3, 128, 200))):
                if source.random() < 0.5:
                    assert self.devices.read(BASE + PORT, master=HOST) == 0
                if self.model.reads:
                    assert self.devices.read(BASE + PORT) == self.model.read(PORT)
                else:
                    self.write(PORT, source.getrandbits(32))
        elif choice < 0.7:
            size = source.choice((512, 512, 512, 8, 64, 3, 0, 510))
            self.write(BLOCKS, size | source.choice((0, 1, 1, 2, 3)) << 16)
        elif choice < 0.8:
            self.table()
        elif choice < 0.9:
            self.write(STATUS, source.choice((0xFFFF_FFFF, 0x8000, 1, 3, 1 << 16, source.getrandbits(32))))
        elif choice < 0.93:
            self.write(source.choice((ENABLE, SIGNAL)), source.choice((0xFFFF_FFFF, 0xFFFF_FFFF, 3, source.getrandbits(32))))
        elif choice < 0.98:
            self.write(CONTROL, source.choice((0x10, 0x10, 0x10, 0, 8, 0x18)))
        else:
            self.write(CLOCK, source.choice((1, 0x0101, 1 << 24, 1 << 25, 1 << 26, 4 << 24 | 5)))

    def check(self, step: int) -> None:
        self.devices.now += 10
        self.model.settle()
        offsets = (
            BLOCKS,
            COMMAND,
            0x10,
            0x14,
            0x18,
            0x1C,
            PRESENT,
            CONTROL,
            CLOCK,
            STATUS,
            ENABLE,
            SIGNAL,
            0x40,
            ADMA,
            TABLE,
            0xFC,
        )
        found = {offset: self.devices.read(BASE + offset) for offset in offsets}
        assert found == {offset: self.model.read(offset) for offset in offsets}, step
        assert bool((self.devices.read(DISTRIBUTOR + 0xD04) or 0) >> LINE - 32 & 1) == self.model.line, step
        if step % 20 == 0:
            assert self.devices.memory.read(DDR_HOST + START, SIZE) == bytes(self.model.memory), step
            front = min(64, self.model.card.blocks) * BLOCK
            assert self.devices.memory.read(sd_card.CARD_HOST, front) == bytes(self.model.card.content[:front]), step


@pytest.mark.parametrize(("seed", "blocks"), [(1, CARD_BLOCKS), (2, CARD_BLOCKS), (3, 0)])
def test_everything_that_a_driver_does(devices: Devices, seed: int, blocks: int) -> None:
    both = Both(devices, seed, blocks)
    for offset in (ENABLE, SIGNAL):
        both.write(offset, 0xFFFF_FFFF)
    both.write(BLOCKS, 512 | 1 << 16)
    outcomes = 0
    for step in range(STEPS if blocks else STEPS // 10):
        both.step()
        both.check(step)
        outcomes |= both.model.words[STATUS]
    wanted = 0x0210_8033 | 1 << 16 if blocks else 0x1_8000
    assert outcomes & wanted == wanted, hex(outcomes)
