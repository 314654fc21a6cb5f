# SPDX-License-Identifier: Apache-2.0
"""The common part of all machines: the options of a run, and the memory that it saves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ovm.abi.config import Level
from ovm.board.api import Board
from ovm.machines.errors import MachineError
from ovm.machines.gdb.console import Once
from ovm.machines.result import RunResult
from ovm.machines.stream import Event, Record
from ovm.machines.typist import Typist
from ovm.system.archive import Archive

DEFAULT_TIMEOUT_SECONDS = 300.0
TIMEOUT = "timeout"


@dataclass(frozen=True)
class Dump:
    """Memory to be written to a file when the run is over, as a core sees it."""

    physical: int
    length: int
    file: Path
    core: int = 0


class Driven(Protocol):
    """A virtual board with an image in it, before its run or in it.

    `late()` tells whether the real time that the run was given is over; the driver then returns `TIMEOUT` as the reason.
    """

    board: Board
    console: Once
    over: bool

    def late(self) -> bool:
        """Return whether the run has taken too much real time."""
        ...

    def begin(self) -> None:
        """Put everything back to before the first instruction."""
        ...


@dataclass(frozen=True)
class Pace:
    """The progress of a run: simulated seconds, and instructions of all CPUs."""

    seconds: float
    instructions: int


# A driver gets the machine before it runs; it returns the run's reason if it has ended the run, nothing to let it continue.
Driver = Callable[[Driven], str]


@dataclass(frozen=True)
class RunOptions:
    """The options of a run. Writable regions with `save` go to the folder `save_to`; without it they aren't saved.

    `typist` types for the guests. `program` (the QEMU to use) and `extra` (further options) are for QEMU. `drive`, `observe`
    (which is told the progress now and then) and `parameters` (instead of the board file's) are for the virtual board.
    """

    program: str = ""
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS
    dumps: tuple[Dump, ...] = ()
    save_to: Path | None = None
    extra: tuple[str, ...] = ()
    drive: Driver | None = None
    observe: Callable[[Pace], None] | None = None
    parameters: Mapping[str, int] = field(default_factory=dict)
    typist: Typist | None = None


Listener = Callable[[Event], None]


def check_build(archive: Archive, event: Event) -> None:
    """Refuse a boot record of another build: the run would be judged by a description from which it wasn't made."""
    if not isinstance(event, Record) or event.kind != "boot":
        return
    found, expected = event.number("build"), int(archive.core.build, 16)
    if found != expected:
        raise MachineError(
            "R107",
            "another build of OVM answers than the one that was to run",
            found=f"build {found:#x} in its boot record",
            expected=f"build {expected:#x}, which was made of {archive.plan.system.name}'s description",
            fix="load the boot image of this build, or build the description again that the running image was made of",
        )


def wanted_dumps(archive: Archive, result: RunResult, options: RunOptions) -> list[Dump]:
    """Return the memory that the description or the caller asks for; add what is saved to `result`."""
    wanted = list(options.dumps)
    boot_cpu = archive.plan.system.board.boot_cpu
    for place in archive.plan.guests if options.save_to else ():
        core = 1 - boot_cpu if place.guest.level is Level.HRT else boot_cpu
        written = result.guests[place.guest.name].reports.get("bytes_out")
        for each in place.regions:
            if each.region.save and options.save_to:
                length = each.region.length if written is None else min(written, each.region.length)
                wanted.append(Dump(each.phys, length, options.save_to / each.region.save, core))
                result.saved.append(str(wanted[-1].file))
    return wanted
