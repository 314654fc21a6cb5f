# SPDX-License-Identifier: Apache-2.0
"""`ovm sizes`: what OVM's bytes are spent on."""

import json
from pathlib import Path
from typing import Any

import click

from ovm.cli.arguments import description_argument, output_option
from ovm.cli.build import build_and_write
from ovm.cli.exits import failures
from ovm.system.report import budget_text

_MODULE_LEVELS = 3


@click.command()
@description_argument
@output_option
@click.option("--compare", type=click.Path(path_type=Path, exists=True), help="A report.json of an earlier build.")
@click.option("--functions", is_flag=True, help="List functions, not modules.")
def sizes(description: Path, output: Path, compare: Path | None, functions: bool) -> None:
    """Show the sizes of OVM's sections and code, largest first."""
    with failures(description):
        archive, _ = build_and_write(description, output, quiet=True)
        before = _read(compare)
    core = archive.core
    click.echo(budget_text(core))
    _table("section", core.sections, before.get("sections"))
    group = dict if functions else by_module
    _table("function" if functions else "module", group(core.functions), _grouped(before, functions))


def by_module(functions: dict[str, int]) -> dict[str, int]:
    """Sum functions by the module that their dotted name starts with."""
    found: dict[str, int] = {}
    for name, size in functions.items():
        module = ".".join(name.split(".")[:_MODULE_LEVELS]) if "." in name else "(assembly)"
        found[module] = found.get(module, 0) + size
    return found


def _read(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    value = json.loads(file.read_text())
    core = value.get("core", {}) if isinstance(value, dict) else {}
    return core if isinstance(core, dict) else {}


def _grouped(before: dict[str, Any], functions: bool) -> dict[str, int] | None:
    known = before.get("functions")
    if known is None:
        return None
    return dict(known) if functions else by_module(known)


def _table(title: str, sizes: dict[str, int], before: dict[str, int] | None) -> None:
    names = sorted({*sizes, *(before or {})}, key=lambda name: (-sizes.get(name, 0), name))
    click.echo(f"\n{title:50} {'bytes':>8}" + (f" {'change':>8}" if before is not None else ""))
    for name in names:
        size = sizes.get(name, 0)
        change = "" if before is None else f" {size - before.get(name, 0):+8}"
        click.echo(f"{name:50} {size:>8}{change}")
