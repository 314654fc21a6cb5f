# SPDX-License-Identifier: Apache-2.0
"""Data files that come with OVM: systems and boards. They are part of the package, so an installed OVM has them too."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
BOARDS = _PACKAGE / "boards"
SYSTEMS = _PACKAGE / "systems"


def names_in(folder: Path) -> list[str]:
    """Return the names of a folder's TOML files, in order."""
    return sorted(each.stem for each in folder.glob("*.toml"))


def purpose_of(file: Path) -> str:
    """Return the purpose of a file: its first sentence after the licence."""
    with file.open() as lines:
        comments = [next(lines, "") for _ in range(2)]
    return comments[1].removeprefix("#").strip().partition(". ")[0].rstrip(".")


def shipped_system(name: str) -> Path | None:
    """Return the description with this name; None if there is none."""
    return SYSTEMS / f"{name}.toml" if name in names_in(SYSTEMS) else None
