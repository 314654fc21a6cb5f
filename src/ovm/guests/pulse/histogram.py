# SPDX-License-Identifier: Apache-2.0
"""Lateness of activations: smallest, largest, mean, and counts between bounds.

Bucket 0 counts durations under 128 ns; the bound of each further bucket is twice as large; the last has no bound.
"""

from typing import Final

from ovm.guests.lib.line import Line, put_decimal, put_fraction, put_text
from ovm.metal import Array, Struct, array, clz, fn, text, u32, u64

BUCKETS: Final = 16
_FIRST_BITS: Final = 7
_NOTHING: Final = 0xFFFF_FFFF


class Histogram(Struct):
    """Counts of durations in nanoseconds; zeroed means empty."""

    count: u32
    smallest: u32
    largest: u32
    total: u64
    buckets: Array[u32] = array(u32, BUCKETS)


@fn
def bucket_of(nanoseconds: u32) -> u32:
    """Return the bucket that counts a duration."""
    return min(32 - clz(nanoseconds >> _FIRST_BITS), BUCKETS - 1)


@fn
def add(histogram: Histogram, nanoseconds: u32) -> None:
    """Count one duration."""
    if histogram.count == 0:
        histogram.smallest = _NOTHING
    histogram.count += 1
    histogram.total += u64(nanoseconds)
    histogram.smallest = min(histogram.smallest, nanoseconds)
    histogram.largest = max(histogram.largest, nanoseconds)
    histogram.buckets[bucket_of(nanoseconds)] += 1


@fn
def mean(histogram: Histogram) -> u32:
    """Return mean duration; 0 when there is none."""
    return u32(histogram.total // u64(histogram.count))


@fn
def put_bucket(line: Line, histogram: Histogram, bucket: u32) -> None:
    """Append a bucket: its bound and its count."""
    if bucket == BUCKETS - 1:
        put_text(line, text("longer     "))
    else:
        put_text(line, text("under "))
        put_fraction(line, (1 << _FIRST_BITS) << bucket)
        put_text(line, text(" us"))
    put_text(line, text(": "))
    put_decimal(line, histogram.buckets[bucket], 0)


@fn
def put_summary(line: Line, histogram: Histogram) -> None:
    """Append smallest, mean and largest."""
    put_text(line, text("min "))
    put_fraction(line, histogram.smallest)
    put_text(line, text(" mean "))
    put_fraction(line, mean(histogram))
    put_text(line, text(" max "))
    put_fraction(line, histogram.largest)
    put_text(line, text(" us"))
