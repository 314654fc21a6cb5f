# SPDX-License-Identifier: Apache-2.0
"""`ovm`: the list of commands. Each is imported when it is asked for, so that a run doesn't wait for the others."""

import importlib
from typing import Any

import click

from ovm.cli.exits import failures
from ovm.cli.version import version
from ovm.shipped import BOARDS, SYSTEMS, names_in, purpose_of

# Each has the function of its name in the module of its name.
COMMANDS = ("check", "build", "run", "trace", "inspect", "measure", "report", "sizes", "explain")


class _Commands(click.Group):
    """Commands of which none ends in a traceback, whatever fails outside their own guards: printing, for one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, in the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(f"ovm.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What comes with OVM, by name."""
        for title, folder in (("Systems that come with OVM", SYSTEMS), ("Boards", BOARDS)):
            with formatter.section(title):
                formatter.write_dl([(name, purpose_of(folder / f"{name}.toml")) for name in names_in(folder)])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        with failures():
            return super().invoke(ctx)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version(), prog_name="ovm")
def main() -> None:
    """Build and run systems of guests on a Cortex-A9 hypervisor.

    SYSTEM.toml is a file that describes a system (docs/guide/describe-a-system.md), or the name of one that comes with
    OVM, as in: ovm run mixed
    """
