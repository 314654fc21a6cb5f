# SPDX-License-Identifier: Apache-2.0
"""`ovm run --gdb`: its options and its messages to the user."""

import click

from ovm.cli.arguments import F
from ovm.machines.errors import MachineError
from ovm.machines.gdb.drive import Debugger, commands
from ovm.machines.gdb.server import DEFAULT_PORT
from ovm.machines.machines import BOARD

__all__ = ["commands", "gdb_options", "open_debugger"]


def gdb_options(command: F) -> F:
    """Add `--gdb` and its port."""
    command = click.option(
        "--gdb-port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, show_default=True, help="For --gdb; 0: any free one."
    )(command)
    return click.option("--gdb", is_flag=True, help="Wait for GDB before the first instruction: docs/guide/debug.md.")(command)


def open_debugger(wanted: bool, port: int, machine: str) -> Debugger | None:
    """Return the driver of the run if a debugger is wanted; it listens already."""
    if not wanted:
        return None
    if machine != BOARD:
        raise MachineError(
            "R111",
            "only the virtual board serves a debugger here",
            found=f"--machine {machine}",
            fix="leave --machine out; QEMU serves one itself, by its option -gdb",
        )
    return Debugger(port, lambda text: click.echo(f"gdb: {text}", err=True))
