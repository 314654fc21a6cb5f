# SPDX-License-Identifier: Apache-2.0
"""Rows of a decoder's table as the words of random cases are drawn from them."""

import struct

from ovm.board.decode.pattern import Encoding
from tests.board import batch
from tests.board.cases import MAY_BRANCH, SYSTEM

# With Rd = PC these return from exceptions; Unicorn knows only MOVS and SUBS (disagreements.md).
RETURNS_OF_OURS = frozenset({"ands", "eors", "rsbs", "adds", "adcs", "sbcs", "rscs", "orrs", "bics", "mvns"})


def row_of(each: Encoding, left_out: bool) -> bytes:
    """Return a row; `left_out` is whether it is judged elsewhere."""
    kind = batch.CONDITIONAL if each.pattern.startswith("cccc") and len(each.pattern) == 32 else 0
    # Behind an ISB in an IT block Unicorn has forgotten ITSTATE.
    kind |= batch.MAY_BRANCH if each.name in MAY_BRANCH | SYSTEM | {"isb"} else 0
    kind |= batch.NO_RETURN if each.name in RETURNS_OF_OURS and len(each.pattern) == 32 else 0
    kind |= batch.STORES if each.name.startswith("str") else 0
    kind |= batch.ALONE if each.name.startswith("strex") else 0
    kind |= batch.LEFT_OUT if left_out else 0
    free = (1 << len(each.pattern)) - 1 & ~each.mask & ~each.should
    return struct.pack("<6I", each.mask, each.value, each.should, each.should_value, free, kind)
