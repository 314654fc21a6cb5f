# SPDX-License-Identifier: Apache-2.0
"""A pseudo-random sequence for replacements: no manual names the generators of the hardware.

Marsaglia's xorshift of 32 bits: each state leads to the next, and each user keeps a state of its own, which is never 0 once it
has a seed.
"""

from ovm.metal import fn, u32


@fn(inline=True)
def following(state: u32, seed: u32) -> u32:
    """Return the state that follows `state`, or `seed` where there is none yet."""
    value = state
    if value == 0:
        value = seed
    value ^= value << 13
    value ^= value >> 17
    return value ^ (value << 5)
