# SPDX-License-Identifier: Apache-2.0
"""Distributions in a few numbers. Percentiles are samples, by nearest rank: none is interpolated."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True)
class Summary:
    """A distribution."""

    count: int
    smallest: float
    mean: float
    median: float
    p99: float
    largest: float

    @property
    def spread(self) -> float:
        """Return from the smallest to the largest."""
        return self.largest - self.smallest


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest sample that at least this share of all, 0 to 1, are no larger than."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def summarise(samples: Sequence[float]) -> Summary:
    """Return the summary of one sample or more."""
    if not samples:
        raise ValueError("a distribution needs a sample")
    ordered = sorted(samples)
    return Summary(
        count=len(ordered),
        smallest=ordered[0],
        mean=sum(ordered) / len(ordered),
        median=percentile(ordered, 0.5),
        p99=percentile(ordered, 0.99),
        largest=ordered[-1],
    )
