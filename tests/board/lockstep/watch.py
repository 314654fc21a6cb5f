# SPDX-License-Identifier: Apache-2.0
"""The notes of a run, on either machine, and their places.

OVM's Monitor stores a guest's registers when it takes an exception from it: r0 to r14, PC and PSR stand in the guest's
Vcpu a few instructions behind the vector. What a guest reads as time is an input: it is recorded on one machine and
given on the other.
"""

import json
import struct
from dataclasses import asdict, dataclass, field
from pathlib import Path

FRAME_WORDS = 17
FRAME_BYTES = 4 * FRAME_WORDS
STACK_POINTER, LINK, PROGRAM_COUNTER = 13, 14, 15


@dataclass(frozen=True)
class Places:
    """Addresses to stop at, and what tells a call for the time."""

    reset_call: int  # the SMC at reset
    guest_stored: int  # a guest's registers are in its Vcpu, which SP points at
    interrupt: int
    leaving: int  # r0 is the Vcpu that goes on
    memory: tuple[int, int]  # OVM's own, to be compared at the first exception of all
    time_call: int
    call_links: tuple[int, ...]  # LR of Monitor in a supervisor call


@dataclass
class Trace:
    """A run: registers at reset by CPU, then each guest's exceptions (LR of Monitor, frame), in its order."""

    reset: dict[str, list[int]] = field(default_factory=dict)
    guests: dict[str, list[list[int]]] = field(default_factory=dict)
    times: dict[str, list[list[int]]] = field(default_factory=dict)
    interrupts: int = 0
    memory: str = ""

    @property
    def exceptions(self) -> int:
        return sum(map(len, self.guests.values()))

    def add(self, guest: int, link: int, frame: bytes) -> list[int]:
        entry = [link, *struct.unpack(f"<{FRAME_WORDS}I", frame)]
        self.guests.setdefault(f"{guest:#x}", []).append(entry)
        return entry

    def write(self, file: Path) -> None:
        file.write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls, file: Path) -> "Trace":
        return cls(**json.loads(file.read_text()))


def asks_time(places: Places, entry: list[int]) -> bool:
    """Tell whether an exception is a guest's call for the time."""
    return entry[0] in places.call_links and entry[1] == places.time_call
