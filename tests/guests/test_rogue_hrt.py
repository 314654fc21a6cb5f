# SPDX-License-Identifier: Apache-2.0
"""The attacker at level HRT: nothing gives way on the virtual board, no byte of OVM or of a victim changes, and it notices
each protection that is taken away."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ovm.abi.config import KEY_OVM
from ovm.core.memory.frames import FRAME_SHIFT
from ovm.machines import virtual
from ovm.machines.running import RunOptions
from ovm.metal.build.elf import Elf
from ovm.system.archive import Archive
from ovm.system.build import build, checked
from ovm.system.model import Range
from ovm.system.units import MIB
from tests.guests.test_rogue import COMMAND, ROOT, Door, break_open
from tests.machines.test_victims import PAGE, Memory, code, page_of, pattern, victims

SYSTEM = ROOT / "systems/rogue-hrt.toml"
VICTIMS = """
[system]
name = "victims"
seconds = 0.3
[[guest]]
name = "rogue"
level = "hrt"
image = "metal:ovm.guests.rogue_hrt"
memory = "1MiB"
arguments = [0x0010_0000, 0x0400_0000]
[guest.expect]
exit = 0
escapes = 0
[[guest]]
name = "still-s"
level = "srt"
image = "metal:ovm.guests.still"
memory = "1MiB"
budget_us = 400
period_us = 1000
[[guest]]
name = "still-n"
level = "nrt"
image = "metal:ovm.guests.still"
memory = "1MiB"
"""


def test_it_knows_where_secure_memory_is() -> None:
    """The description's arguments are OVM's place and the end of its granule."""
    system, plan = checked(SYSTEM)
    granule = system.board.secure_granule
    end = (plan.ovm.end + granule - 1) // granule * granule
    assert system.guests[0].arguments == (plan.ovm.start, end)
    assert plan.ovm.length == MIB


def keys_as_planned(archive: Archive, memory: Memory) -> None:
    """OVM's frames, and those of the guests that keep theirs, have the key that they were given at boot."""
    plan = archive.plan
    held = [(plan.ovm, KEY_OVM)]
    held += [(Range(each.ram_phys, each.guest.memory), each.guest.key) for each in plan.guests if each.ram_phys]
    for where, key in held:
        frames = memory.read(plan.frame_table.start + (where.start >> FRAME_SHIFT), where.length >> FRAME_SHIFT)
        assert set(frames) == {key}


def test_no_byte_of_ovm_or_of_a_victim_changes(tmp_path: Path) -> None:
    description = tmp_path / "victims.toml"
    description.write_text(VICTIMS)
    archive = build(description, lambda step: None)
    memory = Memory(tmp_path)
    start = archive.plan.ovm.start
    memory.want(start, max(each.range.end for each in archive.plan.placements) - start)
    result = virtual.run(archive, lambda event: None, RunOptions(dumps=memory.dumps))
    assert result.failures == []
    assert result.guests["rogue"].counters["refusals"] == 3836
    keys_as_planned(archive, memory)
    for start, data in code(archive):
        assert memory.read(start, len(data)) == data, f"code or constants at {start:#x} were changed"
    for place in victims(archive):
        start = Elf(archive.images[place.guest.name].content).address_of("__image_end")
        for gpa in range(start, place.ram_gpa + place.guest.memory, PAGE):
            expected = b"".join(pattern(gpa + offset) for offset in range(0, PAGE, 4))
            assert page_of(archive, memory, place, gpa) == expected, f"{place.guest.name}: page {gpa:#x} was changed"


def test_what_a_description_gives_answers_and_nothing_else(tmp_path: Path) -> None:
    """The attacker reports just the two devices that it was given."""
    description = tmp_path / "given.toml"
    description.write_text(VICTIMS.replace("arguments", 'devices = ["uart0", "ttc1"]\narguments', 1))
    result = virtual.run(build(description, lambda step: None), lambda event: None, RunOptions())
    found = [line.split() for line in result.guests["rogue"].console if line.startswith("ESCAPE")]
    assert {place for _, _, place, *_ in found} == {"0xe0000000", "0xf8002000"}
    assert {how for _, how, *_ in found} == {"load", "store"}
    # Two devices, seven accesses each. A fetch ends in a prefetch abort there as anywhere among devices.
    assert result.guests["rogue"].reports["escapes"] == 14


DOORS = {
    "OVM's segment is open": Door(
        "zynq.py", "open_segments &= ~(1 << segment)", "open_segments &= 0xFFFF", "hrt", "ESCAPE load 0x00100000"
    ),
    "on-chip memory is open": Door(
        "zynq_start.py", "on_chip_open[index] = 0", "on_chip_open[index] = u32(0xFFFF_FFFF)", "hrt", "ESCAPE load 0x00000000"
    ),
    "debug is open": Door(
        "zynq_start.py", "configuration.control & ~u32(DEBUG)", "configuration.control", "hrt", "ESCAPE halt 0xf8890090"
    ),
    "group 0 is empty": Door("gic.py", "Final = u32(0xFFFF_00FF)", "Final = u32(0xFFFF_FFFF)", "hrt", "ESCAPE group 0"),
    "ACTLR is the guest's": Door(
        "boot_cpu.py", "(NSACR, NSACR_FLOATING)", "(NSACR, NSACR_FLOATING | 1 << 18)", "hrt", "ESCAPE ACTLR"
    ),
}


@pytest.mark.parametrize("name", DOORS)
def test_an_open_door_is_found(name: str, tmp_path: Path) -> None:
    door = DOORS[name]
    break_open(door, tmp_path)
    (tmp_path / "system.toml").write_text(VICTIMS)
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "run", "--json", "-o", str(tmp_path / "out"), "system.toml"],
        capture_output=True, text=True, cwd=tmp_path, check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "src")},
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    rogue = next(each for each in json.loads(done.stdout)["guests"] if each["name"] == "rogue")
    assert any(door.seen in line for line in rogue["console"]), rogue["console"]
