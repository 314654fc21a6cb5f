# SPDX-License-Identifier: Apache-2.0
"""Summaries are what a statistician would say, and percentiles are samples."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovm.measure.statistics import percentile, summarise

NUMBERS = st.lists(st.integers(0, 10**9), min_size=1, max_size=300)


@given(NUMBERS)
def test_against_the_standard_library(samples: list[int]) -> None:
    found = summarise(samples)
    assert (found.count, found.smallest, found.largest) == (len(samples), min(samples), max(samples))
    assert found.mean == pytest.approx(statistics.fmean(samples))
    assert found.median == statistics.median_low(samples)


@given(NUMBERS, st.floats(0.01, 1))
def test_a_percentile_is_the_smallest_sample_that_enough_are_below(samples: list[int], share: float) -> None:
    ordered = sorted(samples)
    found = percentile(ordered, share)
    below = sum(each <= found for each in ordered)
    assert found in ordered
    assert below >= share * len(ordered) - 1e-9
    smaller = [each for each in ordered if each < found]
    assert len(smaller) < share * len(ordered) + 1e-9


def test_p99_of_a_hundred_is_the_second_largest() -> None:
    assert summarise(list(range(100))).p99 == 98


def test_nothing_has_no_distribution() -> None:
    with pytest.raises(ValueError, match="needs a sample"):
        summarise([])
