# SPDX-License-Identifier: Apache-2.0
"""`ovm sizes`: the use of OVM's bytes."""

import json
from pathlib import Path

import click

from ovm.cli.arguments import description_argument, output_option
from ovm.cli.build import build_and_write
from ovm.cli.exits import failures
from ovm.system.files import NotPlainError, read_plain
from ovm.system.report import budget_text

_MODULE_LEVELS = 3
_REPORT_MOST = 16 << 20


Sizes = dict[str, dict[str, int]]


def _sizes_before(_context: click.Context, _option: click.Parameter, file: Path | None) -> Sizes:
    """Return the sizes in an earlier build's report; a file that is no report is refused before anything is built."""
    if file is None:
        return {}
    try:
        core = json.loads(read_plain(file, _REPORT_MOST))["core"]
        return {key: {str(name): int(size) for name, size in core[key].items()} for key in ("sections", "functions")}
    except (NotPlainError, ValueError, OverflowError, KeyError, TypeError, AttributeError, RecursionError):
        raise click.BadParameter(f"'{file}' is no report.json of a build") from None


@click.command()
@description_argument
@output_option
@click.option("--compare", type=click.Path(path_type=Path, exists=True), callback=_sizes_before,
              help="A report.json of an earlier build.")  # fmt: skip
@click.option("--functions", is_flag=True, help="List functions, not modules.")
def sizes(description: Path, output: Path, compare: Sizes, functions: bool) -> None:
    """Show the sizes of OVM's sections and code, largest first."""
    with failures(description):
        archive, _ = build_and_write(description, output, quiet=True)
    core = archive.core
    click.echo(budget_text(core))
    _table("section", core.sections, compare.get("sections"))
    group = dict if functions else by_module
    _table("function" if functions else "module", group(core.functions), group(compare["functions"]) if compare else None)


def by_module(functions: dict[str, int]) -> dict[str, int]:
    """Sum functions by the module that their dotted name starts with."""
    found: dict[str, int] = {}
    for name, size in functions.items():
        module = ".".join(name.split(".")[:_MODULE_LEVELS]) if "." in name else "(assembly)"
        found[module] = found.get(module, 0) + size
    return found


def _table(title: str, sizes: dict[str, int], before: dict[str, int] | None) -> None:
    names = sorted({*sizes, *(before or {})}, key=lambda name: (-sizes.get(name, 0), name))
    click.echo(f"\n{title:50} {'bytes':>8}" + (f" {'change':>8}" if before is not None else ""))
    for name in names:
        size = sizes.get(name, 0)
        change = "" if before is None else f" {size - before.get(name, 0):+8}"
        click.echo(f"{name:50} {size:>8}{change}")
