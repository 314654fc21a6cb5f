# SPDX-License-Identifier: Apache-2.0
"""Neighbouring entries of translation tables, put together for people."""

from collections.abc import Iterator
from dataclasses import dataclass

from ovm.machines.inspect_walk import Mapping


@dataclass(frozen=True)
class Stretch:
    """Neighbouring entries of one kind that map neighbouring memory: `entries` of them from `first` on."""

    first: Mapping
    entries: int

    @property
    def bytes(self) -> int:
        """Return the number of bytes that it covers."""
        return self.entries * self.first.bytes


def stretches(mappings: Iterator[Mapping]) -> Iterator[Stretch]:
    """Put neighbours together."""
    first: Mapping | None = None
    count = 0
    for each in mappings:
        offset = count * first.bytes if first else 0
        expected = (first.virtual + offset, first.physical + offset, first.same_kind) if first else None
        if (each.virtual, each.physical, each.same_kind) == expected:
            count += 1
            continue
        if first:
            yield Stretch(first, count)
        first, count = each, 1
    if first:
        yield Stretch(first, count)
