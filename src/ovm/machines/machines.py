# SPDX-License-Identifier: Apache-2.0
"""The choice of the machine that runs a description, and of the board for which it is built."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ovm.machines import qemu, virtual
from ovm.machines.errors import MachineError
from ovm.machines.result import RunResult
from ovm.machines.running import Listener, RunOptions
from ovm.system.archive import Archive
from ovm.system.load import load
from ovm.system.model import System

BOARD, QEMU = "board", "qemu"
NAMES = (BOARD, QEMU)
Run = Callable[[Archive, Listener, RunOptions], RunResult]


@dataclass(frozen=True)
class Choice:
    """A machine, and the description that it can run. `board` is the board to build for, empty for the description's own."""

    name: str
    board: str
    system: System

    def prepare(self, progress: virtual.Progress) -> Run:
        """Return the function that runs an archive on it; `progress` is told about work that takes long the first time."""
        if self.name == QEMU:
            return qemu.run
        virtual.warm(progress)
        return virtual.run


def check_parameters(parameters: Mapping[str, int], machine: str) -> None:
    """Refuse, before anything is built, parameters that a machine doesn't have."""
    if parameters and machine != BOARD:
        raise MachineError(
            "R113",
            "only the virtual board has parameters",
            found=f"--set {next(iter(parameters))} with --machine {machine}",
            expected="--machine board",
            fix="leave --set out, or --machine",
        )
    virtual.check_parameters(parameters)


def choose(description: Path, name: str | None = None) -> Choice:
    """Return the machine of this name for a description; without a name the virtual board where it can be, else QEMU.

    Raises `MachineError` where that machine can't run the description, or isn't there.
    """
    system = load(description)
    board = system.board
    if name is None:
        name = BOARD if board.parameters or not board.qemu.machine else QEMU
    if name == BOARD:
        virtual.find_machine(board)
        return Choice(name, "", system)
    instead = board.qemu.instead if not board.qemu.machine else ""
    if instead:
        system = load(description, board=instead)
    qemu.find_machine(system.board)
    return Choice(name, instead, system)
