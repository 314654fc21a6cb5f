# SPDX-License-Identifier: Apache-2.0
"""The check that there are enough shadow tables for OVM's needs at boot (`ovm.core.memory.guest`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ovm.abi.config import LEAST_SHARE, Level
from ovm.arm.control import ASIDS
from ovm.system.hardware import asids_needed
from ovm.system.model import Board, Guest, System
from ovm.system.problems import Problems
from ovm.system.units import MIB

if TYPE_CHECKING:
    from ovm.system.plan import GuestPlan

SECTION = MIB
# Defaults of the first-level and second-level tables that all NRT guests share; and of those for each guest if there are many.
LEVEL1_DEFAULT, LEVEL1_EACH = 16, 4
LEVEL2_DEFAULT, LEVEL2_EACH = 512, 64
# OVM numbers tables by 16 bits.
LEVEL2_MOST = 1 << 16


def default_level1(guests: Sequence[Guest]) -> int:
    """Return the default number of first-level tables: 0 without NRT guests, never more than there are ASIDs."""
    paged = sum(guest.level is Level.NRT for guest in guests)
    there = ASIDS - asids_needed(0, len(guests))
    return max(paged, min(max(LEVEL1_DEFAULT, LEVEL1_EACH * paged), there)) if paged else 0


def default_level2(board: Board, guests: Sequence[Guest]) -> int:
    """Return the default number of second-level tables: without NRT guests, those that fixed maps take."""
    paged = sum(guest.level is Level.NRT for guest in guests)
    if paged:
        return max(LEVEL2_DEFAULT, LEVEL2_EACH * paged)
    regions = sum(region.length % SECTION != 0 for guest in guests for region in guest.regions)
    return board.cpus + regions + sum(len(_device_pieces(board, guest)) for guest in guests)


def _device_pieces(board: Board, guest: Guest) -> set[int]:
    """Return the megabytes of an HRT guest's devices and of its CPU's private ones that small pages map."""
    found = set[int]()
    for name in (board.core.private, *guest.devices) if guest.level is Level.HRT else ():
        if name in board.devices:
            where = board.devices[name].range
            found |= pieces(where.start, where.start, where.length)
    return found


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
    return len(found | _device_pieces(system.board, each.guest))


def check_tables(system: System, guests: list[GuestPlan]) -> None:
    """Raise an error if there are fewer tables than the placed guests need."""
    problems = Problems()
    paged = [each.guest for each in guests if each.guest.level is Level.NRT]
    fixed = [(each.guest, fixed_tables(system, each)) for each in guests]
    taken = system.board.cpus + sum(count for _, count in fixed)
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
