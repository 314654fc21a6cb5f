# SPDX-License-Identifier: Apache-2.0
"""`ovm`: the list of commands."""

import click

from ovm.cli.build import build
from ovm.cli.check import check
from ovm.cli.explain import explain
from ovm.cli.report import report
from ovm.cli.run import run
from ovm.cli.sizes import sizes
from ovm.cli.version import version


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version(), prog_name="ovm")
def main() -> None:
    """Build and run systems of guests on a Cortex-A9 hypervisor.

    A system is described by a TOML file; see docs/guide/describe-a-system.md.
    """


for _command in (check, build, run, report, sizes, explain):
    main.add_command(_command)
