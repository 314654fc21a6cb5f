# SPDX-License-Identifier: Apache-2.0
"""`docs/guide/add-a-guest.md` is followed to the letter: its files written, its commands run, its output compared."""

import os
import re
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs/guide/add-a-guest.md"
BLOCK = re.compile(r"(?:`(?P<file>[\w./-]+)`:\n\n)?```(?P<kind>\w+)\n(?P<text>.*?)```", re.DOTALL)
TIMEOUT_SECONDS = 240


@dataclass(frozen=True)
class Step:
    """One block of the page: a file to write, commands to run (`sh`), or lines that they print (`text`)."""

    kind: str
    file: str
    text: str


def steps(page: str) -> list[Step]:
    found = [Step(each["kind"], each["file"] or "", each["text"]) for each in BLOCK.finditer(page)]
    unnamed = [step for step in found if not step.file and step.kind not in ("sh", "text")]
    assert not unnamed, f"a block of the page has no file name: {unnamed[0].text[:60]}"
    return found


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return a shell in which `ovm` is the command of this source tree."""
    tools = tmp_path / "bin"
    tools.mkdir()
    command = tools / "ovm"
    command.write_text(f'#!{sys.executable}\nfrom ovm.cli.main import main\n\nmain(prog_name="ovm")\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    source = str(PAGE.parents[2] / "src")
    path = os.pathsep.join((str(tools), str(Path(sys.executable).parent), os.environ["PATH"]))
    return {**os.environ, "PATH": path, "PYTHONPATH": source}


def run(line: str, folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        line, shell=True, cwd=folder, env=environment, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    return done.stdout


def in_order(wanted: list[str], printed: str) -> str:
    """Return the first wanted line that doesn't follow those before it; nothing when all are there."""
    lines = iter(printed.splitlines())
    return next((line for line in wanted if line not in lines), "")


def test_following_the_page_works(tmp_path: Path, environment: dict[str, str]) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    printed = ""
    kinds = set()
    for step in steps(PAGE.read_text()):
        kinds.add(step.kind)
        if step.file:
            place = folder / step.file
            assert place.parent.is_dir(), f"the page makes no folder for {step.file}"
            place.write_text(step.text)
        elif step.kind == "sh":
            printed = "".join(run(line, folder, environment) for line in step.text.splitlines())
        else:
            missing = in_order(step.text.splitlines(), printed)
            assert not missing, f"not printed in this order: {missing}\n{printed}"
    assert kinds == {"c", "toml", "python", "sh", "text"}


def test_the_pages_places_exist() -> None:
    root = PAGE.parents[2]
    named = re.findall(r"`(src/[\w./-]+)`", PAGE.read_text())
    assert named
    assert [place for place in named if not (root / place).exists()] == []
    assert (PAGE.parent / "metal.md").is_file()


def test_output_that_differs_is_noticed() -> None:
    assert in_order(["a", "c"], "a\nb\nc\n") == ""
    assert in_order(["c", "a"], "a\nb\nc\n") == "a"
    assert in_order(["d"], "a\n") == "d"
