# SPDX-License-Identifier: Apache-2.0
"""Accesses to Secure memory: the range that the description names (OVM's, and the rest of its granule), and on-chip memory.

Loads come before all stores: an open door is reported while OVM can still receive the report.
"""

from typing import Final

from ovm.guests.lib.hrt import argument
from ovm.guests.rogue_hrt.access import LOADS, SHAPES, reach, reach_by_walk
from ovm.metal import fn, u32

_ON_CHIP: Final = 0xFFFC_0000
_ON_CHIP_BYTES: Final = 0x4_0000
_PAGE: Final = 4096
_MEGABYTE: Final = 1 << 20
_SWEEP: Final = 256
_WALKS: Final = 16


@fn
def _sweep(start: u32, length: u32, step: u32, first: u32, last: u32) -> None:
    """Access one line in every step, another one each time."""
    for number in u32.range(length // step, bound=_SWEEP):
        for shape in u32.range(first, last, 1, bound=SHAPES):
            reach(shape, start + number * step + ((number * 0x9E4) % step & 0xFFFF_FFE0))


@fn
def _everywhere(first: u32, last: u32) -> None:
    """Sweep every page of OVM's first megabyte and of on-chip memory in both its places, every megabyte of the rest."""
    start = argument(0, 0)
    _sweep(start, _MEGABYTE, _PAGE, first, last)
    _sweep(start, argument(1, 0) - start, _MEGABYTE, first, last)
    _sweep(0, _ON_CHIP_BYTES, _PAGE, first, last)
    _sweep(_ON_CHIP, _ON_CHIP_BYTES, _PAGE, first, last)


@fn
def read_secure() -> None:
    """Load from everywhere, and let the hardware walk tables there."""
    _everywhere(0, LOADS)
    for number in u32.range(_WALKS):
        reach_by_walk(argument(0, 0) + number * (_MEGABYTE // _WALKS))


@fn
def write_secure() -> None:
    """Fetch from and store to everywhere."""
    _everywhere(LOADS, SHAPES)
