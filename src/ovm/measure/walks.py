# SPDX-License-Identifier: Apache-2.0
"""Page walks by party.

The board gives the virtual address of each walk. A description may let guests' addresses overlap; here guests on one CPU must
have distinct guest-physical addresses, which `check_distinct` checks, so an address identifies its guest.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

from ovm.board.api.events import KINDS, LAYOUT
from ovm.machines.errors import MachineError
from ovm.system.model import Range
from ovm.system.plan import GuestPlan, Plan

GATE, OVM, DEVICES = "gate", "OVM", "OVM: devices"
# The gate's address in every guest's space (src/ovm/core/memory/tables.py).
_GATE_PAGE = Range(0xFFFF_F000, 4096)
_WALK = KINDS["walk"]


@dataclass
class Walks:
    """Walks of one party: how many, and the cycles they took."""

    count: int = 0
    cycles: int = 0


def owned_ranges(guest: GuestPlan) -> list[Range]:
    """Return the ranges that a deprivileged guest reaches with the MMU off: its RAM and its regions."""
    ram = Range(guest.ram_gpa, guest.guest.memory)
    return [ram, *(Range(each.gpa, each.mapped) for each in guest.regions)]


class WalkCount:
    """Walks of one core by party, taken from the board's records of events."""

    def __init__(self, plan: Plan, core: int) -> None:
        self._core = core
        spans = [(where, guest.guest.name) for guest in plan.guests if guest.guest.cpu == core for where in owned_ranges(guest)]
        spans.append((_GATE_PAGE, GATE))
        spans += [(each.range, DEVICES) for each in plan.system.board.devices.values()]
        spans.sort(key=lambda span: span[0].start)
        check_distinct(spans)
        self._starts = [where.start for where, _ in spans]
        self._spans = spans
        self.of: dict[str, Walks] = {name: Walks() for _, name in spans} | {OVM: Walks()}

    def add(self, records: bytes) -> None:
        """Take records of events in."""
        for _, kind, core, _, address, cycles, _ in LAYOUT.iter_unpack(records):
            if kind == _WALK and core == self._core:
                party = self.of[self._party(address)]
                party.count += 1
                party.cycles += cycles

    def _party(self, address: int) -> str:
        place = bisect_right(self._starts, address) - 1
        if place >= 0 and address < self._spans[place][0].end:
            return self._spans[place][1]
        return OVM

    def counts(self) -> Mapping[str, int]:
        """Return the number of walks of each party."""
        return {name: walks.count for name, walks in self.of.items()}


def check_distinct(spans: list[tuple[Range, str]]) -> None:
    """Refuse spans of different parties that share an address; they are in order."""
    for (where, name), (other, owner) in zip(spans, spans[1:], strict=False):
        if where.overlaps(other) and name != owner:
            raise MachineError(
                "R106",
                f"walks of {name} and {owner} can't be told apart: their guest-physical addresses overlap",
                fix=f"give one of them `address` in the description: {owner} ends at {max(where.end, other.end):#x}",
            )
