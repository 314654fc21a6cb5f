# SPDX-License-Identifier: Apache-2.0
"""Loads, stores and fetches at one address, in every shape that the instruction set has.

Each must end in an abort. An access that completes is an escape, whatever it read.
"""

from typing import Final

from ovm.arm.assembly import symbol_address
from ovm.guests.rogue.tally import count
from ovm.guests.rogue.trap import DATA_ABORT, PREFETCH_ABORT, attempt
from ovm.metal import Ptr, asm_block, asm_value, fn, naked, symbol, text, u8, u32

# Each finds the address in r0 and a value in r1, leaves its result in r5, and continues at lr. Store-exclusive is
# missing: without a reservation it stores nothing and need not abort (ARM DDI0406C A3.4.1).
_SHAPES: Final = (
    "ldr r5, [r0]",
    "str r1, [r0]",
    "bx r0",
    "ldrb r5, [r0]",
    "ldrh r5, [r0]",
    "ldrd r4, r5, [r0]",
    "ldm r0, {r4-r7}",
    "ldmdb r0, {r4-r7}",
    "ldrex r5, [r0]",
    "ldrt r5, [r0]",
    "strb r1, [r0]",
    "strh r1, [r0]",
    "strd r0, r1, [r0]",
    "stm r0, {r4-r7}",
    "stmdb r0, {r4-r7}",
    "strt r1, [r0]",
)
LOAD: Final = 0
STORE: Final = 1
FETCH: Final = 2
LOAD_MULTIPLE: Final = _SHAPES.index("ldm r0, {r4-r7}")
STORE_MULTIPLE: Final = _SHAPES.index("stm r0, {r4-r7}")
SHAPES: Final = len(_SHAPES)
_SLOTS: Final = "\n".join(f"{shape}\nbx lr" for shape in _SHAPES)


@naked
def shapes() -> None:
    """Lay out the accesses, two words each."""
    asm_block(_SLOTS)


SHAPES_ADDRESS: Final = symbol_address(symbol(shapes))


@fn
def name_of(shape: u32) -> Ptr[u8]:
    """Return an access's name, for a report of its escape."""
    if shape == LOAD:
        return text("load")
    if shape == STORE:
        return text("store")
    if shape == FETCH:
        return text("fetch")
    return text("access")


@fn
def reach(shape: u32, psr: u32, place: u32) -> None:
    """Try one access; anything but the abort that it deserves is an escape."""
    outcome = attempt(asm_value(u32, SHAPES_ADDRESS) + shape * 8, psr, place, ~place)
    deserved = DATA_ABORT
    if shape == FETCH:
        deserved = PREFETCH_ABORT
    count(outcome != deserved, name_of(shape), place)


@fn
def reach_three(psr: u32, place: u32) -> None:
    """Load, store and fetch."""
    reach(LOAD, psr, place)
    reach(STORE, psr, place)
    reach(FETCH, psr, place)


@fn
def reach_all(psr: u32, place: u32) -> None:
    """Try every shape."""
    for shape in u32.range(SHAPES):
        reach(shape, psr, place)
