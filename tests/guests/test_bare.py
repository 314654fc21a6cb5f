# SPDX-License-Identifier: Apache-2.0
"""A program that knows nothing of OVM finds a processor as after reset, and notices each thing that isn't."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ovm.machines import virtual
from ovm.machines.running import RunOptions
from ovm.system.build import build
from tests.guests.metal_image import expected
from tests.guests.test_rogue import COMMAND, ROOT, Door, break_open

ALONE = """
[system]
name = "alone"
seconds = 1
[[guest]]
name = "bare"
level = "hrt"
abi = "none"
image = "metal:ovm.guests.bare"
address = 0x0010_0000
memory = "1MiB"
devices = ["uart0", "ttc1"]
constants = { "serial.PORT" = 0xE000_0000, "interrupt.TIMER" = 0xF800_2000, "interrupt.TIMER_INTERRUPT" = 69 }
[guest.expect]
state = "running"
"""
# Lines of caches with data of their own: only they show that memory wasn't cleaned.
STALE = {"stale_lines": 1}


def test_beside_guests_that_know_ovm() -> None:
    result = virtual.run(build(ROOT / "systems/plain.toml", lambda step: None), lambda event: None, RunOptions())
    assert result.failures == []


def test_its_memory_is_in_no_cache(tmp_path: Path) -> None:
    description = tmp_path / "alone.toml"
    description.write_text(ALONE)
    archive = build(description, lambda step: None)
    result = virtual.run(archive, lambda event: None, RunOptions(parameters=STALE))
    assert result.guests["bare"].console == expected("bare")


def test_without_its_devices_it_is_stopped(tmp_path: Path) -> None:
    """A device that isn't given doesn't answer: the first access to the port ends the guest."""
    description = tmp_path / "alone.toml"
    description.write_text(ALONE.replace('"uart0", "ttc1"', '"ttc1"'))
    result = virtual.run(build(description, lambda step: None), lambda event: None, RunOptions())
    assert result.guests["bare"].console == []
    assert result.guests["bare"].state == "stopped"


DOORS = {
    "MMU and caches are on": Door(
        "boot_hard.py", "(SCTLR, SCTLR_ONES)\n\n", "(SCTLR, SCTLR_ONES | SCTLR_I)\n\n", "hrt", "MMU and caches: WRONG"
    ),
    "floating point is open": Door("boot_hard.py", "    cp15_write(CPACR, 0)\n", "", "hrt", "coprocessors: WRONG"),
    "r0 is the address of a page": Door(
        "boot_hard.py", "u32(0) if PLAIN else", "u32(1) if PLAIN else", "hrt", "registers: WRONG"
    ),
    "ACTLR is read-only": Door("boot_hard.py", " | NSACR_NS_SMP)", ")", "hrt", "exception"),
    "SGI 0 is OVM's": Door("gic.py", "u32(0xFFFF_00FF)", "u32(0xFFFF_00FE)", "hrt", "priority of SGIs: WRONG"),
    "interrupts are aimed at one CPU": Door("gic.py", "u8(0b11)", "u8(0b10)", "hrt", "targets of shared interrupts: WRONG"),
    "level 2 has lines of its memory": Door("boot.py", "        level2_flush()\n", "", "hrt", "memory through caches: WRONG"),
    "Monitor stays outside coherency": Door(
        "entry/hard.py", "    if PLAIN\n", "    if not PLAIN\n", "hrt", "a call outside coherency: WRONG"
    ),
    "the timer's register stays closed": Door("zynq.py", "register.open)", "register.open & ~u32(1 << 4))", "hrt", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", DOORS)
def test_what_is_not_as_after_reset_is_found(name: str, tmp_path: Path) -> None:
    door = DOORS[name]
    break_open(door, tmp_path)
    (tmp_path / "system.toml").write_text(ALONE)
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "run", "--json", "--set", "stale_lines=1", "-o", str(tmp_path / "out"), "system.toml"],
        capture_output=True, text=True, cwd=tmp_path, check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "src")},
    )  # fmt: skip
    console = json.loads(done.stdout)["guests"][0]["console"]
    assert any(line.startswith(door.seen) for line in console) if door.seen else "bare: done" not in console, console
