# SPDX-License-Identifier: Apache-2.0
"""Whole systems on QEMU: every description does what it expects of itself, and runs are repeatable."""

from pathlib import Path

import pytest

from ovm.machines.qemu import run
from ovm.machines.result import RunResult
from ovm.system.archive import Archive
from ovm.system.build import build

ROOT = Path(__file__).parents[2]
# The others, and `press`, have tests of their own or take longer: `hrt-nrt`, `four-nrt`.
QUICK = ("hello", "mixed", "two-srt", "rogue-srt", "rogue-nrt", "full-load")
NEEDS_QEMU = pytest.mark.usefixtures("qemu")


def built(name: str) -> Archive:
    return build(ROOT / "systems" / f"{name}.toml", lambda step: None, board="vexpress-a9")


def played(name: str) -> RunResult:
    return run(built(name), lambda event: None)


@NEEDS_QEMU
@pytest.mark.parametrize("name", QUICK)
def test_a_system_does_what_it_expects(name: str) -> None:
    result = played(name)
    assert result.failures == []
    assert result.ended
    assert result.other == []


@NEEDS_QEMU
def test_the_same_image_runs_the_same_way_twice() -> None:
    first, second = played("two-srt"), played("two-srt")
    first.wall_seconds = second.wall_seconds = 0
    assert first.as_json() == second.as_json()


@pytest.mark.parametrize("board", ["vexpress-a9", "zc702"])
def test_images_build_for_both_boards(board: str) -> None:
    archive = build(ROOT / "systems" / "mixed.toml", lambda step: None, board=board)
    assert archive.core.resident <= 64 * 1024
    assert archive.boot.startswith(b"\x7fELF")


def test_equal_input_gives_an_equal_image() -> None:
    assert built("hello").boot == built("hello").boot
