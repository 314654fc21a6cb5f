# SPDX-License-Identifier: Apache-2.0
"""The wheel is whole: installed in an environment of its own, outside any clone, `ovm` runs shipped and own descriptions."""

import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PARTS = ("pyproject.toml", "README.md", "LICENSE", "src", "boards", "systems", "ports")
OWN_SYSTEM = """
[system]
name = "own"
board = "desk-board"
[[guest]]
name = "hello"
level = "nrt"
image = "metal:ovm.guests.hello"
memory = "1MiB"
[guest.expect]
exit = 0
console = "package:ovm/guests/hello/expected.txt"
"""
CHECK_ALL = """
from ovm.shipped import SYSTEMS
from ovm.system.build import checked
for file in sorted(SYSTEMS.glob("*.toml")):
    print(checked(file)[0].name)
"""


def run(*words: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in words], cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made from a copy of the sources, because setuptools leaves its folders beside them."""
    place = tmp_path_factory.mktemp("wheel")
    (place / "source").mkdir()
    for part in PARTS:
        if (ROOT / part).is_dir():
            skipped = shutil.ignore_patterns("*.egg-info", "__pycache__")
            shutil.copytree(ROOT / part, place / "source" / part, symlinks=True, ignore=skipped)
        else:
            shutil.copy(ROOT / part, place / "source" / part)
    made = run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", place, place / "source")
    assert made.returncode == 0, made.stderr
    (found,) = place.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def ovm(wheel: Path) -> Path:
    """Return the command, in an environment that shares with this one what OVM depends on, and nothing of the clone."""
    place = wheel.parent / "environment"
    assert run(sys.executable, "-m", "venv", "--without-pip", place).returncode == 0
    put = run(sys.executable, "-m", "pip", "--python", place / "bin" / "python", "install", "--no-deps", "--no-index", wheel)
    assert put.returncode == 0, put.stderr
    (packages,) = place.glob("lib/python*/site-packages")
    # Its packages alone: how an editable install leads to the clone is a .pth file, which is not read from there.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return place / "bin" / "ovm"


def test_every_board_system_and_guest_is_in_it(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("boards", "systems"):
        assert {f"ovm/{folder}/{each.name}" for each in (ROOT / folder).glob("*.toml")} <= inside
    kinds = {".py", ".c", ".h", ".S", ".ld", ".toml", ".txt"}
    sources = [each for each in (ROOT / "src" / "ovm").rglob("*") if each.suffix in kinds and "__pycache__" not in each.parts]
    assert [each for each in sources if each.relative_to(ROOT / "src").as_posix() not in inside] == []


def test_it_runs_from_its_own_place(ovm: Path, tmp_path: Path) -> None:
    where = run(ovm.parent / "python", "-c", "import ovm; print(ovm.__file__)", cwd=tmp_path)
    assert Path(where.stdout.strip()).is_relative_to(ovm.parent.parent), where
    said = run(ovm, cwd=tmp_path)
    assert "Systems that come with OVM" in said.stdout + said.stderr
    unknown = run(ovm, "run", "mixt", cwd=tmp_path)
    assert unknown.returncode == 2
    assert "a system that comes with OVM: attacks, cee," in unknown.stderr
    assert "write 'mixed'" in unknown.stderr
    accepted = run(ovm.parent / "python", "-c", CHECK_ALL, cwd=tmp_path)
    assert accepted.returncode == 0, accepted.stderr
    assert accepted.stdout.split() == sorted(each.stem for each in (ROOT / "systems").glob("*.toml"))


def test_it_runs_a_shipped_description(ovm: Path, tmp_path: Path) -> None:
    ran = run(ovm, "run", "hello", cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "OK: every guest did what the description expects" in ran.stdout
    assert (tmp_path / "out" / "hello" / "boot.elf").is_file()


def test_it_runs_a_users_own_description_and_board(ovm: Path, tmp_path: Path) -> None:
    (tmp_path / "boards").mkdir()
    own = (ROOT / "boards" / "zc702.toml").read_text().replace('name = "zc702"', 'name = "desk-board"')
    (tmp_path / "boards" / "desk-board.toml").write_text(own)
    (tmp_path / "own.toml").write_text(OWN_SYSTEM)
    ran = run(ovm, "run", "own.toml", cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "own on desk-board" in ran.stdout
