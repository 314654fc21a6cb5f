# SPDX-License-Identifier: Apache-2.0
"""A bare program in metal: a sieve, a heap of events, and bits counted by a table."""

from typing import Final, Never

from ovm.metal import array, bound, fn, forever, param, static, table, u8, u32

TURNS: Final = param(1)
LIMIT: Final = 8192
EVENTS: Final = 255

COMPOSITE = static(array(u8, LIMIT))
HEAP = static(array(u32, EVENTS + 1))
BITS = table(u8, [bin(value).count("1") for value in range(256)])


@fn
def sieve() -> u32:
    """Count the primes below LIMIT."""
    for index in u32.range(LIMIT):
        COMPOSITE[index] = u8(0)
    primes = u32(0)
    for candidate in u32.range(2, LIMIT):
        if COMPOSITE[candidate] == 0:
            primes += 1
            multiple = candidate * 2
            while multiple < LIMIT:
                bound(LIMIT)
                COMPOSITE[multiple] = u8(1)
                multiple += candidate
    return primes


@fn
def sink(start: u32) -> None:
    """Let an event sink in the heap until none below it is earlier."""
    place = start
    while place * 2 <= EVENTS:
        bound(16)
        child = place * 2
        if child < EVENTS and HEAP[child + 1] < HEAP[child]:
            child += 1
        if HEAP[place] <= HEAP[child]:
            break
        moved = HEAP[place]
        HEAP[place] = HEAP[child]
        HEAP[child] = moved
        place = child


@fn
def count_bits(value: u32) -> u32:
    """Count the ones of a word by a table of bytes."""
    return u32(BITS[value & 255]) + u32(BITS[(value >> 8) & 255]) + u32(BITS[(value >> 16) & 255]) + u32(BITS[value >> 24])


@fn(export="work")
def work() -> u32:
    """Do it all TURNS times; return a checksum."""
    state = u32(9)
    total = u32(0)
    for event in u32.range(1, EVENTS + 1):
        HEAP[event] = event
    for _ in u32.range(TURNS):
        total += sieve()
        for _event in u32.range(2000):
            state = state * 1664525 + 1013904223
            total = total * 31 + count_bits(HEAP[1])
            HEAP[1] += 1 + (state >> 22)
            sink(u32(1))
    return total


@fn(export="metal_panic")
def on_panic(code: u32) -> Never:
    """Be where a failed check ends: forever."""
    while forever():
        pass
