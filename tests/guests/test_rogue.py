# SPDX-License-Identifier: Apache-2.0
"""`rogue` notices an open door: each test removes one protection from a copy of the hypervisor and lets rogue loose.

An attacker that fails against a whole hypervisor proves nothing unless it succeeds against a broken one.
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMAND = "from ovm.cli.main import main; main(prog_name='ovm')"

pytestmark = pytest.mark.usefixtures("qemu")


@dataclass(frozen=True)
class Door:
    """A protection to remove: one piece of the hypervisor's source and what to put there."""

    file: str
    whole: str
    broken: str
    level: str
    seen: str


DOORS = {
    "the gate page belongs to User mode too": Door(
        "memory/tables.py", "common | AP_PRIVILEGED_ONLY << 4", "common | 3 << 4", "nrt", "ESCAPE load 0xfffffff0"
    ),
    "another guest's RAM is in the section table": Door(
        "memory/sections.py",
        "        _map(guest, guest.ram_gpa, guest.ram_phys, guest.ram_bytes, True, False)\n",
        "        _map(guest, guest.ram_gpa, guest.ram_phys, guest.ram_bytes, True, False)\n"
        "    if guest.level == Level.SRT:\n"
        "        _section(guest, u32(0xBFF0_0000), guest.ram_phys - SECTION_BYTES, True, False)\n",
        "srt",
        "ESCAPE store 0xbffffff8",
    ),
    "applications make hypercalls": Door(
        "trap/supervisor_call.py", "if vcpu.privileged == 0 or not hyper", "if not hyper", "srt", "call of an application"
    ),
    "anybody manages": Door(
        "hypercall/guests.py", "if not config_of(vcpu).flags.manager:", "if vcpu.index > 8:", "nrt", "ESCAPE call 0x8600000f"
    ),
}


SYSTEM = """
[system]
name = "open-door"
board = "vexpress-a9"
seconds = 4
[[guest]]
name = "victim"
level = "nrt"
image = "metal:ovm.guests.still"
memory = "1MiB"
[[guest]]
name = "rogue"
level = "{level}"
image = "metal:ovm.guests.rogue"
memory = "1MiB"
{time}
[guest.expect]
exit = 0
escapes = 0
"""


def break_open(door: Door, folder: Path) -> None:
    """Copy the project's sources and remove the protection from the copy."""
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "boards", folder / "boards")
    time = "budget_us = 800\nperiod_us = 1000" if door.level == "srt" else ""
    (folder / "system.toml").write_text(SYSTEM.format(level=door.level, time=time))
    source = folder / "src/ovm/core" / door.file
    text = source.read_text()
    assert text.count(door.whole) == 1, "the hypervisor's source has changed: find the protection again"
    source.write_text(text.replace(door.whole, door.broken))


@pytest.mark.parametrize("name", DOORS)
def test_an_open_door_is_found(name: str, tmp_path: Path) -> None:
    door = DOORS[name]
    break_open(door, tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "run", "--json", "-o", str(tmp_path / "out"), "system.toml"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "src")},
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    rogue = next(each for each in json.loads(done.stdout)["guests"] if each["name"] == "rogue")
    assert any(door.seen in line for line in rogue["console"]), rogue["console"]
