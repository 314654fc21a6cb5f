# SPDX-License-Identifier: Apache-2.0
"""The repository keeps its own rules: files of a readable size, a licence line each, a map that is true."""

import re
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent
SOURCE_SUFFIXES = {".py", ".c", ".h", ".S", ".toml", ".sh"}
MOST_LINES = 700
# Pure tables may be longer.
TABLES = {"tests/board/vfp/forms.S", "tests/machines/leftover_states.S"}
MAP = REPOSITORY / "docs" / "architecture.md"


def project_files() -> list[Path]:
    """Files under version control; in a copy without a repository, every file of the source folders."""
    listed = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return [path for name in listed.stdout.splitlines() if (path := REPOSITORY / name).is_file()]
    folders = ("src", "tests", "docs", "scripts", "systems", "boards")
    return [path for name in folders for path in (REPOSITORY / name).rglob("*") if path.is_file()]


def source_files() -> list[Path]:
    return [path for path in project_files() if path.suffix in SOURCE_SUFFIXES]


def test_no_file_is_too_long() -> None:
    long = {}
    for path in source_files():
        name = path.relative_to(REPOSITORY).as_posix()
        count = len(path.read_text().splitlines())
        if count > MOST_LINES and name not in TABLES:
            long[name] = count
    assert not long


def test_every_source_file_names_its_licence() -> None:
    without = [
        path.relative_to(REPOSITORY).as_posix()
        for path in source_files()
        if path.stat().st_size and not any("SPDX-License-Identifier: Apache-2.0" in line for line in head(path))
    ]
    assert not without


def head(path: Path) -> list[str]:
    return path.read_text().splitlines()[:2]


def test_no_work_is_left_open_in_the_sources() -> None:
    marks = re.compile(r"\b(TODO|FIXME|HACK|(?<!\")XXX)\b|NotImplementedError|except:\s*$", re.MULTILINE)
    here = Path(__file__).name
    found = [
        f"{path.relative_to(REPOSITORY)}: {match.group(0).strip()}"
        for path in source_files()
        if path.name != here
        for match in marks.finditer(path.read_text())
    ]
    assert not found


def test_the_map_names_only_what_exists() -> None:
    text = MAP.read_text()
    paths = set(re.findall(r"`((?:src|tests|docs|boards|systems|scripts|\.ci)/[\w./*-]*)`", text))
    assert len(paths) >= 10
    missing = [path for path in sorted(paths) if not list(REPOSITORY.glob(path.rstrip("/")))]
    assert not missing


def test_the_map_is_short_and_complete() -> None:
    text = MAP.read_text()
    assert len(text.splitlines()) <= 150
    parts = [path.name for path in (REPOSITORY / "src" / "ovm").iterdir() if (path / "__init__.py").exists()]
    assert [name for name in parts if f"src/ovm/{name}" not in text] == []


def test_decisions_have_a_number_and_name_what_they_reject() -> None:
    records = sorted((REPOSITORY / "docs" / "decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in records] == list(range(1, len(records) + 1))
    for path in records:
        text = path.read_text()
        assert re.match(r"# \d{4}: ", text), path.name
        assert "\n## Alternatives rejected" in text, path.name
        assert len(text.splitlines()) <= 130, path.name
