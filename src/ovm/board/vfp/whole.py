# SPDX-License-Identifier: Apache-2.0
"""Integer sums of all lanes of a register at once: carries are kept from crossing into the next lane."""

from ovm.board.record import Record
from ovm.board.sizes import QUAD_PARTS
from ovm.board.vfp.state import Floating, get_double, set_double
from ovm.board.vfp.walkers import size_of, width_of
from ovm.metal import fn, table, u32, u64

# The highest bit of each lane, by log2 of its bytes.
TOPS = table(u64, [0x8080_8080_8080_8080, 0x8000_8000_8000_8000, 0x8000_0000_8000_0000, 0x8000_0000_0000_0000])


@fn(inline=False)
def add(record: Record, state: Floating) -> None:
    """Compute VADD of integers."""
    top = TOPS[size_of(record)]
    for part in u32.range(width_of(record) >> 6, bound=QUAD_PARTS):
        n = get_double(state, u32(record.rn) + part)
        m = get_double(state, u32(record.rm) + part)
        set_double(state, u32(record.rd) + part, ((n & ~top) + (m & ~top)) ^ ((n ^ m) & top))


@fn(inline=False)
def subtract(record: Record, state: Floating) -> None:
    """Compute VSUB of integers."""
    top = TOPS[size_of(record)]
    for part in u32.range(width_of(record) >> 6, bound=QUAD_PARTS):
        n = get_double(state, u32(record.rn) + part)
        m = get_double(state, u32(record.rm) + part)
        set_double(state, u32(record.rd) + part, ((n | top) - (m & ~top)) ^ ((n ^ ~m) & top))
