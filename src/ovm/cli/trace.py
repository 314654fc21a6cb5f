# SPDX-License-Identifier: Apache-2.0
"""`ovm trace`: run, and write a timeline that the Perfetto UI opens."""

from collections.abc import Callable
from pathlib import Path

import click

from ovm.cli.arguments import description_argument, file_to_write
from ovm.cli.exits import INTERRUPTED, SUCCESS, UNEXPECTED, failures
from ovm.cli.moments import moment, timeout_option
from ovm.cli.progress import progress_line
from ovm.machines import machines
from ovm.machines.running import RunOptions
from ovm.system.build import build as build_archive

_MOST_EVENTS = 100_000_000
_Cycles = Callable[[int], int]


@click.command(short_help="Run SYSTEM.toml and write a timeline of what happened.")
@description_argument
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), default=Path("trace.perfetto"), show_default=True,
    callback=file_to_write, help="The file.",
)  # fmt: skip
@click.option("--from", "begin", type=moment, metavar="TIME", help="Leave out what happens before this simulated time, as 20ms.")
@click.option("--until", "end", type=moment, metavar="TIME", help="Stop the run at this simulated time.")
@click.option("--last", type=click.IntRange(1, _MOST_EVENTS), help="Keep only so many events, the last ones.")
@timeout_option
def trace(description: Path, output: Path, begin: _Cycles | None, end: _Cycles | None, last: int | None, timeout: float) -> None:
    """Run SYSTEM.toml on the virtual board and write what happened as a timeline.

    Open the file at https://ui.perfetto.dev: one track for each CPU's exceptions and page walks, each guest, each
    interrupt. Nothing of it is sent anywhere.
    """
    from ovm.machines.trace import Traced  # not before it is needed: protobuf takes long to import

    with failures(description):
        chosen = machines.choose(description, machines.BOARD)
        hz = chosen.system.board.cpu_hz
        if begin and end and begin(hz) >= end(hz):
            raise click.BadParameter("this is no later than --from: nothing would be in the window", param_hint="--until")
        with progress_line() as progress:
            archive = build_archive(description, progress)
            run = chosen.prepare(progress)
            progress("running")
            traced = Traced(archive, output, begin=begin, end=end, last=last or 0)
            with traced:
                result = run(archive, lambda event: None, RunOptions(timeout_seconds=timeout, drive=traced))
        counts = ", ".join(f"{count:,} entries for {kind}" for kind, count in traced.written.items() if count)
        click.echo(f"{output}: {traced.events:,} events ({counts or 'none in the window'})")
        click.echo("open it at https://ui.perfetto.dev")
        if not result.ended and result.reason != traced.REASON:
            click.echo(f"the run did not come to its end: {result.reason}", err=True)
    if result.reason == "interrupted":
        raise SystemExit(INTERRUPTED)
    raise SystemExit(SUCCESS if result.ended or result.reason == traced.REASON else UNEXPECTED)
