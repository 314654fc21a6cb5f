# SPDX-License-Identifier: Apache-2.0
"""pulse's histogram, control loop and rhythm under CPython."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ovm.guests.pulse.control import HALF_PERIOD, Loop, step
from ovm.guests.pulse.histogram import BUCKETS, Histogram, add, bucket_of, mean
from ovm.guests.pulse.loop import Rhythm, judge, lateness
from ovm.metal import i32, u32, u64
from ovm.metal.simulate import simulate

PERIOD = 1000


@settings(deadline=None)
@given(st.integers(0, 0xFFFF_FFFF))
def test_bucket_bounds_double(duration: int) -> None:
    bucket = int(bucket_of(u32(duration)))
    assert duration < 128 << bucket or bucket == BUCKETS - 1
    assert bucket == 0 or duration >= 64 << bucket


@settings(deadline=None)
@given(st.lists(st.integers(0, 0xFFFF_FFFF), min_size=1, max_size=40))
def test_histogram_keeps_the_figures(durations: list[int]) -> None:
    with simulate():
        histogram = Histogram()
        for duration in durations:
            add(histogram, u32(duration))
        assert int(histogram.smallest) == min(durations)
        assert int(histogram.largest) == max(durations)
        assert int(mean(histogram)) == sum(durations) // len(durations)
        assert sum(int(histogram.buckets[index]) for index in range(BUCKETS)) == len(durations)


def test_the_loop_settles_before_each_jump() -> None:
    with simulate():
        loop = Loop()
        for _ in range(8 * HALF_PERIOD):
            step(loop)
        assert (int(loop.settled), int(loop.unsettled)) == (8, 0)


def test_a_disturbed_loop_is_noticed() -> None:
    with simulate():
        loop = Loop()
        for turn in range(2 * HALF_PERIOD):
            step(loop)
            if turn % 50 == 40:
                loop.integral = i32(-(1 << 19))
        assert int(loop.unsettled) > 0


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5 * PERIOD), st.integers(0, 2 * PERIOD)), max_size=30))
def test_every_period_is_met_or_missed_once(activations: list[tuple[int, int]]) -> None:
    """Model: the timer fires at each multiple of the period; whatever fired before an activation begins is one with it."""
    with simulate():
        rhythm = Rhythm()
        rhythm.period = u32(PERIOD)
        rhythm.due = u64(PERIOD)
        fired = met = missed = 0
        free_at = 0
        for wait, length in activations:
            begin = max((fired + 1) * PERIOD, free_at) + wait
            merged = begin // PERIOD - fired
            oldest = (fired + 1) * PERIOD
            fired += merged
            free_at = begin + length
            late = lateness(rhythm, u64(begin))
            judge(rhythm, late, u64(free_at))
            assert int(late) == begin - oldest
            missed += merged - 1
            if merged == 1 and free_at < (fired + 1) * PERIOD:
                met += 1
            else:
                missed += 1
            assert int(rhythm.due) == (fired + 1) * PERIOD
        assert (int(rhythm.met), int(rhythm.missed)) == (met, missed)
        assert met + missed == fired
