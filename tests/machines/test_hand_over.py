# SPDX-License-Identifier: Apache-2.0
"""From a card to the first guest: the BootROM, a loader that does what real ones do, OVM. The run is as without them."""

import functools
import struct
from pathlib import Path

import pytest

from ovm.metal.build.elf import Elf
from ovm.metal.build.image import link_arm
from ovm.metal.build.objects import Source
from tests.board.api.test_loading import boot_image
from tests.machines.leftover_registers import registers
from tests.machines.leftovers import Trial, what_shows

LOADER = Path(__file__).with_name("card_loader.c")
SCRIPT = "SECTIONS { . = 0; .text : { *(.start) *(.parameters) *(.text*) *(.rodata*) } /DISCARD/ : { *(.ARM.*) *(.comment) } }"
LIKE = {"SPL": 0, "U-Boot": 1, "FSBL": 2}
LOADING_MILLISECONDS = 60
FIRST_BLOCK, BLOCK, UNIT = 2048, 512, 64 * 512


@functools.cache
def loader() -> Elf:
    return Elf(link_arm([Source(LOADER, LOADER.parent)], SCRIPT, "start", compiler_runtime=True))


@functools.cache
def trial() -> Trial:
    return Trial(stale_lines=1)


@functools.cache
def undisturbed() -> tuple[list[str], dict[str, int]]:
    return trial().run([]), registers(trial().board)


def boot(like: str, image: bytes) -> list[str]:
    """Lines of the run whose loader behaves like this one."""
    (segment,) = loader().segments
    program = bytearray(segment.data)
    content = image + bytes(-len(image) % UNIT)
    struct.pack_into("<III", program, loader().symbols["parameters"].address, LIKE[like], FIRST_BLOCK, len(content) // BLOCK)

    def begin(trial: Trial) -> None:
        trial.board.insert_card(bytes(FIRST_BLOCK * BLOCK) + content)
        trial.board.boot(bytes(boot_image(bytes(program))))

    return trial().lines(begin, LOADING_MILLISECONDS)


@pytest.mark.parametrize("like", LIKE)
def test_guests_run_as_without_a_loader(like: str) -> None:
    lines, expected = undisturbed()
    assert any(line.startswith("\x1eend reason=time") for line in lines)
    assert what_shows(boot(like, trial().archive.boot), lines) == []
    assert registers(trial().board) == expected


@pytest.mark.parametrize("like", LIKE)
def test_a_card_with_a_bad_block_is_noticed(like: str) -> None:
    image = bytearray(trial().archive.boot)
    segment = max((each for each in Elf(bytes(image)).segments if each.data), key=lambda each: each.physical)
    image[bytes(image).rindex(segment.data)] ^= 1
    lines = boot(like, bytes(image))
    assert [line for line in lines if line.startswith("\x1ebroken")][0].startswith("\x1ebroken why=image")
    assert not [line for line in lines if line.startswith("[")]
