# SPDX-License-Identifier: Apache-2.0
"""An attacker at each level beside a victim at each level: every byte of the victims' memory is compared from outside.

`still` fills its memory with a pattern of the address and sleeps. QEMU dumps physical memory after the attack; nothing that
runs under OVM takes part in the comparison.
"""

from pathlib import Path

import pytest

from ovm.abi.config import Level
from ovm.machines.qemu import Dump, RunOptions, run
from ovm.metal.build.elf import Elf
from ovm.system.archive import Archive
from ovm.system.build import build
from ovm.system.plan import GuestPlan

PAGE = 4096
DESCRIPTION = """
[system]
name = "victims"
board = "vexpress-a9"
seconds = 12
[[guest]]
name = "rogue"
level = "{level}"
image = "metal:ovm.guests.rogue"
memory = "1MiB"
{reservation}
[guest.expect]
exit = 0
escapes = 0
refusals = {{ min = 1000 }}
[[guest]]
name = "still-h"
level = "hrt"
image = "metal:ovm.guests.still"
memory = "1MiB"
[[guest]]
name = "still-s"
level = "srt"
image = "metal:ovm.guests.still"
memory = "1MiB"
budget_us = 200
period_us = 1000
[[guest]]
name = "still-n"
level = "nrt"
image = "metal:ovm.guests.still"
memory = "1MiB"
"""
RESERVATION = "budget_us = 400\nperiod_us = 1000"


def pattern(address: int) -> bytes:
    return (address * 0x9E37_79B1 + 0x7F4A_7C15 & 0xFFFF_FFFF).to_bytes(4, "little")


class Memory:
    """Physical memory after a run, in the pieces that were dumped."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pieces: list[Dump] = []

    def want(self, start: int, length: int) -> None:
        self._pieces.append(Dump(start, length, self._folder / f"{start:08x}"))

    @property
    def dumps(self) -> tuple[Dump, ...]:
        return tuple(self._pieces)

    def read(self, start: int, length: int) -> bytes:
        for piece in self._pieces:
            if piece.physical <= start and start + length <= piece.physical + piece.length:
                with piece.file.open("rb") as file:
                    file.seek(start - piece.physical)
                    return file.read(length)
        raise AssertionError(f"{start:#x} was not dumped")


def victims(archive: Archive) -> list[GuestPlan]:
    return [each for each in archive.plan.guests if each.guest.name != "rogue"]


def code(archive: Archive) -> list[tuple[int, bytes]]:
    """Return what was loaded for good: read-only segments of OVM and of the victims."""
    found = [(each.physical, each.data) for each in Elf(archive.core.content).segments if not each.writable]
    for place in victims(archive):
        for each in archive.images[place.guest.name].segments:
            if not each.writable:
                found.append((place.physical(each.virtual), each.data))
    return found


def page_of(archive: Archive, memory: Memory, place: GuestPlan, gpa: int) -> bytes:
    """Return a page of a guest's memory, found as OVM's own tables say where it is."""
    if place.guest.level is not Level.NRT:
        return memory.read(place.physical(gpa), PAGE)
    index = (gpa - place.ram_gpa) // PAGE
    frame = int.from_bytes(memory.read(place.frame_map_phys + 4 * index, 4), "little")
    assert frame, f"page {gpa:#x} of {place.guest.name} is gone"
    return memory.read(frame * PAGE, PAGE)


@pytest.mark.usefixtures("qemu")
@pytest.mark.parametrize("level", ["srt", "nrt"])
def test_every_byte_of_every_victim_is_as_it_was(level: str, tmp_path: Path) -> None:
    description = tmp_path / "victims.toml"
    description.write_text(DESCRIPTION.format(level=level, reservation=RESERVATION if level == "srt" else ""))
    archive = build(description, lambda step: None)
    memory = Memory(tmp_path)
    ram, used = archive.plan.system.board.ram, max(each.range.end for each in archive.plan.placements)
    memory.want(ram.start, used - ram.start)
    result = run(archive, lambda event: None, RunOptions(dumps=memory.dumps))
    assert result.failures == []
    for start, data in code(archive):
        assert memory.read(start, len(data)) == data, f"code or constants at {start:#x} were changed"
    compared = 0
    for place in victims(archive):
        image = Elf(archive.images[place.guest.name].content)
        start = image.address_of("__image_end")
        assert start % PAGE == 0
        for gpa in range(start, place.ram_gpa + place.guest.memory, PAGE):
            expected = b"".join(pattern(gpa + offset) for offset in range(0, PAGE, 4))
            assert page_of(archive, memory, place, gpa) == expected, f"{place.guest.name}: page {gpa:#x} was changed"
            compared += 1
    assert compared > 600
    assert result.guests["still-h"].counters["entries"] == 0
    assert [each.refusals for name, each in result.guests.items() if name != "rogue"] == [[], [], []]
