# SPDX-License-Identifier: Apache-2.0
"""Accesses at one address in several shapes. Each access to Secure memory or to a closed device ends in an abort."""

from typing import Final

from ovm.arm.assembly import symbol_address
from ovm.arm.cp15 import TLBIALL, TTBCR
from ovm.guests.rogue_hrt.attempt import DATA_ABORT, PREFETCH_ABORT, attempt
from ovm.guests.rogue_hrt.tally import count
from ovm.metal import Ptr, address, array, asm_block, asm_value, cp15_write, dsb, fn, isb, naked, static, symbol, text, u8, u32

# Each finds the address in r0 and a value in r1, leaves its result in r5, and continues at lr. Two words each.
_SHAPES: Final = (
    "ldr r5, [r0]", "ldrb r5, [r0]", "ldm r0, {r4-r7}", "ldrex r5, [r0]",
    "bx r0",
    "str r1, [r0]", "strb r1, [r0]", "stm r0, {r4-r7}",
)  # fmt: skip
LOADS: Final = 4
FETCH: Final = 4
SHAPES: Final = len(_SHAPES)
_SLOTS: Final = "\n".join(f"{shape}\nbx lr" for shape in _SHAPES)

# Everything at its own address, Non-secure: RAM as OVM maps it, the rest as Device memory that may be executed.
_RAM_SECTION: Final = u32(0x0001_1C0E)
_DEVICE_SECTION: Final = u32(0x0000_0C06)
_RAM_MEGABYTES: Final = 0x400
MAP = static(array(u32, 4096), align=16384)


@naked
def shapes() -> None:
    """Lay out the accesses."""
    asm_block(_SLOTS)


SHAPES_ADDRESS: Final = symbol_address(symbol(shapes))


@naked
def walk() -> None:
    """Let the upper half of addresses be translated by a table at r0, and load there (ARM DDI0406C B3.5.4)."""
    asm_block("""
        orr r0, r0, #0x4a
        mcr p15, 0, r0, c2, c0, 1
        mov r2, #1
        mcr p15, 0, r2, c2, c0, 2
        isb
        mcr p15, 0, r2, c8, c7, 0
        dsb
        isb
        mov r0, #0xC0000000
        ldr r5, [r0]
        bx lr
    """)


WALK_ADDRESS: Final = symbol_address(symbol(walk))


@naked
def _map_use(table: u32) -> None:
    asm_block("""
        orr r0, r0, #0x4a
        mcr p15, 0, r0, c2, c0, 0
        isb
        mcr p15, 0, r0, c8, c7, 0
        dsb
        isb
        bx lr
    """)


@fn
def section_of(megabyte: u32) -> u32:
    """Return the descriptor that maps a physical megabyte."""
    return megabyte << 20 | (_RAM_SECTION if megabyte < _RAM_MEGABYTES else _DEVICE_SECTION)


@fn
def map_everything() -> None:
    """Map all of the address space to itself: after that only the bus refuses accesses."""
    for index in u32.range(4096):
        MAP[index] = section_of(index)
    forget()


@fn
def forget() -> None:
    """Let the processor use MAP's present content."""
    dsb()
    _map_use(u32(address(MAP)))


@fn
def name_of(shape: u32) -> Ptr[u8]:
    """Return an access's name, for a report of its escape."""
    if shape < LOADS:
        return text("load")
    return text("fetch") if shape == FETCH else text("store")


@fn
def access(shape: u32, place: u32, word: u32) -> u32:
    """Make one access; return how it ended."""
    return attempt(asm_value(u32, SHAPES_ADDRESS) + shape * 8, place, word)


@fn
def reach(shape: u32, place: u32) -> None:
    """Try one access; anything but the abort that it deserves is an escape."""
    outcome = access(shape, place, ~place)
    deserved = PREFETCH_ABORT if shape == FETCH else DATA_ABORT
    count(outcome != deserved, name_of(shape), place)


@fn
def reach_by_walk(place: u32) -> None:
    """Let the hardware read a descriptor there."""
    outcome = attempt(asm_value(u32, WALK_ADDRESS), place, 0)
    cp15_write(TTBCR, 0)
    isb()
    cp15_write(TLBIALL, 0)
    dsb()
    isb()
    count(outcome != DATA_ABORT, text("walk"), place)
