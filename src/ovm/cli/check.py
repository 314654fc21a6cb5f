# SPDX-License-Identifier: Apache-2.0
"""`ovm check`: judge a description without building it."""

from pathlib import Path

import click

from ovm.cli.arguments import board_option, description_argument
from ovm.cli.exits import failures
from ovm.machines.board_file import check_board
from ovm.system.checked import checked
from ovm.system.report import memory_method


@click.command()
@description_argument
@board_option
def check(description: Path, board: str) -> None:
    """Check SYSTEM.toml and show what would go where."""
    with failures(description):
        system, plan = checked(description, board=board)
        check_board(system.board)
    click.echo(f"{description}: {system.name} on {system.board.name}, {len(system.guests)} guests")
    for place in plan.guests:
        guest = place.guest
        click.echo(f"  {guest.name:15} {guest.level_name.upper()} CPU {guest.cpu}  {memory_method(place)}")
