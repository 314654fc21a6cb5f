# SPDX-License-Identifier: Apache-2.0
"""Guests under the real hypervisor on the virtual board: what they print, report and hand back."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ovm.metal.build.zig import zig_directory
from ovm.system.manifest import read_manifest
from tests.guests.library import lz4_frame
from tests.tools import absent

ROOT = Path(__file__).parents[2]
REAL_FILE = "lib/libc/include/any-windows-any/mshtml.h"
COMMAND = "from ovm.cli.main import main; main(prog_name='ovm')"

Run = Callable[[Path], dict[str, Any]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a description; give its result, which must be a success."""

    def run_description(description: Path) -> dict[str, Any]:
        command = [sys.executable, "-c", COMMAND, "run", "--json", "-o", str(tmp_path / "out"), str(description)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT / "src", check=False)
        if "S149" in done.stderr:
            absent(f"no package index: {done.stderr.strip()}")
        assert done.returncode == 0, done.stdout + done.stderr
        result: dict[str, Any] = json.loads(done.stdout)
        return result

    return run_description


def guest(result: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in result["guests"] if each["name"] == name)


def test_press_gives_the_bytes_that_the_host_gives(run: Run, tmp_path: Path) -> None:
    result = run(ROOT / "systems/press.toml")
    data = (zig_directory() / REAL_FILE).read_bytes()
    package = read_manifest(ROOT / "src/ovm/guests/press/guest.toml").package
    assert package is not None
    made = (tmp_path / "out/press/press.lz4").read_bytes()
    reports = guest(result, "press")["reports"]
    assert (reports["bytes_in"], reports["bytes_out"]) == (len(data), len(made))
    assert made == lz4_frame(package.version, data, 9)
    assert guest(result, "pulse")["counters"]["entries"] == 0
    assert guest(result, "tick")["reports"]["deadlines_missed"] == 0


def test_cee_runs_at_two_levels(run: Run) -> None:
    result = run(ROOT / "systems/cee.toml")
    assert [each["level"] for each in result["guests"]] == ["srt", "nrt"]
    assert guest(result, "cee-srt")["counters"]["fills"] == 0
    assert guest(result, "cee-nrt")["counters"]["fills"] > 0


@pytest.mark.parametrize(("tables", "pool"), [("", ""), ("level1_tables = 4\nlevel2_tables = 24\n", "scarce")])
def test_desk_finds_nothing_wrong(run: Run, tmp_path: Path, tables: str, pool: str) -> None:
    """Also where shadow tables are so few that they are reclaimed all the time."""
    description = tmp_path / "desk.toml"
    description.write_text(
        f'[system]\nname = "desk"\n{tables}'
        '[[guest]]\nname = "desk"\nlevel = "nrt"\nimage = "metal:ovm.guests.desk"\nmemory = "16MiB"\nlimit = "8MiB"\n'
        f'arguments = [1]\n[guest.expect]\nexit = 0\nconsole = "{ROOT}/src/ovm/guests/desk/expected.txt"\n'
    )
    counted = guest(run(description), "desk")
    assert counted["reports"]["checks_failed"] == 0
    assert counted["reports"]["checks_passed"] > 100_000
    assert counted["refusals"] == []
    assert (counted["counters"]["reclaims"] > 5000) == bool(pool)
