# SPDX-License-Identifier: Apache-2.0
"""`ovm`: the list of commands."""

from typing import Any

import click

from ovm.cli.build import build
from ovm.cli.check import check
from ovm.cli.exits import failures
from ovm.cli.explain import explain
from ovm.cli.inspect import inspect
from ovm.cli.measure import measure
from ovm.cli.report import report
from ovm.cli.run import run
from ovm.cli.sizes import sizes
from ovm.cli.trace import trace
from ovm.cli.version import version


class _Commands(click.Group):
    """Commands of which none ends in a traceback, whatever fails outside their own guards: printing, for one."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        with failures():
            return super().invoke(ctx)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version(), prog_name="ovm")
def main() -> None:
    """Build and run systems of guests on a Cortex-A9 hypervisor.

    A system is described by a TOML file; see docs/guide/describe-a-system.md.
    """


for _command in (check, build, run, trace, inspect, measure, report, sizes, explain):
    main.add_command(_command)
