# SPDX-License-Identifier: Apache-2.0
"""An observed run: a description runs on the virtual board, and all its events are received."""

import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from ovm.machines import virtual
from ovm.machines.errors import MachineError
from ovm.machines.result import RunResult
from ovm.machines.running import Driven, RunOptions
from ovm.machines.stream import Event
from ovm.system.archive import Archive

Records = Callable[[bytes], None]
TIMEOUT_SECONDS = 3600.0


class Observed:
    """A run that has ended: its result, the counters of both CPUs, and the files that it saved."""

    def __init__(
        self,
        archive: Archive,
        kinds: Iterable[str],
        records: Records,
        only: str = "",
        parameters: Mapping[str, int] | None = None,
    ) -> None:
        """Run with other `parameters` than the board file's; every guest, or the guest `only`, has to fulfil its expectations."""
        self._kinds = tuple(kinds)
        self._records = records
        self.counts: tuple[dict[str, int], ...] = ()
        self.saved: dict[str, bytes] = {}
        with tempfile.TemporaryDirectory(prefix="ovm-measure-") as name:
            folder = Path(name)
            options = RunOptions(timeout_seconds=TIMEOUT_SECONDS, save_to=folder, drive=self._attach, parameters=parameters or {})
            self.result: RunResult = virtual.run(archive, _hear_nothing, options)
            self._keep(folder)
        if self.result.reason == "interrupted":
            raise KeyboardInterrupt  # a part of a run is no measurement
        failures = [each for each in self.result.failures if each.startswith(f"{only}:" if only else "")]
        if failures:
            raise MachineError("R105", "the measured run did not do what is expected", found="; ".join(failures))

    def _attach(self, machine: Driven) -> str:
        self._board = machine.board
        self._board.subscribe_raw(self._kinds, self._records)
        return ""

    def _keep(self, folder: Path) -> None:
        self.counts = tuple(core.counts for core in self._board.cores)
        self.instructions = tuple(core.instructions for core in self._board.cores)
        self.hz = self._board.hz
        self.saved = {each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()}


def _hear_nothing(event: Event) -> None:
    """Ignore console output."""
