# SPDX-License-Identifier: Apache-2.0
"""Whole systems on the virtual board, and the same ones on QEMU: equal consoles and outcomes.

What differs legitimately is left out: times and what follows from them (how many rounds a guest gets done until its
time is up), and addresses with whose memory lies there, since the two boards have RAM at different places.
"""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ovm.machines import qemu, virtual
from ovm.machines.result import GuestResult, RunResult
from ovm.system.build import build

ROOT = Path(__file__).parents[2]
# `hrt-nrt`, `four-nrt`, `full-load` and `press` take longer; `lockdown` is about time, which QEMU has not.
QUICK = ("hello", "cee", "two-srt", "rogue-srt", "rogue-nrt", "sixteen", "mixed")
NUMBER = re.compile(r"0x[0-9a-f]+|\d+(?:\.\d+)?")
# What a guest counts depends on how fast it is.
BY_TIME = re.compile(r"_ns$|^rounds$|^attempts$|^checks_passed$|^deadlines_met$|^activations$")


@cache
def on_board(name: str) -> RunResult:
    return virtual.run(build(ROOT / "systems" / f"{name}.toml", lambda step: None), lambda event: None)


@cache
def on_qemu(name: str) -> RunResult:
    archive = build(ROOT / "systems" / f"{name}.toml", lambda step: None, board="vexpress-a9")
    return qemu.run(archive, lambda event: None)


def shape(lines: list[str]) -> list[str]:
    """Lines without their numbers; of equal ones in a row, one."""
    found: list[str] = []
    for line in lines:
        text = NUMBER.sub("#", line)
        if not found or found[-1] != text:
            found.append(text)
    return found


def outcome(guest: GuestResult) -> dict[str, Any]:
    """Return what both machines have to agree on."""
    return {
        "state": guest.state,
        "status": guest.status,
        "console": shape(guest.console),
        "reports": {key: value for key, value in guest.reports.items() if not BY_TIME.search(key)},
        "reported": set(guest.reports),
        "refusals": {each["kind"] for each in guest.refusals},
    }


@pytest.mark.parametrize("name", QUICK)
def test_the_board_does_what_a_description_expects(name: str) -> None:
    result = on_board(name)
    assert result.failures == []
    assert result.ended
    assert result.other == []


@pytest.mark.usefixtures("qemu")
@pytest.mark.parametrize("name", QUICK)
def test_qemu_does_what_a_description_expects(name: str) -> None:
    result = on_qemu(name)
    assert result.failures == []
    assert result.ended
    assert result.other == []


@pytest.mark.usefixtures("qemu")
@pytest.mark.parametrize("name", QUICK)
def test_both_machines_agree(name: str) -> None:
    board, other = on_board(name), on_qemu(name)
    assert board.reason == other.reason
    for guest in board.guests.values():
        assert outcome(guest) == outcome(other.guests[guest.name])


@pytest.mark.usefixtures("qemu")
def test_the_same_image_runs_the_same_way_twice_on_qemu() -> None:
    first, second = on_qemu("two-srt"), on_qemu.__wrapped__("two-srt")
    assert replace(first, wall_seconds=0).as_json() == replace(second, wall_seconds=0).as_json()


def test_shape_tells_lines_apart() -> None:
    assert shape(["a 1", "a 2.5", "b 0x1f", "a 1"]) == ["a #", "b #", "a #"]
