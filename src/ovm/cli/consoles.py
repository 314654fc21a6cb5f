# SPDX-License-Identifier: Apache-2.0
"""Show the guests' consoles as they come: coloured by guest at a terminal, plain when piped."""

from rich.console import Console
from rich.text import Text

from ovm.machines.stream import ConsoleLine, Event, OtherLine, Record
from ovm.system.model import System

COLOURS = ("cyan", "green", "yellow", "magenta", "bright_blue", "bright_red", "bright_green", "bright_yellow")


class Consoles:
    """A listener of a run."""

    def __init__(self, system: System, silent: bool = False) -> None:
        self._silent = silent
        self._console = Console(highlight=False, soft_wrap=True)
        self._width = max(len(guest.name) for guest in system.guests)
        self._colours = {guest.name: COLOURS[index % len(COLOURS)] for index, guest in enumerate(system.guests)}

    def __call__(self, event: Event) -> None:
        """Show one event, if it is for people."""
        if self._silent:
            return
        if isinstance(event, ConsoleLine):
            self._line(event.guest, event.text)
        elif isinstance(event, OtherLine):
            if event.text.strip():
                self._console.print(Text(event.text, "dim"))
        else:
            text = _told(event)
            if text:
                self._line(event.word("guest"), text, "bold red")

    def _line(self, guest: str, text: str, style: str = "") -> None:
        prefix = Text(f"{guest:>{self._width}} | ", self._colours.get(guest, "white"))
        self._console.print(prefix + Text(text, style))


def _told(record: Record) -> str:
    """Records that people should see at once."""
    if record.kind == "refusal":
        return (
            f"OVM refused a {record.word('kind')} at {record.number('address'):#010x} "
            f"(pc {record.number('pc'):#010x}): it belongs to {record.word('owner')}"
        )
    if record.kind == "stopped":
        rest = {key: value for key, value in record.fields.items() if key not in ("guest", "why")}
        facts = ", ".join(f"{key} {_shown(value)}" for key, value in rest.items())
        return f"OVM stopped this guest: {record.word('why')} ({facts})"
    return ""


def _shown(value: int | str) -> str:
    return f"{value:#x}" if isinstance(value, int) else value
