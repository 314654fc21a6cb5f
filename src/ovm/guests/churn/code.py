# SPDX-License-Identifier: Apache-2.0
"""Code that is spread over many pages: a chain of branches with one stop in each.

A walk along it needs an instruction micro-TLB entry, a main TLB entry and a line of the instruction cache for each stop.
"""

from typing import Final

from ovm.metal import asm_block, naked, u32

PAGES: Final = 160
_PAGE_BYTES: Final = 4096
_LINE_BYTES: Final = 32


def _stop(page: int) -> str:
    """Return the code of one page: count, and branch to the next stop; each at another line of its page."""
    line = page * 37 % (_PAGE_BYTES // _LINE_BYTES - 1) * _LINE_BYTES
    return f".balign {_PAGE_BYTES}\n .space {line}\n {page + 100}: add r0, r0, #1\n b {page + 101}f\n"


_CHAIN: Final = "b 100f\n" + "".join(_stop(page) for page in range(PAGES)) + f".balign 4\n {PAGES + 100}: bx lr\n"


@naked
def walk_code(count: u32) -> u32:
    """Execute the chain; return the count plus PAGES."""
    asm_block(_CHAIN)
