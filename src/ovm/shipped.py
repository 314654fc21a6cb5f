# SPDX-License-Identifier: Apache-2.0
"""Files that come with OVM, systems, boards and ports, and how boards are found and stand on one another.

They are part of the package, so an installed OVM has them too.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parent
BOARDS = _PACKAGE / "boards"
SYSTEMS = _PACKAGE / "systems"
PORTS = _PACKAGE / "ports"
_UNITS = {"": 1, "B": 1, "KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30}
_SIZE = re.compile(r"\s*([0-9][0-9_]{0,19})\s*([A-Za-z]{0,3})\s*")


def names_in(folder: Path) -> list[str]:
    """Return the names of a folder's TOML files, in order."""
    return sorted(each.stem for each in folder.glob("*.toml"))


def purpose_of(file: Path) -> str:
    """Return the purpose of a file: its first sentence after the licence."""
    with file.open() as lines:
        comments = [next(lines, "") for _ in range(2)]
    return comments[1].removeprefix("#").strip().partition(". ")[0].rstrip(".")


def known_ports() -> list[str]:
    """Return the names of kernels that have a port, in order."""
    return sorted(each.name for each in PORTS.iterdir() if (each / "README.md").is_file())


def shipped_system(name: str) -> Path | None:
    """Return the description with this name; None if there is none."""
    return SYSTEMS / f"{name}.toml" if name in names_in(SYSTEMS) else None


def known_boards(folder: Path, but: Path | None = None) -> dict[str, Path]:
    """Return boards by name: next to a description's folder, in it, and those that come with OVM; the file `but` is left out."""
    found: dict[str, Path] = {}
    for place in (folder.parent / "boards", folder / "boards", BOARDS):
        for name in names_in(place):
            file = place / f"{name}.toml"
            if but is None or not file.samefile(but):
                found.setdefault(name, file)
    return found


def find_board(name: str, folder: Path, but: Path | None = None) -> Path | None:
    """Return the file of a board, which is a name or a path relative to `folder`; None if there is none."""
    known = known_boards(folder, but)
    if name in known:
        return known[name]
    try:
        return folder / name if name.endswith(".toml") and (folder / name).is_file() else None
    except (OSError, ValueError):
        return None  # a path that no file can have


def base_of(values: Mapping[str, Any]) -> str:
    """Return the name of the board that a board file stands on, `[board] base`; "" if it stands alone."""
    board = values.get("board")
    base = board.get("base") if isinstance(board, dict) else None
    return base if isinstance(base, str) else ""


def merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a file on top of its base: tables are merged key by key; all else replaces the base's."""
    both = {**base, **own}
    for key, value in own.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            both[key] = merged(base[key], value)
    return both


def parse_size(text: str) -> int | None:
    """Return a size such as `"16MiB"` in bytes; None if it isn't a size."""
    match = _SIZE.fullmatch(text)
    if not match or match[2].upper() not in _UNITS:
        return None
    return int(match[1].replace("_", "")) * _UNITS[match[2].upper()]
