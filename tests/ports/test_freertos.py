# SPDX-License-Identifier: Apache-2.0
"""The FreeRTOS port layer: each of its functions with a small kernel of ours, and with the real one if its path is given.

No package registry has FreeRTOS, so the paths come from outside:

FREERTOS_KERNEL=.../FreeRTOS-Kernel FREERTOS_DEMO=.../FreeRTOS/Demo/Common pytest tests/ports/test_freertos.py
"""

import os
import shutil
from pathlib import Path

import pytest

from ovm.machines import qemu, virtual
from ovm.machines.result import RunResult
from ovm.machines.running import RunOptions
from ovm.system.build import build
from tests.tools import find_tool

HERE = Path(__file__).parent
HAS_KERNEL = "FREERTOS_KERNEL" in os.environ and "FREERTOS_DEMO" in os.environ
MACHINES = {"board": (virtual.run, ""), "qemu": (qemu.run, "vexpress-a9")}
CHECKS = 20
SYSTEM = """
[system]
name = "port"
seconds = {seconds}
[[guest]]
name = "port"
level = "srt"
image = "{folder}/stand_in"
memory = "1MiB"
budget_us = {budget}
period_us = 1000
arguments = [{ending}]
[guest.expect]
exit = {status}
[[guest]]
name = "bell"
level = "nrt"
image = "{folder}/bell"
memory = "1MiB"
[[channel]]
name = "ring"
guests = ["port", "bell"]
bytes = "4KiB"
"""


def run(machine: str, description: Path) -> RunResult:
    run_archive, board = MACHINES[machine]
    if machine == "qemu":
        find_tool("qemu-system-arm")
    return run_archive(build(description, lambda step: None, board=board), lambda event: None, RunOptions())


def stand_in(place: Path, machine: str = "board", *, ending: int = 0, budget: int = 400, settings: str = "") -> RunResult:
    """Run the port with the stand-in kernel, with `settings` added to its guest.toml."""
    shutil.copytree(HERE, place / "ports", ignore=shutil.ignore_patterns("__pycache__", "suites"))
    manifest = place / "ports/stand_in/guest.toml"
    manifest.write_text(manifest.read_text() + settings)
    description = place / "system.toml"
    status = 96 if ending else 0
    description.write_text(SYSTEM.format(folder=place / "ports", seconds=3, budget=budget, ending=ending, status=status))
    return run(machine, description)


@pytest.mark.parametrize(
    ("machine", "budget", "settings"),
    [
        ("board", 400, ""),
        ("board", 900, "[define]\nconfigUSE_TASK_FPU_SUPPORT = 1\n"),
        ("qemu", 400, ""),
    ],
)
def test_every_part_of_the_port_is_right(tmp_path: Path, machine: str, budget: int, settings: str) -> None:
    result = stand_in(tmp_path, machine, budget=budget, settings=settings)
    console = "\n".join(result.guests["port"].console)
    assert result.failures == [], console
    assert "every part of the port is right" in console
    assert result.guests["port"].reports["checks_passed"] == CHECKS


@pytest.mark.parametrize(
    ("ending", "line"),
    [
        (1, "freertos: a task returned: ends, 0x00000000"),
        (2, "freertos: exception: undefined instruction, 0x"),
        (3, "freertos: assertion failed: guest/main.c, 0x"),
        (4, "freertos: stack overflow: deep, 0x"),
    ],
)
def test_what_ends_a_guest_is_said(tmp_path: Path, ending: int, line: str) -> None:
    result = stand_in(tmp_path, ending=ending)
    assert result.failures == []
    assert any(each.startswith(line) for each in result.guests["port"].console), result.guests["port"].console


@pytest.mark.skipif(not HAS_KERNEL, reason="FREERTOS_KERNEL and FREERTOS_DEMO name no trees: see the head of this file")
@pytest.mark.parametrize("machine", list(MACHINES))
def test_the_standard_demo_suites_run(machine: str) -> None:
    result = run(machine, HERE / "suites/suites.toml")
    print("\n".join(result.guests["suites"].console))
    assert result.failures == []
