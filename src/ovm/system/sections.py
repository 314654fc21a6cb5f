# SPDX-License-Identifier: Apache-2.0
"""The mapping of an SRT guest's memory by TLB entries that can be locked.

A Cortex-A9 core has four lockable entries (DDI0388I §6.2.2). OVM keeps two: its own section and the gate page.
Every section (1 MiB) or supersection (16 MiB) of the guest takes one, and all of them must be locked at once, for a
guest that misses the TLB even once has no bound on its memory time.
"""

from dataclasses import dataclass

from ovm.abi.config import OVM_LOCK_ENTRIES, Level
from ovm.arm.descriptors import LOCK_ENTRIES
from ovm.system.model import Guest, System
from ovm.system.problems import Problems
from ovm.system.units import MIB, size_text

SECTION = MIB
SUPERSECTION = 16 * MIB


@dataclass(frozen=True)
class Sections:
    """The mapping of an SRT guest."""

    section_bytes: int
    ram_entries: int
    region_entries: int

    @property
    def entries(self) -> int:
        """Lock entries in all."""
        return self.ram_entries + self.region_entries


def sections_of(guest: Guest) -> Sections:
    """Return the fewest entries that map the guest: supersections where its memory is made of them."""
    size = SUPERSECTION if guest.memory and guest.memory % SUPERSECTION == 0 else SECTION
    regions = sum(-(-region.length // SECTION) for region in guest.regions)
    return Sections(size, -(-guest.memory // size), regions)


def check_sections(system: System, guest: Guest, problems: Problems) -> None:
    """Refuse SRT memory that isn't made of sections, or of more than can be locked."""
    if guest.level is not Level.SRT or not guest.memory:
        return
    path = (*guest.path, "memory")
    if guest.memory % SECTION:
        problems.add(
            system.document.problem(
                "S120", path, f"memory of SRT guest '{guest.name}' is not made of sections",
                found=size_text(guest.memory),
                expected="a multiple of 1 MiB (sections) or of 16 MiB (supersections)",
                fix=f"write memory = '{-(-guest.memory // SECTION)}MiB'",
            )
        )  # fmt: skip
        return
    plan = sections_of(guest)
    room = LOCK_ENTRIES - OVM_LOCK_ENTRIES
    if plan.entries <= room:
        return
    kind = "section" if plan.section_bytes == SECTION else "supersection"
    parts = f"{size_text(guest.memory)} = {plan.ram_entries} {kind}{'s' if plan.ram_entries > 1 else ''}"
    if plan.region_entries:
        parts += f", and {plan.region_entries} more for its files and regions: {plan.entries} entries"
    problems.add(
        system.document.problem(
            "S123", path, f"SRT guest '{guest.name}' needs more TLB lock entries than there are", found=parts,
            expected=f"at most {room}: {LOCK_ENTRIES} lockable in a core - 1 for OVM's section - 1 for the gate",
            fix=_way_out(guest, plan, room),
        )
    )  # fmt: skip


def _way_out(guest: Guest, plan: Sections, room: int) -> str:
    left = room - plan.region_entries
    if left <= 0:
        return f"at most {room - 1} MiB of files and regions fits beside it; or make '{guest.name}' an NRT guest"
    if guest.memory <= left * SUPERSECTION:
        larger = -(-guest.memory // SUPERSECTION) * SUPERSECTION
        smaller = f"{left} MiB ({left} section{'s' if left > 1 else ''})"
        count = larger // SUPERSECTION
        return f"write {smaller}, or {size_text(larger)} ({count} supersection{'s' if count > 1 else ''})"
    return f"write at most {size_text(left * SUPERSECTION)}, or make '{guest.name}' an NRT guest"
