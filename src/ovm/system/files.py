# SPDX-License-Identifier: Apache-2.0
"""Read files that others name: regular ones alone, and only so much of them.

A pipe or a terminal would make the build wait for good, a device may have no end; a folder is no file at all.
"""

import errno
import importlib.util
import os
import stat
from pathlib import Path
from typing import Final

from ovm.system.units import MIB, size_text

# Descriptions, board files, guest.toml, expected consoles.
TEXT_MOST: Final = MIB // 4
# A guest's ELF file, debug information included.
IMAGE_MOST: Final = 256 * MIB
# How a path inside an installed Python package begins.
PACKAGE: Final = "package:"
_KINDS: Final = {
    stat.S_IFIFO: "a pipe", stat.S_IFCHR: "a character device", stat.S_IFBLK: "a block device", stat.S_IFSOCK: "a socket",
    stat.S_IFDIR: "a folder",
}  # fmt: skip


class NotPlainError(OSError):
    """A path that leads to no regular file of a sensible size."""


def resolve(shown: str, folder: Path) -> Path:
    """A path relative to the description's folder, or `package:NAME/...` inside an installed Python package."""
    if not shown.startswith(PACKAGE):
        return folder / shown
    name, _, rest = shown.removeprefix(PACKAGE).partition("/")
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        spec = None
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]) / rest if places else folder / shown


def read_plain(file: Path, most: int) -> bytes:
    """The bytes of a regular file; raises `OSError` (`NotPlainError` for another kind of file, or more than `most` bytes)."""
    _check(os.stat(file).st_mode, file)
    # Between the two somebody may put a pipe in its place, which must not be waited for.
    with open(os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as opened:
        _check(os.fstat(opened.fileno()).st_mode, file)
        content = opened.read(most + 1)
    if len(content) > most:
        raise NotPlainError(errno.EFBIG, f"more than {size_text(most)}", str(file))
    return content


def is_plain(file: Path) -> bool:
    """Whether there is a regular file; a path that no file can have is none."""
    try:
        return file.is_file()
    except (OSError, ValueError):
        return False


def exists(file: Path) -> bool:
    """Whether there is anything of this name; a path that nothing can have is none."""
    try:
        return file.exists()
    except (OSError, ValueError):
        return False


def reason_of(error: OSError | ValueError) -> str:
    """Why a file can't be read, in a few words."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _check(mode: int, file: Path) -> None:
    if not stat.S_ISREG(mode):
        raise NotPlainError(errno.EINVAL, f"this is {_KINDS.get(stat.S_IFMT(mode), 'no file')}, no regular file", str(file))
