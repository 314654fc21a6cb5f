# SPDX-License-Identifier: Apache-2.0
"""SDIO0 and its card, driven as the specifications tell a driver to (SD Host Controller 3.6 to 3.13, Physical Layer 4.2)."""

import struct
from typing import Final

import pytest

from ovm.board.devices import sd_card
from tests.board.devices.bench import SLCR, Devices

SD: Final = 0xE010_0000
BLOCKS, ARGUMENT, MODE, COMMAND, RESPONSE, PORT, PRESENT = 4, 8, 0xC, 0xE, 0x10, 0x20, 0x24
CONTROL, CLOCK, RESET, STATUS, ERRORS, ENABLE, SIGNAL, CAPABILITIES, ADMA_STATUS, DESCRIPTORS = (
    0x28, 0x2C, 0x2F, 0x30, 0x32, 0x34, 0x38, 0x40, 0x54, 0x58,
)  # fmt: skip
NONE, LONG, SHORT, BUSY, DATA = 0, 1, 2, 3, 0x20
DONE, MOVED, WRITE_READY, READ_READY, ERROR = 1, 2, 0x10, 0x20, 0x8000
READ, MULTIPLE, COUNTED, DMA = 0x10, 0x20, 2, 1
CONTENT = bytes(range(256)) * 8 + b"last".ljust(512, b".")


