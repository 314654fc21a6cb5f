# SPDX-License-Identifier: Apache-2.0
"""Live output of the guests' consoles: coloured by guest at a terminal, plain when piped."""

from rich.console import Console
from rich.text import Text

from ovm.abi.hypercalls import GUEST_START, GUEST_STATUS, GUEST_STOP
from ovm.machines.broken import leftover_text
from ovm.machines.places import Places, register_lines
from ovm.machines.stream import ConsoleLine, Event, OtherLine, Record
from ovm.machines.typist import Typist
from ovm.metal.shown import plain
from ovm.system.archive import Archive

COLOURS = ("cyan", "green", "yellow", "magenta", "bright_blue", "bright_red", "bright_green", "bright_yellow")


_OWNERS = {
    "ovm": "it belongs to OVM",
    "device": "it is a device's or nobody's, not RAM",
    "free": "it belongs to no guest",
    "nothing": "there is nothing that this guest may have",
}
# The only calls that are refused; others with wrong arguments return an error.
CALLS = {GUEST_START: "GUEST_START", GUEST_STOP: "GUEST_STOP", GUEST_STATUS: "GUEST_STATUS"}
# Refusals of one guest that are shown; a guest that keeps trying doesn't fill the screen.
SHOWN_REFUSALS = 20


class Consoles:
    """A listener of a run."""

    def __init__(self, archive: Archive, silent: bool = False, typist: Typist | None = None) -> None:
        self._silent = silent
        self._typist = typist
        # The guest in focus, whose last line hasn't ended, and is shown; empty if there is none. And such lines of other guests.
        self._open = ""
        self._begun: dict[str, str] = {}
        self._places = Places(archive)
        system = archive.plan.system
        self.console = Console(highlight=False, soft_wrap=True)
        self._width = max(len(guest.name) for guest in system.guests)
        self._refusals: dict[str, int] = {}
        self._colours = {guest.name: COLOURS[index % len(COLOURS)] for index, guest in enumerate(system.guests)}

    def __call__(self, event: Event) -> None:
        """Show one event, if it is for the user."""
        if self._silent:
            return
        if isinstance(event, ConsoleLine) and self._typist and event.guest == self._typist.focus:
            self._show(event)
        elif isinstance(event, ConsoleLine):
            text = self._begun.pop(event.guest, "") + event.text
            if event.ended:
                self._line(event.guest, text)
            else:
                self._begun[event.guest] = text
        elif isinstance(event, OtherLine):
            if event.text.strip():
                self.console.print(Text(plain(event.text, "\t"), "dim"))
        else:
            self._record(event)

    def _record(self, record: Record) -> None:
        """Show a record that the user should see at once."""
        guest = record.word("guest")
        if record.kind == "stopped":
            for line in self._places.stop_report(record):
                self._line(guest, line, "bold red")
        elif record.kind == "broken":
            for line in self._places.broken_report(record):
                self._line("OVM", line, "bold red")
        elif record.kind == "loader":
            self._line("OVM", leftover_text(record.fields), "bold red")
        elif record.kind == "registers":
            for line in register_lines(record):
                self._line(guest, line, "bold red")
        elif record.kind == "dropped":
            self._line(guest, f"OVM dropped {record.number('lines')} lines here: printed faster than the UART sends", "bold red")
        elif record.kind == "refusal":
            count = self._refusals[guest] = self._refusals.get(guest, 0) + 1
            if count <= SHOWN_REFUSALS:
                self._line(guest, refusal_text(record), "bold red")
            if count == SHOWN_REFUSALS:
                self._line(guest, "OVM refused more; the summary counts them", "bold red")

    def _show(self, line: ConsoleLine) -> None:
        """Show what the guest in focus printed as it is: the terminal is its own."""
        if self._open not in ("", line.guest):
            self._close()
        self.console.file.write(self._begun.pop(line.guest, "") + line.text + ("\n" if line.ended else ""))
        self.console.file.flush()
        self._open = "" if line.ended else line.guest

    def _close(self) -> None:
        """End a line that is shown unfinished."""
        if self._open:
            self.console.file.write("\n")
        self._open = ""

    def _line(self, guest: str, text: str, style: str = "") -> None:
        self._close()
        prefix = Text(f"{guest:>{self._width}} | ", self._colours.get(guest, "white"))
        self.console.print(prefix + Text(plain(text, "\t"), style))


def refusal_text(record: Record) -> str:
    """Return one refusal as a sentence. For a call, `address` is its number."""
    if record.word("kind") == "call":
        number = record.number("address")
        call = f"{CALLS[number]} ({number:#010x})" if number in CALLS else f"{number:#010x}"
        return f"OVM refused the call {call} (pc {record.number('pc'):#010x}): it is for a guest with manager = true"
    owner = _OWNERS.get(record.word("owner"), f"it belongs to {record.word('owner')}")
    return f"OVM refused a {record.word('kind')} at {record.number('address'):#010x} (pc {record.number('pc'):#010x}): {owner}"
