# SPDX-License-Identifier: Apache-2.0
"""Clearing and copying of memory too large for inline code."""

from ovm.metal import Ptr, fn, u8, u32

LIMIT = 0xFFFF_FFFF


@fn
def clear_words(target: Ptr[u32], count: u32) -> None:
    """Zero `count` words."""
    for index in u32.range(count, bound=LIMIT):
        target[index] = u32(0)


@fn
def clear_bytes(target: Ptr[u8], count: u32) -> None:
    """Zero `count` bytes."""
    for index in u32.range(count, bound=LIMIT):
        target[index] = u8(0)


@fn
def copy_words(target: Ptr[u32], source: Ptr[u32], count: u32) -> None:
    """Copy `count` words upwards."""
    for index in u32.range(count, bound=LIMIT):
        target[index] = source[index]


@fn
def copy_bytes(target: Ptr[u8], source: Ptr[u8], count: u32) -> None:
    """Copy `count` bytes upwards."""
    for index in u32.range(count, bound=LIMIT):
        target[index] = source[index]
