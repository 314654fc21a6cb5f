# SPDX-License-Identifier: Apache-2.0
"""The same run on the board of remap.py: a program of its own, since it imports a changed copy of the sources.

    python board_side.py IMAGE PLACES TRACE RESULT

TRACE is QEMU's: as many exceptions, and its answers to calls for the time.
"""

import json
import struct
import sys
from pathlib import Path

from ovm.board.api import Board, Stop
from tests.board.lockstep.watch import FRAME_BYTES, LINK, STACK_POINTER, Places, Trace, asks_time

_MOST_CYCLES = 4_000_000_000


class _Watch:
    def __init__(self, image: bytes, places: Places, theirs: Trace) -> None:
        self.places, self.theirs, self.trace = places, theirs, Trace()
        self.board = Board()
        entry = self.board.load(image)
        self.board.start(entry)
        # QEMU starts all CPUs there.
        self.board.cores[1].set("pc", entry)
        first = (places.reset_call, places.guest_stored, places.interrupt)
        self.breakpoints = {place: self.board.breakpoints.add(place) for place in first}

    def run(self) -> Trace:
        stop = self.board.run(cycles=_MOST_CYCLES)
        while stop.reason == "breakpoint" and self.trace.exceptions < self.theirs.exceptions:
            self._note(stop)
            stop = self._go_on(stop)
        if self.trace.exceptions < self.theirs.exceptions:
            raise SystemExit(f"the board stopped: {stop}")
        return self.trace

    def _go_on(self, stop: Stop) -> Stop:
        """Execute the instruction at the breakpoint, then run."""
        number = self.breakpoints.pop(stop.pc, None)
        if number is not None:
            self.board.breakpoints.remove(number)
        after = self.board.step(stop.core)
        if number is not None and stop.pc != self.places.leaving:
            self.breakpoints[stop.pc] = self.board.breakpoints.add(stop.pc)
        return after if after.reason == "breakpoint" else self.board.run(cycles=_MOST_CYCLES)

    def _note(self, stop: Stop) -> None:
        places, trace, core = self.places, self.trace, self.board.cores[stop.core]
        registers = core.registers
        if stop.pc == places.interrupt:
            trace.interrupts += 1
        elif stop.pc == places.reset_call:
            trace.reset[str(stop.core)] = [*registers, stop.pc, core.cpsr]
        elif stop.pc == places.leaving:
            self._give_time(registers[0])
        else:
            if not trace.memory:
                trace.memory = self.board.read(*places.memory).hex()
            guest = registers[STACK_POINTER]
            if asks_time(places, trace.add(guest, registers[LINK], self.board.read(guest, FRAME_BYTES))):
                self.breakpoints[places.leaving] = self.board.breakpoints.add(places.leaving)

    def _give_time(self, guest: int) -> None:
        """Answer as QEMU did to the same call of the same guest."""
        given = self.trace.times.setdefault(f"{guest:#x}", [])
        theirs = self.theirs.times.get(f"{guest:#x}", [])
        if len(given) < len(theirs):
            self.board.write(guest + 4, struct.pack("<2I", *theirs[len(given)]))
            given.append(theirs[len(given)])


def main() -> None:
    image, places, theirs, result = map(Path, sys.argv[1:])
    fields = json.loads(places.read_text())
    fields["memory"], fields["call_links"] = tuple(fields["memory"]), tuple(fields["call_links"])
    _Watch(image.read_bytes(), Places(**fields), Trace.read(theirs)).run().write(result)


if __name__ == "__main__":
    main()
