# SPDX-License-Identifier: Apache-2.0
"""The check that there are enough shadow tables for OVM's needs at boot (`ovm.core.memory.guest`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovm.abi.config import LEAST_SHARE, MAX_CPUS, Level
from ovm.system.model import System
from ovm.system.problems import Problems
from ovm.system.units import MIB

if TYPE_CHECKING:
    from ovm.system.plan import GuestPlan

SECTION = MIB


def pieces(gpa: int, phys: int, length: int) -> set[int]:
    """Return the megabytes of a range that sections don't map: those that it covers in part, or all if it is shifted."""
    whole = (gpa - phys) % SECTION == 0
    first, last = gpa // SECTION, (gpa + length - 1) // SECTION
    inside = range(-(-gpa // SECTION), (gpa + length) // SECTION) if whole else range(0)
    return {each for each in range(first, last + 1) if each not in inside}


def fixed_tables(system: System, each: GuestPlan) -> int:
    """Return the number of level-2 tables for the straight map of an SRT or HRT guest."""
    if each.guest.level is Level.NRT:
        return 0
    found = set[int]()
    for region in each.regions:
        found |= pieces(region.gpa, region.phys, region.region.length)
    board = system.board
    for name in (board.core.private, *each.guest.devices) if each.guest.level is Level.HRT else ():
        where = board.devices[name].range
        found |= pieces(where.start, where.start, where.length)
    return len(found)


def check_tables(system: System, guests: list[GuestPlan]) -> None:
    """Raise an error if there are fewer tables than the placed guests need."""
    problems = Problems()
    paged = [each.guest for each in guests if each.guest.level is Level.NRT]
    fixed = [(each.guest, fixed_tables(system, each)) for each in guests]
    taken = MAX_CPUS + sum(count for _, count in fixed)
    needs = {
        "level1_tables": (system.level1_tables, len(paged), f"one for each of {len(paged)} NRT guests"),
        "level2_tables": (
            system.level2_tables, taken + LEAST_SHARE * len(paged),
            f"{taken} for the gates and straight maps + {LEAST_SHARE} for each of {len(paged)} NRT guests",
        ),
    }  # fmt: skip
    document = system.document
    for key, (given, needed, why) in needs.items():
        if given < needed:
            notes = [document.note(f"NRT guest '{guest.name}'", guest.path) for guest in paged]
            if key == "level2_tables":
                notes += [document.note(f"'{guest.name}' takes {count}", guest.path) for guest, count in fixed if count]
            problems.add(
                document.problem(
                    "S129", ("system", key), "there are too few shadow tables for the guests", found=f"{key} = {given}",
                    expected=f"at least {needed}: {why}", notes=notes, fix=f"write {key} = {needed} or more",
                )
            )  # fmt: skip
    problems.stop_if_any()
