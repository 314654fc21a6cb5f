# SPDX-License-Identifier: Apache-2.0
"""The report of a build: where everything was placed, as text and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ovm.abi.config import Level
from ovm.arm.control import ASIDS
from ovm.arm.descriptors import DOMAINS
from ovm.system.hardware import KEYS, asids_needed, domains_needed
from ovm.system.plan import OVM_BYTES, GuestPlan, Plan
from ovm.system.units import address_text, kib_text, size_text

if TYPE_CHECKING:
    from ovm.system.archive import CoreImage
    from ovm.system.images import Image

SCHEMA = "ovm-report-1"


def memory_method(place: GuestPlan) -> str:
    """Return how a guest's memory is virtualized."""
    guest = place.guest
    if guest.level is Level.HRT:
        return "straight map"
    if guest.level is Level.SRT:
        kind = "section" if place.section_bytes == 1 << 20 else "supersection"
        return f"{guest.memory // place.section_bytes} locked {kind}" + "s" * (guest.memory > place.section_bytes)
    return f"shadow pages, limit {size_text(guest.limit)}"


def budget_text(core: CoreImage) -> str:
    """Return OVM's size against the megabyte that it may take, in one line."""
    percent = core.occupied * 100 / OVM_BYTES
    return (
        f"OVM code + read-only data: {core.resident} bytes; with its data {kib_text(core.occupied)}"
        f" = {percent:.0f} % of {size_text(OVM_BYTES)}"
    )


def limits(plan: Plan) -> dict[str, tuple[int, int]]:
    """Return what the system takes of what the hardware and the frame table limit, and how much there is of it."""
    guests = [each.guest for each in plan.guests]
    channels = {each.key for place in plan.guests for each in place.regions if each.region.channel >= 0}
    return {
        "protection keys": (1 + len(guests) + len(channels), KEYS),
        "domains": (domains_needed(guests), DOMAINS),
        "ASIDs": (asids_needed(plan.system.level1_tables, len(guests)), ASIDS),
    }


def report_text(plan: Plan, core: CoreImage, images: dict[str, Image]) -> str:
    """Return the report as text."""
    lines = [f"{plan.system.name} on {plan.system.board.name}: {plan.system.board.title}", ""]
    lines += ["Physical memory"]
    for each in sorted(plan.placements, key=lambda item: (item.range.start, item.part_of_other)):
        world = "secure" if each.secure else "normal"
        lines.append(f"  {each.range}  {size_text(each.range.length):>12}  {world}  {each.name}")
    free = plan.system.board.ram.end - max(each.range.end for each in plan.placements)
    lines += [f"  {'free above':>23}  {size_text(free):>12}", "", "Guests"]
    for place in plan.guests:
        lines += _guest_lines(place, images[place.guest.name])
    lines += ["", "Limits"]
    for name, (taken, there) in limits(plan).items():
        lines.append(f"  {name:16} {taken:>4} of {there}" + ("  (shared)" if taken > there else ""))
    lines += ["", "OVM", f"  {budget_text(core)}"]
    lines += [f"  {name:10} {count:>8} bytes" for name, count in core.sections.items()]
    lines += [f"  {core.lines} source lines in {len(core.functions)} functions"]
    if core.stacks:
        lines += ["", "Worst-case stacks"]
        lines += [f"  {each.entry:50} {each.bytes:>6} of {each.limit} bytes" for each in core.stacks]
    return "\n".join(lines) + "\n"


def _guest_lines(place: GuestPlan, image: Image) -> list[str]:
    guest = place.guest
    lines = [
        f"  {guest.name}: {guest.level_name.upper()} on CPU {guest.cpu}, key {guest.key}, "
        f"{size_text(guest.memory)} at {address_text(place.ram_gpa)} (guest-physical), {memory_method(place)}",
        f"    image {image.bytes_from(place.link_base)} bytes from {address_text(place.link_base)}, "
        f"entry {address_text(image.entry)}" + (f", {image.lines} source lines" if image.lines else ""),
    ]
    lines += [f"    {line}" for line in (image.kernel.report if image.kernel else ())]
    if guest.level is Level.SRT:
        share = guest.budget_us * 100 / guest.period_us
        lines.append(f"    {guest.budget_us} us in every {guest.period_us} us ({share:.0f} %), {place.lock_entries} lock entries")
    for region in place.regions:
        access = "writable" if region.region.writable else "read-only"
        lines.append(
            f"    {region.region.name}: {region.region.length} bytes, {access}, at {address_text(region.gpa)} "
            f"(physical {address_text(region.phys)})"
        )
    return lines


def report_json(plan: Plan, core: CoreImage, images: dict[str, Image]) -> str:
    """Return the report as JSON; `docs/reference/report-json.md` describes it."""
    value: dict[str, Any] = {
        "schema": SCHEMA,
        "system": plan.system.name,
        "board": plan.system.board.name,
        "memory": [
            {"name": each.name, "start": each.range.start, "bytes": each.range.length, "secure": each.secure}
            for each in plan.placements
        ],
        "limits": {name: {"taken": taken, "there": there} for name, (taken, there) in limits(plan).items()},
        "guests": [_guest_value(place, images[place.guest.name]) for place in plan.guests],
        "core": {
            "resident_bytes": core.resident,
            "occupied_bytes": core.occupied,
            "budget_bytes": OVM_BYTES,
            "sections": core.sections,
            "functions": core.functions,
            "lines": core.lines,
            "stacks": [{"entry": each.entry, "bytes": each.bytes, "limit": each.limit} for each in core.stacks],
        },
    }
    return json.dumps(value, indent=1) + "\n"


def _guest_value(place: GuestPlan, image: Image) -> dict[str, Any]:
    guest = place.guest
    return {
        "name": guest.name,
        "level": guest.level_name,
        "cpu": guest.cpu,
        "key": guest.key,
        "memory_bytes": guest.memory,
        "method": memory_method(place),
        "ram_gpa": place.ram_gpa,
        "ram_phys": place.ram_phys,
        "entry": image.entry,
        "image_bytes": image.bytes_from(place.link_base),
        "lock_entries": place.lock_entries,
        "lines": image.lines,
        "regions": [
            {
                "name": each.region.name,
                "gpa": each.gpa,
                "phys": each.phys,
                "bytes": each.region.length,
                "writable": each.region.writable,
            }
            for each in place.regions
        ],
    }
