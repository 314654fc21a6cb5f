# SPDX-License-Identifier: Apache-2.0
"""Runs that a debugger drives, and the commands that the user types for it."""

from collections.abc import Callable
from pathlib import Path

from ovm.machines.gdb.board import BoardTarget
from ovm.machines.gdb.server import Server
from ovm.machines.running import Driven
from ovm.system.archive import Archive

KILLED = "killed"


def commands(archive: Archive, folder: Path, where: str) -> str:
    """Return the commands to type to debug a run whose files are in `folder`."""
    sources = Path(__file__).resolve().parents[3]
    lines = [
        f"waiting for a debugger at {where}; in another terminal:",
        f"  gdb-multiarch {folder / 'ovm.elf'} -ex 'directory {sources}' -ex 'target remote {where}'",
        "in it, for the symbols of a guest (addresses are the guest's own, so one guest of a level at a time):",
        *(f"  add-symbol-file {folder / name}.elf" for name in archive.images),
        "then for example:  hbreak boot_primary   continue   info threads   reverse-step   monitor help",
    ]
    return "\n".join(lines)


class Debugger:
    """A driver that runs as debuggers ask, until one detaches or kills."""

    def __init__(self, port: int, said: Callable[[str], None]) -> None:
        self._server = Server(port)
        self._said = said

    @property
    def where(self) -> str:
        """Return the argument for `target remote`."""
        return self._server.where

    def __call__(self, machine: Driven) -> str:
        """Serve; return `killed`, or an empty text when the run continues without a debugger."""
        try:
            target = BoardTarget(machine.board, machine.begin, machine.console, lambda: machine.over, self._said)
            how = self._server.serve(target, self._said)
        finally:
            self._server.close()
        return KILLED if how == "killed" else ""
