# SPDX-License-Identifier: Apache-2.0
"""`ovm measure`: the effect of properties of OVM, in numbers and as a picture."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.table import Table

from ovm.cli.arguments import DEFAULT_OUTPUT, Description, output_option
from ovm.cli.exits import UNEXPECTED, failures
from ovm.cli.progress import progress_line
from ovm.measure.attacks import ATTACKS, AttackRun, measure_attacks
from ovm.measure.interrupts import Run, measure_interrupts
from ovm.measure.lockdown import Variant, measure_lockdown
from ovm.measure.paths import PathRun, measure_paths
from ovm.measure.picture import can_draw, draw_distributions
from ovm.measure.profile import Profile
from ovm.measure.statistics import summarise
from ovm.system.archive import write_whole

F = TypeVar("F", bound=Callable[..., Any])
Panels = Mapping[str, Mapping[str, Sequence[float]]]
_COUNTERS = ("main_misses", "walk_cycles", "fetch_misses", "data_misses", "level2_hits", "level2_misses", "device_accesses")
_WIDTH = 140
_ATTACKS = sorted({each.name for each in ATTACKS})


@click.group()
def measure() -> None:
    """Measure on the virtual board: docs/guide/measure.md."""


def description_option(default: str) -> Callable[[F], F]:
    """Add the argument for a description, with one that comes with OVM as default."""
    return click.argument("description", type=Description(), metavar="[SYSTEM.toml]", default=default)


@measure.command()
@description_option("lockdown")
@output_option
def lockdown(description: Path, output: Path = DEFAULT_OUTPUT) -> None:
    """Count page walks and lateness of an SRT guest, with its sections in TLB lock entries and without.

    SYSTEM.toml is 'lockdown', which comes with OVM, unless given.
    """
    with failures(description):
        output.mkdir(parents=True, exist_ok=True)
        with progress_line() as progress:
            variants = measure_lockdown(description, progress)
        _walk_table(variants)
        panels = {
            "from when an activation was due to its first look at the clock": {each.name: each.late for each in variants},
            "from when an activation was due to the end of its work": {each.name: each.done for each in variants},
        }
        _finish("lockdown", "SRT activations beside a guest that thrashes TLBs and caches", panels, output)


@measure.command()
@description_option("full-load")
@output_option
def interrupts(description: Path, output: Path = DEFAULT_OUTPUT) -> None:
    """Measure interrupt latency of an HRT guest, together with the other guests and alone.

    SYSTEM.toml is 'full-load', which comes with OVM, unless given.
    """
    with failures(description):
        output.mkdir(parents=True, exist_ok=True)
        with progress_line() as progress:
            runs = measure_interrupts(description, progress)
        _counter_table(runs)
        panels = {
            "from a pending timer interrupt to the handler's acknowledge": {each.name: each.latencies.whole for each in runs},
            "from the exception's entry to the return: a whole activation": {each.name: each.latencies.work for each in runs},
        }
        _finish("interrupts", "Timer interrupts of the HRT guest", panels, output)


@measure.command()
@description_option("mixed")
@output_option
def paths(description: Path, output: Path = DEFAULT_OUTPUT) -> None:
    """Measure OVM's uninterruptible paths, and show how their time is spent.

    SYSTEM.toml is 'mixed', which comes with OVM, unless given.
    """
    with failures(description):
        with progress_line() as progress:
            run = measure_paths(description, progress)
        stay, profile = run.longest
        _profile_table(f"the longest stay, {stay.cycles} cycles: {stay.path}", profile, 1)
        if run.worst:
            _profile_table(f"a switch to an SRT guest, mean of {run.activations}", run.activation, run.activations)
            stay, profile = run.worst
            _profile_table(f"the longest of these switches, {stay.cycles} cycles", profile, 1)
            _cold_table(profile)
        _finish_paths(run, output)


@measure.command()
@description_option("attacks")
@click.option("--only", metavar="ATTACK", multiple=True, type=click.Choice(_ATTACKS), help="This attack, and others so named.")
@click.option("--activations", type=click.IntRange(1, 4096), help="How many activations of the SRT guest each run has.")
@output_option
def attacks(description: Path, only: tuple[str, ...], activations: int | None, output: Path = DEFAULT_OUTPUT) -> None:
    """Measure the cost of hostile neighbours to an SRT guest; exit status 1 if one is above its bar.

    SYSTEM.toml is 'attacks', which comes with OVM, unless given.
    """
    with failures(description):
        output.mkdir(parents=True, exist_ok=True)
        chosen = [each for each in ATTACKS if not only or each.name in only]
        with progress_line() as progress:
            runs = list(measure_attacks(description, progress, chosen, activations or 0))
        _attack_table(runs)
        numbers = {
            each.attack.title: {"stays": each.stays, "waits": each.waits, "late": asdict(summarise(each.late))} for each in runs
        }
        write_whole(output / "attacks.json", (json.dumps(numbers, indent=1) + "\n").encode())
        click.echo(f"numbers: {output / 'attacks.json'}")
        missed = [f"{each.attack.title}: {miss}" for each in runs for miss in each.misses]
        click.echo("\n".join(missed) if missed else "OK: no attack costs more than it may")
    if missed:
        raise SystemExit(UNEXPECTED)


def _attack_table(runs: Sequence[AttackRun]) -> None:
    """Print the longest stay and wait of each attack, and the lateness of the SRT guest."""
    table = Table(title="beside each attack, in cycles", title_justify="left")
    for title in ("attack", "longest stay", "in", "longest wait", "of the alarm, in", "late, mean", "late, max"):
        table.add_column(title, justify="right" if title.startswith("l") else "left")
    for each in runs:
        late = summarise(each.late)
        values = (str(each.stay[1]), each.stay[0], str(each.wait[1]), each.wait[0], f"{late.mean:.0f}", f"{late.largest:.0f}")
        table.add_row(each.attack.title, *values)
    _console().print(table)


def _profile_table(title: str, profile: Profile, count: int) -> None:
    """Print a profile of cycles; lines are those that L1 did not have."""
    table = Table(title=title, title_justify="left")
    columns = ("instructions", "cycles", "devices", "code from L2", "code from DDR", "data from L2", "data from DDR")
    for title in ("function", *columns):
        table.add_column(title, justify="left" if title == "function" else "right")
    functions = sorted(profile.functions.items(), key=lambda item: -item[1].cycles)
    for name, part in (*functions, ("all", profile.whole)):
        table.add_row(name, *(f"{value / count:.{int(count > 1)}f}" for value in vars(part).values()))
    _console().print(table)


def _cold_table(profile: Profile) -> None:
    """Print OVM's lines of code that were in neither cache."""
    found: dict[str, list[str]] = {}
    for name, line in sorted(profile.cold):
        found.setdefault(name, []).append(f"{line:#x}")
    table = Table("function", "lines", title="its lines of code that came from DDR", title_justify="left")
    for name, lines in found.items():
        table.add_row(name, " ".join(lines))
    if found:
        _console().print(table)


