# SPDX-License-Identifier: Apache-2.0
"""Tests of how a program comes into the board: a boot image as the BootROM takes it, the card, and where memory lies then."""

import struct
from collections.abc import Callable

import pytest

from ovm.board.api import Board, BoardError
from tests.board.devices.test_machine import build

# Reads the boot mode.
FIRST_STAGE = """
        ldr   r6, =0xF8000000
        ldr   r4, [r6, #0x25C]
    1:  b     1b
"""


def boot_image(program: bytes, entry: int = 0, **changes: int) -> bytearray:
    """Return a boot image as UG585 6.3.2 describes its header."""
    words = [0xAA99_5566, 0x584C_4E58, 0, 0x0101_0000, 0x1700, len(program), 0, entry, len(program), 1]
    for name, value in changes.items():
        words[int(name[1:])] = value
    image = bytearray(0x1700)
    struct.pack_into("<11I", image, 0x20, *words, ~sum(words) & 0xFFFF_FFFF)
    struct.pack_into("<II", image, 0xA0, 0xFFFF_FFFF, 0)
    return image + program


@pytest.fixture(scope="module")
def board() -> Board:
    return Board()


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return build(tmp_path_factory.mktemp("first"), FIRST_STAGE)


@pytest.mark.parametrize(("mode", "pins"), [("sd", 5), ("qspi", 1)])
def test_the_first_program_runs_from_on_chip_memory(board: Board, program: bytes, mode: str, pins: int) -> None:
    board.reset()
    board.write(0x100, b"DDR!")
    board.boot(bytes(boot_image(bytes(16) + program, 16)), mode)
    assert board.cores[0].pc == 16
    board.run(cycles=10_000)
    assert board.cores[0].get("r4") == pins
    # What a core would see at 0 is the program, and not DDR.
    assert board.read(16, len(program)) == program


def test_memory_is_where_ocm_cfg_puts_it(board: Board, program: bytes) -> None:
    board.reset()
    board.write(0x1_0100, b"DDR!")
    assert board.read(0xFFFC_0000, 4) == bytes(4)
    board.boot(bytes(boot_image(program)))
    board.write(0x1_0100, b"OCM!")
    assert board.read(0x1_0100, 4) == b"OCM!"
    # The BootROM leaves the last block high, and nothing in its place; DDR begins at 1 MiB.
    for place in (0x3_0000, 0x2_FFFE, 0xF_FFFF, 0xFFFC_0000):
        with pytest.raises(BoardError, match="R206"):
            board.read(place, 4)
    assert board.read(0x10_0000, 4) == bytes(4)
    assert board.read(0xFFFF_FFF0, 4) == bytes(4)
    board.reset()
    assert board.read(0x1_0100, 4) == bytes(4)


def test_a_range_ends_where_memory_does(board: Board) -> None:
    board.reset()
    assert board.read(0x3FFF_FFFC, 4) == bytes(4)
    assert board.read(0xFFFF_FFFC, 4) == bytes(4)
    for start, size in ((0x3FFF_FFFE, 4), (0xFFFF_FFFE, 4), (-4, 8), (1 << 32, 1), (0x4000_0000, 1), (0xFFFB_FFFF, 2)):
        with pytest.raises(BoardError, match="R206"):
            board.read(start, size)


def _without_width(image: bytearray) -> bytearray:
    image[0x20] ^= 1
    return image


def _without_checksum(image: bytearray) -> bytearray:
    image[0x48] ^= 1
    return image


def _with_register(image: bytearray) -> bytearray:
    struct.pack_into("<II", image, 0xA0, 0xF800_0008, 0xDF0D)
    return image


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_without_width, "0xaa995567"),
        (_without_checksum, "the checksum"),
        (_with_register, "register initialisation"),
        (lambda image: image[:0x100], "256 bytes"),
        (lambda image: image[:-8], "8 bytes at 0x1700"),
        (lambda _: boot_image(b""), "0 bytes at 0x1700"),
        (lambda _: boot_image(bytes(8), 8), "entry 0x8"),
        (lambda _: boot_image(bytes(8), 2), "entry 0x2"),
        (lambda _: boot_image(bytes((192 << 10) + 4)), "196612 bytes"),
        (lambda _: boot_image(bytes(8), w2=0xA5C3_C5A3), "encryption"),
    ],
)
def test_other_images_are_refused(board: Board, spoil: Callable[[bytearray], bytearray], said: str) -> None:
    with pytest.raises(BoardError, match="R213") as refused:
        board.boot(bytes(spoil(boot_image(bytes(8)))))
    assert said in str(refused.value)


def test_other_modes_and_cards_are_refused(board: Board) -> None:
    with pytest.raises(BoardError, match="R212.*\n.*qspi, nor, nand, sd\n.*write 'sd'"):
        board.boot(bytes(boot_image(bytes(8))), "sdd")
    with pytest.raises(BoardError, match="R214"):
        board.insert_card(b"")
    for size in (-1, (512 << 20) + 1, 1 << 31):
        with pytest.raises(BoardError, match=f"R214(?s:.*)found: +{size} bytes"):
            board.card(size)
    for entry in (0x20_0002, -4, 1 << 32):
        with pytest.raises(BoardError, match="R217"):
            board.start(entry)


def test_a_card_holds_nothing_of_the_one_before(board: Board) -> None:
    board.reset()
    board.insert_card(b"A" * 600_000)
    board.insert_card(b"B")
    assert board.card(700_000) == b"B".ljust(700_000, b"\0")
    board.insert_card(b"C" * (3 << 20))
    board.insert_card(b"D")
    assert board.card(3 << 20) == b"D".ljust(3 << 20, b"\0")


def test_a_recording_keeps_what_a_buffer_held(board: Board, program: bytes) -> None:
    board.reset()
    recording = board.record()
    card, image, data, typed = bytearray(b"card" * 8), boot_image(program), bytearray(b"data"), bytearray(b"typed")
    board.insert_card(card)
    board.boot(image)
    board.write(0x20_0000, memoryview(data))
    board.type(1, typed)
    for each in (card, image, data, typed):
        each[:] = bytes(len(each))
    board.run(cycles=5000)
    board.stop_recording()
    ended = board.state_hash()
    board.replay(recording)
    assert board.state_hash() == ended and board.card(4) == b"card" and board.read(0x20_0000, 4) == b"data"


def test_card_and_boot_are_inputs(board: Board, program: bytes) -> None:
    board.reset()
    recording = board.record()
    board.insert_card(b"card" * 1000)
    board.boot(bytes(boot_image(program)))
    board.run(cycles=5000)
    board.stop_recording()
    ended = board.state_hash()
    board.reset()
    board.replay(recording)
    assert board.state_hash() == ended
    assert board.card(8) == b"cardcard"
