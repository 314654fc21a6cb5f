# SPDX-License-Identifier: Apache-2.0
"""`ovm report`: where a build placed everything."""

from pathlib import Path

import click

from ovm.cli.arguments import board_option, description_argument, output_option
from ovm.cli.build import build_and_write
from ovm.cli.exits import failures


@click.command(short_help="Build SYSTEM.toml and print what went where.")
@description_argument
@board_option
@output_option
@click.option("--json", "as_json", is_flag=True, help="For machines: docs/reference/report-json.md.")
def report(description: Path, board: str, output: Path, as_json: bool) -> None:
    """Build SYSTEM.toml (from the cache, if nothing changed) and print its report."""
    with failures(description):
        archive, _ = build_and_write(description, output, quiet=True, board=board)
        click.echo(archive.report_json if as_json else archive.report, nl=False)