def _finish_paths(run: PathRun, output: Path) -> None:
    """Print the lengths of stays and waits, and save them."""
    output.mkdir(parents=True, exist_ok=True)
    panels = {
        "from entry into OVM to the return": run.paths.stays,
        "the alarm's wait, by what it came in the middle of": run.paths.waits,
    }
    ordered = {what: dict(sorted(each.items(), key=lambda item: -max(item[1]))) for what, each in panels.items()}
    for what, each in ordered.items():
        _distribution_table(what, each)
    numbers = {what: {name: asdict(summarise(values)) for name, values in each.items()} for what, each in ordered.items()}
    write_whole(output / "paths.json", (json.dumps(numbers, indent=1) + "\n").encode())
    click.echo(f"numbers: {output / 'paths.json'}")


def _walk_table(variants: Sequence[Variant]) -> None:
    table = Table(title="page walks on CPU 0, from its first instruction", title_justify="left")
    table.add_column("whose")
    for each in variants:
        table.add_column(each.name, justify="right")
        table.add_column("cycles", justify="right")
    for party in variants[0].walks:
        cells = [(str(each.walks[party].count), str(each.walks[party].cycles)) for each in variants]
        table.add_row(party, *(text for cell in cells for text in cell))
    _console().print(table)


def _counter_table(runs: Sequence[Run]) -> None:
    table = Table(title="each activation, on average: counters of its CPU over the run", title_justify="left")
    for title in ("run", "activations", *(name.replace("_", " ") for name in _COUNTERS)):
        table.add_column(title, justify="left" if title == "run" else "right")
    for each in runs:
        table.add_row(each.name, str(len(each.latencies.entry)), *(f"{each.each(name):.2f}" for name in _COUNTERS))
    _console().print(table)


def _finish(name: str, title: str, panels: Panels, output: Path) -> None:
    """Print the distributions and save them: as numbers, and as a picture if one can be drawn."""
    for what, variants in panels.items():
        _distribution_table(what, variants)
    numbers = {what: {key: asdict(summarise(values)) for key, values in each.items()} for what, each in panels.items()}
    write_whole(output / f"{name}.json", (json.dumps(numbers, indent=1) + "\n").encode())
    click.echo(f"numbers: {output / name}.json")
    if can_draw():
        draw_distributions(panels, "cycles", title, output / f"{name}.png")
        click.echo(f"picture: {output / name}.png")
    else:
        click.echo("no picture: pip install 'ovm[measure]' brings what draws one")


def _distribution_table(what: str, variants: Mapping[str, Sequence[float]]) -> None:
    table = Table(title=f"{what}, in cycles", title_justify="left")
    for column in ("", "n", "min", "mean", "median", "p99", "max"):
        table.add_column(column, justify="right" if column else "left")
    for name, samples in variants.items():
        found = summarise(samples)
        numbers = (found.smallest, found.mean, found.median, found.p99, found.largest)
        table.add_row(name, str(found.count), *(f"{number:.0f}" for number in numbers))
    _console().print(table)


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_WIDTH)
