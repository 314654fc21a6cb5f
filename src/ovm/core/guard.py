# SPDX-License-Identifier: Apache-2.0
"""Guards: checks on which isolation depends, in every build, also in the release build, which drops `assert`.

A guard stands where a wrong key, index or owner would give one guest another's memory, or OVM's. It is no answer to a guest,
whose wrong arguments are refused with a result: it fails when OVM itself is wrong, and stops everything
(docs/decisions/0012-guards.md).
"""

from typing import Final

from ovm.metal import fn, panic, u32

# Panic codes. A frame number outside RAM; a frame given that was not free; a returned frame that isn't the pool's, or one too
# many; a number that is no table, or a table that no space has.
GUARD_FRAME: Final = 0x4701
GUARD_FREE: Final = 0x4702
GUARD_RETURNED: Final = 0x4703
GUARD_TABLE: Final = 0x4704


@fn(inline=True)
def guard(holds: bool, code: u32) -> None:
    """Stop OVM unless a condition holds."""
    if not holds:
        panic(code)
