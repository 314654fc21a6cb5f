# SPDX-License-Identifier: Apache-2.0
"""Arguments and options that several commands share."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ovm.shipped import SYSTEMS, names_in, shipped_system

F = TypeVar("F", bound=Callable[..., Any])
DEFAULT_OUTPUT = Path("out")


class Description(click.Path):
    """A description: the path of a file, or the name of one that comes with OVM."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the file's path; raise `DescriptionError` S100 if there is neither a file nor a shipped system."""
        path = Path(value)
        return path if os.path.lexists(path) and not path.is_dir() else shipped_system(str(value)) or _not_found(path)

    def get_missing_message(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """Return the message for a missing argument."""
        return f"Give the path of a description, or a system that comes with OVM: {', '.join(names_in(SYSTEMS))}."


def _not_found(path: Path) -> Path:
    """Refuse a name that is no file and no shipped system; a folder is left to the reader of the file."""
    if os.path.lexists(path):
        return path
    from ovm.system.document import suggestion
    from ovm.system.problems import DescriptionError, Diagnostic

    known = names_in(SYSTEMS)
    meant = suggestion(path.stem, known)
    raise DescriptionError(
        [
            Diagnostic(
                "S100", "cannot read the description: No such file or directory", str(path), 0, 0,
                expected=f"the path of a TOML file, or a system that comes with OVM: {', '.join(known)}",
                fix=f"write '{meant}'" if meant else "give the path of a TOML file, or one of these names",
            )
        ]
    )  # fmt: skip


def description_argument(command: F) -> F:
    """Add the argument SYSTEM.toml, the description on which a command works."""
    return click.argument("description", type=Description(), metavar="SYSTEM.toml")(command)


def board_option(command: F) -> F:
    """Add the option that chooses another board than the description's."""
    return click.option("--board", default="", metavar="NAME", help="Use this board, whatever SYSTEM.toml says.")(command)


def file_to_write(_context: click.Context, _option: click.Parameter, file: Path | None) -> Path | None:
    """Refuse, before anything is built, a file that could not be written, or that is no plain file, such as /dev/null."""
    if file is None:
        return None
    if file.exists() and not file.is_file():
        raise FileExistsError(errno.EEXIST, "this is no plain file: give another path", str(file))
    if not file.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", str(file.parent))
    if not os.access(file.parent, os.W_OK):
        raise PermissionError(errno.EACCES, "files can't be made in this folder", str(file.parent))
    return file


def folder_to_write(_context: click.Context, _option: click.Parameter, folder: Path) -> Path:
    """Refuse, before anything is built, a folder that could not be made or written to."""
    nearest = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
    if not nearest.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "this is no folder: give another path", str(nearest))
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, "files can't be made in this folder", str(nearest))
    return folder


def output_option(command: F) -> F:
    """Add the option for the folder of results."""
    return click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path),
        default=DEFAULT_OUTPUT,
        show_default=True,
        callback=folder_to_write,
        help="Folder for results; each system gets a folder of its own in it.",
    )(command)
