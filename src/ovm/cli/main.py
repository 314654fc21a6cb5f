# SPDX-License-Identifier: Apache-2.0
"""`ovm`: the list of commands. Each is imported when it is used, so that a run doesn't wait for the others."""

import importlib
from typing import Any

import click

from ovm.cli.exits import failures
from ovm.shipped import BOARDS, SYSTEMS, names_in, purpose_of

# Each has the function of its name in the module of its name. The words are the first line of its help: the list of
# commands is printed without importing any.
COMMANDS = {
    "check": "Check SYSTEM.toml and show what would go where.",
    "build": "Build the boot image of SYSTEM.toml.",
    "run": "Build SYSTEM.toml, run it, and judge what the guests did.",
    "trace": "Run SYSTEM.toml and write a timeline of what happened.",
    "inspect": "Run SYSTEM.toml up to a moment; show TLBs and tables.",
    "measure": "Measure on the virtual board: docs/guide/measure.md.",
    "report": "Build SYSTEM.toml and print what went where.",
    "sizes": "Show the sizes of OVM's sections and code, largest first.",
    "explain": "Explain an error CODE; without one, list them all.",
}


class _Commands(click.Group):
    """A group of commands of which none ends in a traceback, even if a step outside their own guards fails, such as printing."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands' names, in the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command and return it."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(f"ovm.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from `COMMANDS`."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the names of the systems and boards that come with OVM."""
        for title, folder in (("Systems that come with OVM", SYSTEMS), ("Boards", BOARDS)):
            with formatter.section(title):
                formatter.write_dl([(name, purpose_of(folder / f"{name}.toml")) for name in names_in(folder)])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with failures():
            return super().invoke(ctx)


def _show_version(context: click.Context, _option: click.Parameter, asked: bool) -> None:
    """Print the version and end; the module that reads it is imported only here."""
    if asked and not context.resilient_parsing:
        from ovm.cli.version import version

        click.echo(f"ovm, version {version()}")
        context.exit()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_show_version, help="Show the version and exit."
)
def main() -> None:
    """Build and run systems of guests on a Cortex-A9 hypervisor.

    SYSTEM.toml is a file that describes a system (docs/guide/describe-a-system.md), or the name of one that comes with
    OVM, as in: ovm run mixed
    """
