# SPDX-License-Identifier: Apache-2.0
"""The memory types of TEX, C, B and S (ARM B3.8.2, B3.8.3).

A type is packed into one word, because a micro-TLB entry keeps it. Codes that the manual reserves are treated as
Strongly-ordered,
and the sixth code of TEX remap, which is IMPLEMENTATION DEFINED, like the others.
"""

from typing import Final

from ovm.arm.control import SCTLR_TRE
from ovm.board.mapping import (
    CACHE_NONE,
    CACHE_WRITE_BACK,
    CACHE_WRITE_BACK_ALLOCATE,
    CACHE_WRITE_THROUGH,
    KIND_DEVICE,
    KIND_NORMAL,
    KIND_STRONGLY_ORDERED,
    MAPPING,
    MEMORY_INNER,
    MEMORY_NOT_OUTER,
    MEMORY_NS,
    MEMORY_OUTER,
    MEMORY_SHAREABLE,
)
from ovm.board.mmu.entry import ATTRIBUTE_CB, ATTRIBUTE_NS, ATTRIBUTE_SHAREABLE
from ovm.board.state import CPU
from ovm.metal import fn, table, u32

_BY_S: Final = 1 << 9  # in PLAIN: S says whether it is shareable

PRRR_DEVICE_SHAREABLE: Final = 16  # DS0; DS1 is next
PRRR_NORMAL_SHAREABLE: Final = 18  # NS0; NS1 is next
PRRR_NOT_OUTER: Final = 24  # NOS0
NMRR_OUTER: Final = 16  # OR0


def _normal(inner: int, outer: int) -> int:
    return KIND_NORMAL | inner << MEMORY_INNER | outer << MEMORY_OUTER | _BY_S


def _plain(code: int) -> int:
    """Return memory of TEX, C, B without remap (ARM table B3-10)."""
    if code & 0b10000:
        return _normal(code & 3, code >> 2 & 3)
    return {
        0b00000: KIND_STRONGLY_ORDERED | MEMORY_SHAREABLE,
        0b00001: KIND_DEVICE | MEMORY_SHAREABLE,
        0b00010: _normal(CACHE_WRITE_THROUGH, CACHE_WRITE_THROUGH),
        0b00011: _normal(CACHE_WRITE_BACK, CACHE_WRITE_BACK),
        0b00100: _normal(CACHE_NONE, CACHE_NONE),
        0b00111: _normal(CACHE_WRITE_BACK_ALLOCATE, CACHE_WRITE_BACK_ALLOCATE),
        0b01000: KIND_DEVICE,
    }.get(code, KIND_STRONGLY_ORDERED | MEMORY_SHAREABLE)


PLAIN = table(u32, [_plain(code) for code in range(32)])


@fn
def memory_of(attributes: u32, world: u32) -> u32:
    """Return the memory that an entry's attributes mean under the control registers of a world."""
    code = (attributes >> ATTRIBUTE_CB) & 0x1F
    if CPU.world[world].sctlr & SCTLR_TRE != 0:
        memory = _remapped(code & 7, attributes & ATTRIBUTE_SHAREABLE, world)
    else:
        memory = PLAIN[code]
        if memory & _BY_S != 0:
            memory = memory & (_BY_S - 1) | (attributes & ATTRIBUTE_SHAREABLE) * MEMORY_SHAREABLE
    if attributes & ATTRIBUTE_NS != 0:
        memory |= MEMORY_NS
    return memory


@fn
def _remapped(code: u32, shareable: u32, world: u32) -> u32:
    """Return TEX[0], C, B by PRRR and NMRR (ARM B3.8.3)."""
    primary = CPU.world[world].prrr
    normal = CPU.world[world].nmrr
    kind = (primary >> (code * 2)) & 3
    if kind == KIND_DEVICE:
        return kind | ((primary >> (shareable + PRRR_DEVICE_SHAREABLE)) & 1) * MEMORY_SHAREABLE
    if kind != KIND_NORMAL:
        return KIND_STRONGLY_ORDERED | MEMORY_SHAREABLE
    inner = ((normal >> (code * 2)) & 3) << MEMORY_INNER
    outer = ((normal >> (code * 2 + NMRR_OUTER)) & 3) << MEMORY_OUTER
    shared = ((primary >> (shareable + PRRR_NORMAL_SHAREABLE)) & 1) * MEMORY_SHAREABLE
    if shared != 0:
        shared |= ((primary >> (code + PRRR_NOT_OUTER)) & 1) * MEMORY_NOT_OUTER
    return kind | inner | outer | shared


@fn(inline=True)
def show(memory: u32, micro: u32) -> None:
    """Put packed memory into MAPPING."""
    MAPPING.kind = memory & 3
    MAPPING.inner = (memory >> MEMORY_INNER) & 3
    MAPPING.outer = (memory >> MEMORY_OUTER) & 3
    MAPPING.shareable = u32(memory & MEMORY_SHAREABLE != 0)
    MAPPING.ns = u32(memory & MEMORY_NS != 0)
    MAPPING.micro = micro
