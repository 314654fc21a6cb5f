# SPDX-License-Identifier: Apache-2.0
"""Images of whole systems build for both boards, equal input gives equal ones, and a full system does on QEMU what it expects."""

from pathlib import Path

import pytest

from ovm.machines.qemu import run
from ovm.system.archive import Archive
from ovm.system.build import build

ROOT = Path(__file__).parents[2]
# Most others run in `test_both`; `press`, `hrt-nrt` and `four-nrt` have tests of their own or take longer.
ALONE = ("full-load",)


def built(name: str) -> Archive:
    return build(ROOT / "systems" / f"{name}.toml", lambda step: None, board="vexpress-a9")


@pytest.mark.usefixtures("qemu")
@pytest.mark.parametrize("name", ALONE)
def test_a_system_does_what_it_expects(name: str) -> None:
    result = run(built(name), lambda event: None)
    assert result.failures == []
    assert result.ended
    assert result.other == []


@pytest.mark.parametrize("board", ["vexpress-a9", "zc702"])
def test_images_build_for_both_boards(board: str) -> None:
    archive = build(ROOT / "systems" / "mixed.toml", lambda step: None, board=board)
    assert archive.core.resident <= 64 * 1024
    assert archive.boot.startswith(b"\x7fELF")


def test_equal_input_gives_an_equal_image() -> None:
    assert built("hello").boot == built("hello").boot
