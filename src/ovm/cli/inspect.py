# SPDX-License-Identifier: Apache-2.0
"""`ovm inspect`: run up to a moment, and show TLBs, page tables and keys."""

from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console

from ovm.cli.arguments import description_argument, file_to_write
from ovm.cli.exits import UNEXPECTED, failures
from ovm.cli.inspect_text import MOST_ROWS, headline, key_tables, mapping_table, tlb_table
from ovm.cli.moments import moment, timeout_option
from ovm.cli.progress import progress_line
from ovm.machines import machines
from ovm.machines.inspect import Inspection
from ovm.machines.inspect_moment import Until, known_guest
from ovm.machines.inspect_picture import picture
from ovm.machines.running import RunOptions
from ovm.system.archive import write_whole
from ovm.system.build import build as build_archive

_ALL = 1 << 20
_PARTS = ("tlb", "tables", "keys")


@click.command(short_help="Run SYSTEM.toml up to a moment; show TLBs and tables.")
@description_argument
@click.option("--at", type=moment, metavar="TIME", help="Stop at this simulated time, as 20ms.")
@click.option("--until-console", "said", metavar="TEXT", help="Stop when a guest, or OVM, prints a line with this text.")
@click.option("--break", "symbol", metavar="PLACE",
              help="Stop at a function, as guest_start or desk:main, or a line: ovm/core/boot.py:140.")  # fmt: skip
@click.option("--show", type=click.Choice(_PARTS), multiple=True, help="Only this; may be given several times.")
@click.option("--guest", help="Only this guest's tables.")
@click.option("--all", "everything", is_flag=True, help="Every entry, not the first of each table.")
@click.option("--picture", "file", type=click.Path(path_type=Path, dir_okay=False), callback=file_to_write,
              help="Draw it too, as SVG.")  # fmt: skip
@timeout_option
def inspect(
    description: Path, at: Callable[[int], int] | None, said: str | None, symbol: str | None, show: tuple[str, ...],
    guest: str | None, everything: bool, file: Path | None, timeout: float,
) -> None:  # fmt: skip
    """Run SYSTEM.toml on the virtual board up to a moment, and show what its memory management holds then."""
    if [at, said, symbol].count(None) != 2:
        raise click.UsageError("say when to look: one of --at, --until-console, --break")
    if said == "":
        raise click.BadParameter("this is in every line: give some text", param_hint="--until-console")
    if guest is not None and show and "tables" not in show:
        raise click.UsageError("--guest chooses whose tables are shown: add --show tables, or leave one of the two out")
    with failures(description):
        chosen = machines.choose(description, machines.BOARD)
        names = [each.name for each in chosen.system.guests]
        if guest is not None and guest not in names:
            raise click.BadParameter(f"no guest '{guest}': there are {', '.join(names)}", param_hint="--guest")
        if symbol is not None:
            known_guest(symbol, names)
        with progress_line() as progress:
            archive = build_archive(description, progress)
            run = chosen.prepare(progress)
            progress("running")
            until = Until(archive, at=at, said=said, symbol=symbol)
            result = run(archive, until.hear, RunOptions(timeout_seconds=timeout, drive=until))
        if until.inspection is None and result.reason == "interrupted":
            raise KeyboardInterrupt
        if until.inspection is None:
            click.echo(f"the run ended before that moment: {result.reason}", err=True)
            raise SystemExit(UNEXPECTED)
        _show(until.inspection, show or _PARTS, guest, _ALL if everything else MOST_ROWS)
        if file:
            write_whole(file, picture(until.inspection).encode())
            click.echo(f"{file}: a picture of it")


def _show(inspection: Inspection, parts: tuple[str, ...], guest: str | None, most: int) -> None:
    console = Console(highlight=False, width=None if Console().is_terminal else 160)
    for line in headline(inspection):
        console.print(line)
    if "tlb" in parts and guest is None:
        for cpu in inspection.cpus:
            console.print(tlb_table(inspection, cpu, most))
    if "tables" in parts:
        for view in inspection.tables:
            if (guest is None or view.guest == guest) and (view.current or most == _ALL):
                console.print(mapping_table(inspection, view, most))
        others = sum(not view.current for view in inspection.tables)
        if others and most != _ALL:
            console.print(f"{others} spaces that are not in use now: --all shows them")
    if "keys" in parts and guest is None:
        for table in key_tables(inspection):
            console.print(table)
    for problem in inspection.problems():
        console.print(f"[red]NOT ITS OWN[/red] {problem}")
    stale = inspection.unconfirmed()
    console.print(f"{len(stale) or 'no'} TLB entries that no table confirms" + (":" if stale else ""))
    for text in stale[:most]:
        console.print(f"  {text}")
