# SPDX-License-Identifier: Apache-2.0
"""Reading of files that the user names: only regular files, and only up to a limit.

A pipe or a terminal would make the build wait for ever, a device may have no end; a folder is no file at all.
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
# The prefix of a path inside an installed Python package.
PACKAGE: Final = "package:"
_KINDS: Final = {
    stat.S_IFIFO: "a pipe", stat.S_IFCHR: "a character device", stat.S_IFBLK: "a block device", stat.S_IFSOCK: "a socket",
    stat.S_IFDIR: "a folder",
}  # fmt: skip


class NotPlainError(OSError):
    """A path that leads to no regular file of a sensible size."""


def resolve(shown: str, folder: Path) -> Path:
    """Return a path relative to the description's folder, or `package:NAME/...` inside an installed Python package."""
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
    """Return the bytes of a regular file.

    Raise `OSError` (`NotPlainError` if it isn't regular, or has more than `most` bytes).
    """
    _check(os.stat(file).st_mode, file)
    # Between the two checks another process may put a pipe in its place, which must not block.
    with open(os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as opened:
        _check(os.fstat(opened.fileno()).st_mode, file)
        content = opened.read(most + 1)
    if len(content) > most:
        raise NotPlainError(errno.EFBIG, f"more than {size_text(most)}", str(file))
    return content


def is_plain(file: Path) -> bool:
    """Return whether there is a regular file; a path that no file can have leads to none."""
    try:
        return file.is_file()
    except (OSError, ValueError):
        return False


def exists(file: Path) -> bool:
    """Return whether anything with this name exists; a path that nothing can have leads to nothing."""
    try:
        return file.exists()
    except (OSError, ValueError):
        return False


def reason_of(error: OSError | ValueError) -> str:
    """Return why a file can't be read, in a few words."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _check(mode: int, file: Path) -> None:
    if not stat.S_ISREG(mode):
        raise NotPlainError(errno.EINVAL, f"this is {_KINDS.get(stat.S_IFMT(mode), 'no file')}, no regular file", str(file))
