# SPDX-License-Identifier: Apache-2.0
"""Channels: memory that several guests share, with a key of its own and a doorbell.

Each guest that a channel names gets a region as its end of the channel, behind its own files and regions. So all rules for
regions (how many a guest may have, which levels, the lock budget) hold for channels too.
"""

from collections.abc import Sequence
from dataclasses import replace

from ovm.system.model import Guest, Region
from ovm.system.names import read_name
from ovm.system.reader import Table

PAGE = 4096
FEWEST_ENDS = 2
# A guest that is woken by a doorbell pays for the switch, some 5 us: 1 of 100.
DEFAULT_RING_US = 500
LONGEST_RING_US = 1_000_000


def with_channels(tables: Sequence[Table], guests: tuple[Guest, ...]) -> tuple[Guest, ...]:
    """Give the guests their ends of the channels in `tables`."""
    for number, table in enumerate(tables):
        region = Region(
            name=read_name(table),
            length=table.size("bytes", multiple=PAGE),
            writable=True,
            file=None,
            save="",
            path=table.path,
            channel=number,
            ring_us=table.integer("ring_us", DEFAULT_RING_US, minimum=1, maximum=LONGEST_RING_US),
        )
        ends = table.names("guests")
        table.finish()
        _check_ends(table, region, ends, guests)
        guests = tuple(replace(guest, regions=(*guest.regions, region)) if guest.name in ends else guest for guest in guests)
    return guests


def _check_ends(table: Table, region: Region, ends: tuple[str, ...], guests: tuple[Guest, ...]) -> None:
    """Check that a channel joins at least two guests, all of which exist."""
    path = table.at("guests") if table.has("guests") else table.path
    known = [guest.name for guest in guests]
    for name in ends:
        if name not in known:
            table.problems.add(
                table.document.problem(
                    "S165", path, f"channel '{region.name}' has an end at '{name}', which is no guest",
                    expected=f"names of guests: {', '.join(known)}", fix="correct the name, or describe the guest",
                )
            )  # fmt: skip
    if len(set(ends)) < FEWEST_ENDS:
        table.problems.add(
            table.document.problem(
                "S165", path, f"channel '{region.name}' joins nobody",
                found=f"{len(set(ends))} guests", expected=f"at least {FEWEST_ENDS}",
                fix="name the guests at its ends; memory for one guest is a [[guest.region]]",
            )
        )  # fmt: skip
