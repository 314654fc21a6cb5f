# SPDX-License-Identifier: Apache-2.0
"""RAM: as loaded, zero elsewhere, and the same with and without caches.

No cache holds a line of this memory before its owner turns caches on. So what is written without caches is what is read
through them later, as start-up code relies on; it invalidates the core's own cache first, as its content is noise after reset.
"""

from typing import Final

from ovm.arm.control import SCTLR_C, SCTLR_I, SCTLR_M
from ovm.arm.cp15 import BPIALL, CCSIDR, CSSELR, DACR, DCISW, ICIALLU, SCTLR, TLBIALL, TTBCR, TTBR0
from ovm.metal import (
    VirtAddr,
    address,
    array,
    cp15_read,
    cp15_write,
    dsb,
    fn,
    isb,
    pointer,
    static,
    u32,
    volatile_load,
    volatile_store,
)

_WORDS: Final = 1024
_WAYS: Final = 4
_MOST_SETS: Final = 512
_RAM_MEGABYTES: Final = 0x400
# Everything at its own address: memory write-back and shareable, the rest Device.
_MEMORY: Final = u32(0x0001_1C0E)
_DEVICE: Final = u32(0x0000_0C06)

EMPTY = static(array(u32, _WORDS), align=64)
MAP = static(array(u32, 4096), align=16384)


@fn
def _place(index: u32) -> VirtAddr:
    return address(EMPTY) + index * 4


@fn
def empty_sum() -> u32:
    """Return all bits that memory has which no file loads."""
    bits = u32(0)
    for index in u32.range(_WORDS):
        # SAFETY: the static itself.
        bits |= volatile_load(pointer(u32, _place(index)))
    return bits


@fn
def fill() -> None:
    """Write a pattern."""
    for index in u32.range(_WORDS):
        # SAFETY: the static itself.
        volatile_store(pointer(u32, _place(index)), ~u32(_place(index)))
    dsb()


@fn
def wrong_words() -> u32:
    """Return how many words of the pattern are not there."""
    wrong = u32(0)
    for index in u32.range(_WORDS):
        # SAFETY: the static itself.
        if volatile_load(pointer(u32, _place(index))) != ~u32(_place(index)):
            wrong += 1
    return wrong


@fn
def _own_cache_invalidate() -> None:
    cp15_write(CSSELR, 0)
    isb()
    sets = ((cp15_read(CCSIDR) >> 13) & 0x7FFF) + 1
    for index in u32.range(sets, bound=_MOST_SETS):
        for way in u32.range(_WAYS):
            cp15_write(DCISW, way << 30 | index << 5)
    dsb()


@fn
def caches_on() -> None:
    """Map everything to itself, and turn MMU and caches on."""
    for index in u32.range(4096):
        MAP[index] = index << 20 | (_MEMORY if index < _RAM_MEGABYTES else _DEVICE)
    _own_cache_invalidate()
    cp15_write(TTBCR, 0)
    cp15_write(TTBR0, u32(address(MAP)))
    cp15_write(DACR, 1)
    cp15_write(TLBIALL, 0)
    cp15_write(ICIALLU, 0)
    cp15_write(BPIALL, 0)
    dsb()
    isb()
    cp15_write(SCTLR, cp15_read(SCTLR) | SCTLR_M | SCTLR_C | SCTLR_I)
    isb()
