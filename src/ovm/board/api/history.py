# SPDX-License-Identifier: Apache-2.0
"""The machine's past: snapshots, hashes of its state, recorded runs."""

from collections.abc import Iterator
from typing import Any

from ovm.board.api import snapshot as pages
from ovm.board.api.inputs import Recorder, Recording
from ovm.board.api.snapshot import Snapshot
from ovm.board.api.tlb import MICRO_TLBS
from ovm.board.parameters import Parameters
from ovm.board.record import SLOT_BASE, SLOT_BYTES, SLOTS
from ovm.board.state import Cpu
from ovm.metal.build.host import HostProgram
from ovm.metal.lang.kinds import ArrayType

# Statics that don't affect the future: subscriptions, accounts, the user's stops.
_ASIDE = ("ovm.board.events.EVENTS", "ovm.board.events.RING", "ovm.board.devices.console.CONSOLE")
_ASIDE_MODULES = (
    *("ovm.board.processor.debug", "ovm.board.processor.account", "ovm.board.account_marks."),
    *("ovm.board.arena.", "ovm.board.blocks.", "ovm.board.issue."),
)
# Data that follows from the state and is derived again when it is missing: decoded instructions, short cuts. Stops drop some of
# it.
_FOUND_AGAIN = (
    *("ovm.board.cache.level1.DATA_HINTS", "ovm.board.record.CODE_LINES"),
    # Data of the last access, which is set before it is used.
    *("ovm.board.mapping.MAPPING", "ovm.board.mmu.table_walk.FOUND", "ovm.board.mmu.translate.ENTRY"),
    *("ovm.board.cache.data.HOME", "ovm.board.cache.source.BROUGHT", "ovm.board.cache.outstanding.MISSED"),
)
_FOUND_AGAIN_MODULES = ("ovm.board.shortcuts.lines.", "ovm.board.decode.")
_RECORDS = (SLOT_BASE, SLOTS * SLOT_BYTES)


class History:
    """The operations of a board on its own past."""

    program: HostProgram
    recorder: Recorder
    now: Any
    call: Any
    static: Any
    _renew: Any
    _last: Snapshot | None = None

    def snapshot(self) -> Snapshot:
        """Return a copy of the whole machine. Its future from here is always the same, to the cycle."""
        self.call("api.entry.come_to_rest")
        self._last = pages.take(self.program.memory, self.now, self._last)
        return self._last

    def restore(self, snapshot: Snapshot) -> None:
        """Restore the machine's state; subscriptions, breakpoints and watchpoints don't change."""
        pages.put_back(self.program.memory, snapshot)
        self._last = snapshot
        self._renew()

    def state_hash(self) -> str:
        """Return a hash of everything that decides the machine's future; equal states have equal hashes on every host.

        The user's stops, subscriptions, and the parameter `blocks` are not included.
        """
        self.call("api.entry.come_to_rest")
        return pages.digest(self.program.memory, [*self._aside(), _RECORDS])

    def _aside(self) -> Iterator[pages.Range]:
        names, modules = (*_ASIDE, *_FOUND_AGAIN), (*_ASIDE_MODULES, *_FOUND_AGAIN_MODULES)
        for name, each in self.program.statics.items():
            if name in names or name.startswith(modules):
                yield each.address, each.size
        yield self.static("parameters.PARAMETERS", Parameters).place("blocks")
        for path in ("event_pc", "event_word"):  # the reason of a core's stop
            yield self.static("state.CPU", Cpu).place(path)
            yield from (self.static("state.CORES", ArrayType(Cpu, 2)).place(core, path) for core in (0, 1))
        micros = self.static("mmu.micro.MICRO", MICRO_TLBS)
        yield from (micros.place(number, "recent") for number in range(MICRO_TLBS.length))  # where to search first

    def record(self) -> Recording:
        """Record every input from now on: `write`, `type`, `start`, `boot`, `insert_card`, `set` of a core."""
        return self.recorder.start()

    def stop_recording(self) -> None:
        """End the recording."""
        self.recorder.stop()

    def replay(self, recording: Recording) -> None:
        """Run a recorded stretch again, up to its end; `BoardError` R210 if the machine doesn't reach its moments."""
        self.recorder.replay(recording)
