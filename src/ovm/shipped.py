# SPDX-License-Identifier: Apache-2.0
"""Data files that come with OVM: systems and boards. They are part of the package, so an installed OVM has them too."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
BOARDS = _PACKAGE / "boards"
SYSTEMS = _PACKAGE / "systems"


def names_in(folder: Path) -> list[str]:
    """Names of the TOML files of a folder, in order."""
    return sorted(each.stem for each in folder.glob("*.toml"))


def purpose_of(file: Path) -> str:
    """What a file is for, as its first sentence after the licence says."""
    with file.open() as lines:
        comments = [next(lines, "") for _ in range(2)]
    return comments[1].removeprefix("#").strip().partition(". ")[0].rstrip(".")


def shipped_system(name: str) -> Path | None:
    """The description of this name; None where there is none."""
    return SYSTEMS / f"{name}.toml" if name in names_in(SYSTEMS) else None
