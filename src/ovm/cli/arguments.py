# SPDX-License-Identifier: Apache-2.0
"""Arguments and options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
DEFAULT_OUTPUT = Path("out")


def description_argument(command: F) -> F:
    """The description that a command works on."""
    return click.argument("description", type=click.Path(path_type=Path), metavar="SYSTEM.toml")(command)


def board_option(command: F) -> F:
    """Another board than the description's."""
    return click.option("--board", default="", metavar="NAME", help="Use this board, whatever SYSTEM.toml says.")(command)


def output_option(command: F) -> F:
    """Where results go."""
    return click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path),
        default=DEFAULT_OUTPUT,
        show_default=True,
        help="Folder for results; each system gets a folder of its own in it.",
    )(command)