class Driver:
    """An SD card's driver, as little as is needed."""

    def __init__(self, content: bytes = CONTENT, blocks: int = 2048) -> None:
        self.devices = Devices()
        self.devices.memory.write(sd_card.CARD_HOST, content)
        self.devices.call(sd_card.card_insert, blocks)
        self.write(ENABLE, 0xFFFF_FFFF)
        self.address = 0

    def read(self, offset: int, size: int = 4) -> int:
        value = self.devices.read(SD + offset, size)
        assert value is not None
        return value

    def write(self, offset: int, value: int, size: int = 4) -> None:
        assert self.devices.write(SD + offset, value, size)

    def command(self, index: int, argument: int, kind: int) -> int:
        """Send a command; its status, which is clear again then."""
        self.write(STATUS, 0xFFFF_FFFF)
        self.write(ARGUMENT, argument)
        self.write(COMMAND, index << 8 | kind, 2)
        self.devices.now += 10
        return self.read(STATUS)

    def identify(self) -> None:
        assert self.command(0, 0, NONE) == DONE
        assert self.command(8, 0x1AA, SHORT) == DONE
        assert self.read(RESPONSE) == 0x1AA
        self.command(55, 0, SHORT)
        self.command(41, 0x4030_0000, SHORT)
        assert self.read(RESPONSE) >> 30 == 3  # powered up, block addresses
        assert self.command(2, 0, LONG) == DONE
        assert self.command(3, 0, SHORT) == DONE
        self.address = self.read(RESPONSE) & 0xFFFF_0000
        assert self.command(9, self.address, LONG) == DONE
        assert self.command(7, self.address, BUSY) == DONE | MOVED

    def data(self, index: int, argument: int, blocks: int, mode: int, size: int = 512) -> int:
        self.write(BLOCKS, size, 2)
        self.write(BLOCKS + 2, blocks, 2)
        self.write(MODE, mode | (MULTIPLE | COUNTED if blocks > 1 else 0), 2)
        return self.command(index, argument, SHORT | DATA)

    def take(self, size: int) -> bytes:
        return struct.pack(f"<{size // 4}I", *(self.read(PORT) for _ in range(size // 4)))


@pytest.fixture
def driver() -> Driver:
    found = Driver()
    found.identify()
    return found


def test_reset_values_and_no_card() -> None:
    driver = Driver(blocks=0)
    assert driver.read(CAPABILITIES) == 0x69EC_0080
    assert driver.read(0xFE, 2) == 0x8901
    assert driver.read(PRESENT) & 1 << 16 == 0
    assert driver.command(8, 0x1AA, SHORT) == ERROR | 1 << 16


def test_a_card_echoes_voltage_and_pattern_alone(driver: Driver) -> None:
    """Bits 31 to 12 of CMD8 are reserved, and of its response 0 (Physical Layer 4.3.13, 4.9.6)."""
    driver.command(8, 0xFFFF_F1FF, SHORT)
    assert driver.read(RESPONSE) == 0x1FF
    driver.command(8, 0xFFF, SHORT)
    assert driver.read(RESPONSE) == 0xFFF


def test_the_clock_is_stable_once_it_is_on(driver: Driver) -> None:
    driver.write(CLOCK, 0x0101, 2)
    assert driver.read(CLOCK, 2) == 0x0103
    driver.write(CLOCK, 0x0100, 2)
    assert driver.read(CLOCK, 2) == 0x0100


def test_a_card_says_its_size() -> None:
    driver = Driver(blocks=5 * 1024)
    driver.identify()
    driver.command(7, 0, NONE)
    driver.command(9, driver.address, LONG)
    # CSD[127:8] in [119:0] (Host Controller 2.2.7); C_SIZE is CSD[69:48] (Physical Layer 5.3.3).
    csd = sum(driver.read(RESPONSE + 4 * index) << 32 * index for index in range(4)) << 8
    assert csd >> 126 == 1
    assert csd >> 48 & 0x3F_FFFF == 5 - 1


def test_a_block_is_read_by_the_port(driver: Driver) -> None:
    assert driver.data(17, 1, 1, READ) == DONE | READ_READY
    assert driver.read(PRESENT) & 1 << 11
    assert driver.take(512) == CONTENT[512:1024]
    assert driver.read(STATUS) & MOVED
    assert driver.read(PRESENT) & 1 << 11 == 0


def test_each_block_of_several_is_announced(driver: Driver) -> None:
    assert driver.data(18, 3, 2, READ) == DONE | READ_READY
    driver.write(STATUS, READ_READY)
    assert driver.take(512) == CONTENT[1536:2048]
    assert driver.read(STATUS) == DONE | READ_READY
    assert driver.take(512) == CONTENT[2048:]
    assert driver.read(STATUS) & MOVED
    assert driver.command(12, 0, BUSY) == DONE | MOVED


def test_looking_takes_nothing(driver: Driver) -> None:
    driver.data(17, 0, 1, READ)
    assert driver.devices.read(SD + PORT, master=3) == 0
    assert driver.take(4) == CONTENT[:4]


def test_a_block_is_written_by_the_port(driver: Driver) -> None:
    assert driver.data(24, 2, 1, 0) == DONE | WRITE_READY
    for index in range(128):
        driver.write(PORT, 0x0101_0101 * (index & 0xFF))
    assert driver.read(STATUS) & MOVED
    assert driver.devices.memory.read(sd_card.CARD_HOST + 1024, 512) == b"".join(bytes([index] * 4) for index in range(128))


@pytest.mark.parametrize("size", [510, 3])
def test_a_block_that_is_no_whole_number_of_words_ends_by_the_port(driver: Driver, size: int) -> None:
    """Each block begins with a new word; what its last one has too many of is neither read nor written."""
    words, length = -(-size // 4), -(-size // 4) * 4
    assert driver.data(18, 1, 2, READ, size) == DONE | READ_READY
    for at in (512, 512 + size):
        assert driver.take(length) == CONTENT[at : at + size].ljust(length, b"\0")
    assert driver.read(STATUS) & MOVED and driver.read(PRESENT) & 0xC00 == 0
    assert driver.read(PORT) == 0
    assert driver.data(25, 1, 2, 0, size) == DONE | WRITE_READY
    for _ in range(2 * words + 2):
        driver.write(PORT, 0xFFFF_FFFF)
    assert driver.read(STATUS) & MOVED and driver.read(PRESENT) & 0xC00 == 0
    assert driver.devices.memory.read(sd_card.CARD_HOST, len(CONTENT)) == (
        CONTENT[:512] + bytes([0xFF]) * 2 * size + CONTENT[512 + 2 * size :]
    )


@pytest.mark.parametrize("asked", [1024, 0x600])
def test_descriptors_say_where_blocks_go(driver: Driver, asked: int) -> None:
    table, first, second = 0x10_0000, 0x20_0000, 0x30_0004
    for index, word in enumerate((512 << 16 | 0x21, first, 0x31, table + 0x100)):
        driver.devices.write(table + 4 * index, word)
    for index, word in enumerate((asked << 16 | 0x23, second)):
        driver.devices.write(table + 0x100 + 4 * index, word)
    driver.write(CONTROL, 2 << 3, 1)
    driver.write(DESCRIPTORS, table)
    assert driver.data(18, 0, 3, READ | DMA) == DONE | MOVED
    found = b"".join(
        struct.pack("<I", driver.devices.read(place + at) or 0) for place in (first, second) for at in range(0, 1024, 4)
    )
    assert found[:512] == CONTENT[:512]
    assert found[512:1024] == bytes(512)
    assert found[1024:] == CONTENT[512:1536]


@pytest.mark.parametrize("confined", [0, 1])
def test_a_confined_transfer_does_not_reach_secure_memory(driver: Driver, confined: int) -> None:
    driver.devices.unlock()
    driver.devices.write(SLCR + 0x430, 1)  # the first 64 MiB are open
    driver.devices.write(SLCR + 0x454, confined)
    driver.devices.write(0x10_0000, 512 << 16 | 0x23)
    driver.devices.write(0x10_0004, 0x400_0000)
    driver.write(CONTROL, 2 << 3, 1)
    driver.write(DESCRIPTORS, 0x10_0000)
    assert driver.data(17, 0, 1, READ | DMA) == (DONE | ERROR | 1 << 25 if confined else DONE | MOVED)
    assert driver.devices.read(0x400_0000) == (0 if confined else 0x0302_0100)


def test_a_descriptor_that_is_not_valid_is_an_error(driver: Driver) -> None:
    driver.write(CONTROL, 2 << 3, 1)
    driver.write(DESCRIPTORS, 0x10_0000)
    assert driver.data(17, 0, 1, READ | DMA) == DONE | ERROR | 1 << 25


@pytest.mark.parametrize("reads", [READ, 0])
def test_every_byte_of_a_descriptor_moves(driver: Driver, reads: int) -> None:
    memory = bytes(range(0x80, 0x90))
    for at in range(0, 16, 4):
        driver.devices.write(0x20_0000 + at, int.from_bytes(memory[at : at + 4], "little"))
    for index, word in enumerate((6 << 16 | 0x21, 0x20_0000, 2 << 16 | 0x23, 0x20_0008)):
        driver.devices.write(0x10_0000 + 4 * index, word)
    driver.write(CONTROL, 2 << 3, 1)
    driver.write(DESCRIPTORS, 0x10_0000)
    assert driver.data(17 if reads else 24, 0, 1, reads | DMA, 8) == DONE | MOVED
    found = b"".join(struct.pack("<I", driver.devices.read(0x20_0000 + at) or 0) for at in range(0, 16, 4))
    card = driver.devices.memory.read(sd_card.CARD_HOST, 12)
    if reads:
        assert found == CONTENT[:6] + memory[6:8] + CONTENT[6:8] + memory[10:] and card == CONTENT[:12]
    else:
        assert found == memory and card == memory[:6] + memory[8:10] + CONTENT[8:12]


def test_a_list_that_ends_too_soon_is_an_error(driver: Driver) -> None:
    for index, word in enumerate((256 << 16 | 0x23, 0x20_0000, 512 << 16 | 0x23, 0x20_0000)):
        driver.devices.write(0x10_0000 + 4 * index, word)
    driver.write(CONTROL, 2 << 3, 1)
    driver.write(DESCRIPTORS, 0x10_0000)
    assert driver.data(17, 0, 1, READ | DMA) == DONE | ERROR | 1 << 25
    assert driver.read(ADMA_STATUS) == 4
    driver.write(DESCRIPTORS, 0x10_0008)
    assert driver.data(17, 0, 1, READ | DMA) == DONE | MOVED
    assert driver.read(ADMA_STATUS) == 0


def test_a_descriptor_without_a_length_is_of_64_kib(driver: Driver) -> None:
    driver.devices.write(0x10_0000, 0x23)
    driver.devices.write(0x10_0004, 0x20_0000)
    driver.write(CONTROL, 2 << 3, 1)
    driver.write(DESCRIPTORS, 0x10_0000)
    assert driver.data(18, 0, 128, READ | DMA) == DONE | MOVED
    assert driver.devices.read(0x20_0800) == int.from_bytes(b"last", "little")


def test_the_last_byte_issues_a_command(driver: Driver) -> None:
    driver.write(STATUS, 0xFFFF_FFFF)
    driver.write(MODE, READ, 2)
    driver.write(COMMAND, SHORT, 1)
    assert driver.read(STATUS) == 0
    driver.write(COMMAND + 1, 13, 1)
    assert driver.read(STATUS) == DONE


def test_only_enabled_status_shows(driver: Driver) -> None:
    driver.write(ENABLE, 0)
    assert driver.command(13, driver.address, SHORT) == 0
    assert driver.read(RESPONSE) & 4 << 9


def test_an_empty_transfer_ends_the_one_before(driver: Driver) -> None:
    """Nothing is written any more, neither to the card nor behind it, when a command with blocks of no bytes follows."""
    assert driver.data(25, 0, 2, 0) == DONE | WRITE_READY
    driver.write(PORT, 0)
    assert driver.data(25, 1, 1, 0, 0) == DONE | MOVED
    assert driver.read(PRESENT) & 0xC00 == 0
    for _ in range(400):
        driver.write(PORT, 0x5A5A_5A5A)
    assert driver.devices.memory.read(sd_card.CARD_HOST, len(CONTENT)) == bytes(4) + CONTENT[4:]


def test_registers_are_as_they_are_whatever_was_written_to_them(driver: Driver) -> None:
    assert driver.data(6, 0, 1, 0, 64) == DONE | WRITE_READY
    for _ in range(16):
        driver.write(PORT, 0xFFFF_FFFF)
    assert driver.data(6, 0, 1, READ, 64) == DONE | READ_READY
    assert driver.take(64) == bytes(64)


def test_registers_of_the_card_come_as_data(driver: Driver) -> None:
    driver.command(55, driver.address, SHORT)
    assert driver.read(RESPONSE) & 1 << 5
    assert driver.data(51, 0, 1, READ, 8) == DONE | READ_READY
    assert driver.take(8) == bytes((2, 0x35, 0x80, 0, 0, 0, 0, 0))


def test_behind_the_last_block_is_nothing(driver: Driver) -> None:
    assert driver.data(17, 2048, 1, READ) == DONE | ERROR | 1 << 20
    assert driver.read(RESPONSE) >> 31


def test_its_interrupt_is_a_level_of_56(driver: Driver) -> None:
    level = 0xF8F0_1D04
    driver.write(SIGNAL, DONE)
    driver.command(13, driver.address, SHORT)
    assert driver.devices.read(level) == 1 << 56 - 32
    driver.write(STATUS, DONE)
    assert driver.devices.read(level) == 0


@pytest.mark.parametrize("how", ["its own", "by the SLCR"])
def test_reset_ends_a_transfer(driver: Driver, how: str) -> None:
    driver.data(17, 0, 1, READ)
    if how == "its own":
        driver.write(RESET, 1, 1)
        assert driver.read(RESET, 1) == 0
    else:
        driver.devices.unlock()
        driver.devices.write(SLCR + 0x218, 0x11)
        driver.devices.write(SLCR + 0x218, 0)
    assert driver.read(PRESENT) & 1 << 11 == 0
    assert driver.read(STATUS) == 0
    assert driver.read(ENABLE) == 0


def test_the_normal_world_is_kept_out(driver: Driver) -> None:
    assert driver.devices.read(SD + PRESENT, ns=1) is None


@pytest.mark.parametrize("window", [0xE100_0000, 0xE200_0000, 0xE5FF_FFFC, 0xFC00_0000, 0xFDFF_FFFC])
def test_windows_to_memories_that_are_not_there(driver: Driver, window: int) -> None:
    assert driver.devices.read(window) == 0
    assert driver.devices.read(window, ns=1) is None
