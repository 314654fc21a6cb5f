# SPDX-License-Identifier: Apache-2.0
"""`ovm build`: make the boot image and its report."""

from pathlib import Path

import click

from ovm.cli.arguments import board_option, description_argument, output_option
from ovm.cli.exits import failures
from ovm.cli.progress import progress_line
from ovm.machines.board_file import check_board
from ovm.system.archive import BOOT, REPORT, Archive
from ovm.system.build import build as build_archive
from ovm.system.model import System
from ovm.system.report import budget_text


def build_and_write(description: Path, output: Path, *, quiet: bool = False, board: str = "") -> tuple[Archive, Path]:
    """Build, and write the archive below `output`."""
    with progress_line(quiet) as progress:
        archive = build_archive(description, progress, board=board, change=_with_checked_board)
        folder = archive.write(output / archive.plan.system.name)
    if not quiet:
        click.echo(budget_text(archive.core), err=True)
        for text in level_notes(archive):
            click.echo(text, err=True)
    return archive, folder


def level_notes(archive: Archive) -> list[str]:
    """Return notes about images whose level couldn't be checked: a wrong one hangs, or ends at its first call."""
    return [
        f"note: guest '{guest.name}': its image has no symbols, so nothing says whether it is made for {guest.level_name.upper()}"
        for guest in archive.plan.system.guests
        if not archive.images[guest.name].has_symbols
    ]


def _with_checked_board(system: System) -> System:
    check_board(system.board)
    return system


@click.command()
@description_argument
@board_option
@output_option
def build(description: Path, board: str, output: Path) -> None:
    """Build the boot image of SYSTEM.toml."""
    with failures(description):
        archive, folder = build_and_write(description, output, board=board)
    click.echo(f"{folder / BOOT}: {len(archive.boot)} bytes")
    click.echo(f"{folder / REPORT}: what went where")
