# SPDX-License-Identifier: Apache-2.0
"""The machine's past: snapshots, hashes of its state, recorded runs."""

from typing import Any

from ovm.board.api import snapshot as pages
from ovm.board.api.inputs import Recorder, Recording
from ovm.board.api.snapshot import Snapshot
from ovm.metal.build.host import HostProgram

# Statics that decide nothing: who hears what, whose time it was, where the user wants to stop.
_ASIDE = ("ovm.board.events.EVENTS", "ovm.board.events.RING", "ovm.board.devices.console.CONSOLE")
_ASIDE_MODULES = ("ovm.board.debug", "ovm.board.account.", "ovm.board.blocks.", "ovm.board.issue.")


class History:
    """What a board can do with its own past."""

    program: HostProgram
    recorder: Recorder
    now: Any
    call: Any
    _renew: Any
    _last: Snapshot | None = None

    def snapshot(self) -> Snapshot:
        """Keep the whole machine. Its future from here is always the same, to the cycle."""
        self.call("api.entry.come_to_rest")
        self._last = pages.take(self.program.memory, self.now, self._last)
        return self._last

    def restore(self, snapshot: Snapshot) -> None:
        """Make the machine what it was; subscriptions, breakpoints and watchpoints stay as they are now."""
        pages.put_back(self.program.memory, snapshot)
        self._last = snapshot
        self._renew()

    def state_hash(self) -> str:
        """A hash of everything that decides the machine's future; equal states have equal hashes on every host."""
        self.call("api.entry.come_to_rest")
        statics = self.program.statics
        aside = [(each.address, each.size) for name, each in statics.items() if name in _ASIDE or name.startswith(_ASIDE_MODULES)]
        return pages.digest(self.program.memory, aside)

    def record(self) -> Recording:
        """Write down every input from now on: `write`, `type`, `start` and `set` of a core."""
        return self.recorder.start()

    def stop_recording(self) -> None:
        """End the recording here."""
        self.recorder.stop()

    def replay(self, recording: Recording) -> None:
        """Have a recorded stretch again, up to its end; `BoardError` R210 if the machine doesn't come by its moments."""
        self.recorder.replay(recording)
