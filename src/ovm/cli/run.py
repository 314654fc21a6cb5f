# SPDX-License-Identifier: Apache-2.0
"""`ovm run`: build, run, show the consoles live, judge."""

import json
from pathlib import Path

import click

from ovm.cli.arguments import description_argument, output_option
from ovm.cli.build import build_and_write
from ovm.cli.consoles import Consoles
from ovm.cli.debugger import commands, gdb_options, open_debugger
from ovm.cli.exits import INTERRUPTED, NOTHING_JUDGED, SUCCESS, UNEXPECTED, failures
from ovm.cli.keyboard import typing
from ovm.cli.moments import timeout_option
from ovm.cli.progress import progress_line
from ovm.cli.rate import rate_line
from ovm.cli.summary import show_summary
from ovm.machines import machines
from ovm.machines.gdb.server import DEFAULT_PORT
from ovm.machines.result import FAILED, UNJUDGED, RunResult
from ovm.machines.running import RunOptions
from ovm.machines.typist import typist_for
from ovm.system.archive import write_whole

RESULT = "run.json"


@click.command(short_help="Build SYSTEM.toml, run it, and judge what the guests did.")
@description_argument
@output_option
@click.option(
    "--machine",
    type=click.Choice(machines.NAMES),
    default=None,
    help="The virtual board, or QEMU's nearest.  [default: board, unless SYSTEM.toml is for another]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines: docs/reference/run-json.md.")
@click.option("--quiet", is_flag=True, help="Show no consoles, only the summary.")
@timeout_option
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=NUMBER",
    callback=lambda context, option, values: parameters(values),
    help="A parameter of the virtual board instead of the board file's, as level2_hit=30 or stale_lines=1.",
)
@click.option("--attach", metavar="GUEST", help="Give this guest the keyboard (or standard input): docs/guide/run.md.")
@click.option(
    "--input",
    "typed",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Type this file instead; with --attach.",
)
@gdb_options
def run(
    description: Path,
    output: Path,
    machine: str | None,
    as_json: bool,
    quiet: bool,
    timeout: float,
    settings: dict[str, int],
    attach: str | None,
    typed: Path | None,
    gdb: bool,
    gdb_port: int,
) -> None:
    """Build SYSTEM.toml, run it and say whether all guests did what is expected."""
    if gdb_port != DEFAULT_PORT and not gdb:
        raise click.UsageError("--gdb-port is for --gdb: add it, or leave the port out")
    if typed and not attach:
        raise click.UsageError("--input is for --attach: name the guest that gets it")
    with failures(description):
        chosen = machines.choose(description, machine)
        typist = typist_for(chosen.system, attach) if attach else None
        machines.check_parameters(settings, chosen.name)
        debugger = open_debugger(gdb, gdb_port, chosen.name)
        archive, folder = build_and_write(description, output, quiet=as_json, board=chosen.board)
        consoles = Consoles(archive, silent=as_json or quiet, typist=typist)
        with progress_line(as_json) as progress:
            prepared = chosen.prepare(progress)
        if debugger:
            click.echo(commands(archive, folder, debugger.where), err=True)
        with rate_line(consoles.console, quiet=as_json or bool(debugger or typist)) as observe, typing(typist, typed):
            options = RunOptions(
                timeout_seconds=timeout, save_to=folder, drive=debugger, observe=observe, parameters=settings, typist=typist
            )
            result = prepared(archive, consoles, options)
        text = json.dumps(result.as_json(), indent=1) + "\n"
        write_whole(folder / RESULT, text.encode())
        if as_json:
            click.echo(text, nl=False)
        else:
            show_summary(result)
    raise SystemExit(_status(result))


def parameters(values: tuple[str, ...]) -> dict[str, int]:
    """Return the parameters given on the command line."""
    found = {}
    for each in values:
        name, _, number = each.partition("=")
        if name in found:
            raise click.BadParameter(f"'{name}' is given twice")
        try:
            found[name] = int(number, 0)
        except ValueError:
            raise click.BadParameter(f"'{each}' is not of the form NAME=NUMBER") from None
    return found


def _status(result: RunResult) -> int:
    if result.reason == "interrupted":
        return INTERRUPTED
    return {FAILED: UNEXPECTED, UNJUDGED: NOTHING_JUDGED}.get(result.verdict, SUCCESS)
