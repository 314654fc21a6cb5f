# SPDX-License-Identifier: Apache-2.0
"""Going back in time: a snapshot from time to time, and executing forward again from one of them.

The machine is deterministic and stops change nothing, so it can be executed again from a snapshot to any later moment, and a
moment is named by the number of instructions that the cores have executed. Snapshots are taken while the machine runs;
when there are many, every other one of the older half is dropped, so the distance between them grows with their age. A change
by the user makes everything before it the past of another machine: history begins there.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ovm.board.api import Board, Stop
from ovm.board.api.snapshot import Snapshot
from ovm.machines.gdb.console import Once
from ovm.machines.gdb.target import BEGINNING, BREAKPOINT, INTERRUPTED, STEP, WATCHPOINT, Halt

INTERVAL_CYCLES = 20_000_000
MOST_MOMENTS = 24
_SLICE_CYCLES = 20_000_000
_BOTH = 3
# An interrupt, one that is more urgent, and an abort of its vector, at each level.
_MOST_IN_A_ROW = 8


@dataclass(frozen=True)
class Moment:
    """A snapshot; `counts` are the instructions that each core had executed, `said` the number of bytes on the console."""

    counts: tuple[int, ...]
    cycle: int
    said: int
    snapshot: Snapshot

    @property
    def total(self) -> int:
        """Return instructions of all cores."""
        return sum(self.counts)


class History:
    """The past of one board, from `begin` on."""

    def __init__(self, board: Board, console: Once) -> None:
        self._board = board
        self._console = console
        self._moments: list[Moment] = []

    @property
    def counts(self) -> tuple[int, ...]:
        """Return the machine's place in history."""
        return tuple(core.instructions for core in self._board.cores)

    def begin(self) -> None:
        """Let history begin now."""
        self._moments.clear()
        self._console.forget()
        self._take()

    def note(self) -> None:
        """Take a snapshot if the last one is long ago."""
        if self._board.now - self._moments[-1].cycle >= INTERVAL_CYCLES:
            self._take()
            if len(self._moments) > MOST_MOMENTS:
                half = len(self._moments) // 2
                del self._moments[1:half:2]

    def _take(self) -> None:
        self._moments.append(Moment(self.counts, self._board.now, self._console.count, self._board.snapshot()))

    def _restore(self, moment: Moment) -> None:
        self._board.restore(moment.snapshot)
        self._console.count = moment.said

    def back_one(self, core: int, interrupted: Callable[[], bool]) -> Halt:
        """Go back to the moment before a core's last instruction."""
        goal = self.counts[core] - 1
        before = [each for each in self._moments if each.counts[core] <= goal]
        if not before:
            return self._beginning(core)
        self._restore(before[-1])
        with self._board.without_stops():
            reached = self._forward(goal - before[-1].counts[core], 1 << core, interrupted)
            if reached.reason != "request":
                return Halt(INTERRUPTED, reached.core)
            self._past_interrupts(core)
        return Halt(STEP, core)

    def _past_interrupts(self, core: int) -> None:
        """Go from the moment before an instruction to the moment before the next one that is executed.

        The first may give way to an interrupt, which is a step without an instruction.
        """
        executed = self.counts[core]
        for _ in range(_MOST_IN_A_ROW):
            here = Moment(self.counts, self._board.now, self._console.count, self._board.snapshot())
            self._board.step(core)
            if self.counts[core] != executed:
                break
        self._restore(here)

    def back_to_stop(self, core: int, interrupted: Callable[[], bool]) -> Halt:
        """Go to the last breakpoint or watched access before now."""
        end = sum(self.counts)
        for moment in reversed([each for each in self._moments if each.total < end]):
            self._restore(moment)
            found = self._last_stop(end, interrupted)
            if found is None or found[1].reason == INTERRUPTED:
                if found:
                    return found[1]
                end = moment.total
                continue
            total, halt = found
            self._restore(moment)
            with self._board.without_stops():
                reached = self._forward(total - moment.total, _BOTH, interrupted)
            if reached.reason == "budget":
                return Halt(INTERRUPTED, reached.core)
            if halt.reason == BREAKPOINT:
                self._onto_breakpoint(halt.core)
            return halt
        return self._beginning(core)

    def _onto_breakpoint(self, core: int) -> None:
        """Continue to the breakpoint, if the instruction here gives way to an interrupt in whose vector it is."""
        self._board.call("processor.debug_steps.forget_pass", core)
        self._board.run(cycles=_SLICE_CYCLES)

    def _last_stop(self, end: int, interrupted: Callable[[], bool]) -> tuple[int, Halt] | None:
        """Return the last stop between here and `end`: its place, as a number of instructions, and its kind."""
        found = None
        while (left := end - sum(self.counts)) > 0:
            stop = self._forward(left, _BOTH, interrupted)
            here = sum(self.counts)
            if stop.reason == "budget" or interrupted():
                return (here, Halt(INTERRUPTED, stop.core))
            if stop.reason == "breakpoint" and here < end:
                found = (here, Halt(BREAKPOINT, stop.core, stop.pc))
            elif stop.reason == "watchpoint":
                found = (here - 1, Halt(WATCHPOINT, stop.core, stop.detail))
            else:
                break
        return found

    def _forward(self, instructions: int, cores: int, interrupted: Callable[[], bool]) -> Stop:
        """Execute that many instructions of these cores; the reason is `request` when that is done."""
        self._board.call("processor.debug_steps.count_down", instructions, cores)
        try:
            while True:
                stop = self._board.run(cycles=_SLICE_CYCLES)
                if stop.reason != "budget" or interrupted():
                    return stop
        finally:
            self._board.call("processor.debug_steps.disarm")

    def _beginning(self, core: int) -> Halt:
        self._restore(self._moments[0])
        return Halt(BEGINNING, core)
