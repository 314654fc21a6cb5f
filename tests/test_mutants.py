# SPDX-License-Identifier: Apache-2.0
"""The files that `scripts/mutants` draws from are there, and so are the tests that judge it."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PARTS = tomllib.loads((ROOT / "scripts" / "mutants.toml").read_text())
# Folders of which every file has to belong to a part.
WHOLE = ("src/ovm/core", "src/ovm/metal/emit", *(f"src/ovm/board/{part}" for part in ("mmu", "cache", "devices", "issue")))


def test_every_path_is_there() -> None:
    for part in PARTS.values():
        assert [name for name in (*part["files"], *part["tests"]) if not (ROOT / name).exists()] == []


def test_every_file_belongs_to_a_part() -> None:
    named = {name for part in PARTS.values() for name in part["files"]}
    files = {path.relative_to(ROOT) for folder in WHOLE for path in (ROOT / folder).rglob("*.py") if path.name != "__init__.py"}
    left = {file.as_posix() for file in files if not named & {file.as_posix(), *(parent.as_posix() for parent in file.parents)}}
    assert left == set()
