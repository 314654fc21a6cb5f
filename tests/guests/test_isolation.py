# SPDX-License-Identifier: Apache-2.0
"""Victims at each level beside attackers at each deprivileged level, on QEMU: every byte of the victims' memory is theirs.

`still` fills its free memory with a pattern that tells each word's address. What is in RAM at the end is taken out by
the machine, not by a guest, and compared with the pattern made here. An NRT victim's pages are found by the
frame map that OVM keeps.
"""

import array
from pathlib import Path

import pytest

from ovm.abi.config import Level
from ovm.machines.qemu import Dump, RunOptions, run
from ovm.metal.build.elf import Elf
from ovm.system.archive import Archive
from ovm.system.build import build
from ovm.system.plan import GuestPlan

ROOT = Path(__file__).parents[2]
PAGE = 4096
GUEST = '[[guest]]\nname = "{name}"\nlevel = "{level}"\nimage = "metal:ovm.guests.{image}"\nmemory = "1MiB"\n{more}\n'
SOFT = "budget_us = 200\nperiod_us = 1000"
VICTIMS = ("still-hrt", "still-srt", "still-nrt")
ATTACKERS = ("rogue-srt", "rogue-nrt")

pytestmark = pytest.mark.usefixtures("qemu")


def describe(folder: Path) -> Path:
    """Three victims and two attackers. The victims never look at their memory themselves."""
    parts = ['[system]\nname = "isolation"\nboard = "vexpress-a9"\nseconds = 12\n']
    for name in VICTIMS + ATTACKERS:
        image, level = name.split("-")
        parts.append(GUEST.format(name=name, level=level, image=image, more=SOFT if level == "srt" else ""))
    description = folder / "isolation.toml"
    description.write_text("\n".join(parts))
    return description


def pattern(start: int, end: int) -> bytes:
    """Return what `still` puts into memory from one address to another."""
    words = ((place * 0x9E37_79B1 + 0x7F4A_7C15) & 0xFFFF_FFFF for place in range(start, end, 4))
    return array.array("I", words).tobytes()


def memory_of(place: GuestPlan, ram: bytes, base: int) -> bytes:
    """Return a guest's RAM, in the guest's own order."""
    if place.guest.level is not Level.NRT:
        return ram[place.ram_phys - base :][: place.guest.memory]
    map_bytes = ram[place.frame_map_phys - base :][: place.guest.memory // PAGE * 4]
    frames = memoryview(map_bytes).cast("I")
    assert all(frames), "a page of the victim has no frame"
    return b"".join(ram[(frame * PAGE) - base :][:PAGE] for frame in frames)


def free_memory(archive: Archive, place: GuestPlan) -> tuple[int, int]:
    """From the end of the image, and its stack, to the end of RAM."""
    start = Elf(archive.images[place.guest.name].content).address_of("__image_end")
    return start, place.ram_gpa + place.guest.memory


def test_no_byte_of_a_victim_changes(tmp_path: Path) -> None:
    archive = build(describe(tmp_path), lambda step: None)
    board = archive.plan.system.board
    end = max(each.range.end for each in archive.plan.placements)
    dump = Dump(board.ram.start, end - board.ram.start, tmp_path / "ram")
    result = run(archive, lambda event: None, RunOptions(dumps=(dump,)))
    ram = dump.file.read_bytes()
    for name in ATTACKERS:
        assert result.guests[name].figure("exit") == 0, result.guests[name].console
        assert result.guests[name].figure("escapes") == 0
        assert (result.guests[name].figure("attempts") or 0) > 6000
        assert (result.guests[name].figure("refusals") or 0) > 1000
    for place in archive.plan.guests:
        if place.guest.name in VICTIMS:
            start, stop = free_memory(archive, place)
            found = memory_of(place, ram, board.ram.start)[start - place.ram_gpa :]
            assert found == pattern(start, stop), f"memory of {place.guest.name} was changed"
            assert result.guests[place.guest.name].refusals == []
    hard = result.guests["still-hrt"]
    assert hard.counters["entries"] == 0
