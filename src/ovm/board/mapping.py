# SPDX-License-Identifier: Apache-2.0
"""Kinds of access, and the results of a translation besides the address."""

from typing import Final

from ovm.metal import Struct, static, u32

# Kinds of access, to be combined by OR.
ACCESS_READ: Final = 0
ACCESS_WRITE: Final = 1
ACCESS_FETCH: Final = 2
ACCESS_USER: Final = u32(4)  # with the rights of User mode, whatever the mode is

# Kinds of memory (ARM B3.8): Mapping.kind, and Mapping.inner and .outer for Normal memory.
KIND_STRONGLY_ORDERED: Final = 0
KIND_DEVICE: Final = 1
KIND_NORMAL: Final = 2
CACHE_NONE: Final = 0
CACHE_WRITE_BACK_ALLOCATE: Final = 1
CACHE_WRITE_THROUGH: Final = 2
CACHE_WRITE_BACK: Final = 3

# The fields of a memory type that is packed into one word (`mmu.attributes`); the kind is the lowest.
MEMORY_INNER: Final = 2
MEMORY_OUTER: Final = 4
MEMORY_SHAREABLE: Final = 1 << 6
MEMORY_NS: Final = 1 << 7
MEMORY_NOT_OUTER: Final = 1 << 8  # shareable, but within the inner domain only: PAR shows it

# Mapping.micro where the MMU is off: past every entry of a micro-TLB.
NO_MICRO: Final = 64


class Mapping(Struct):
    """The results of the last translation, besides the physical address."""

    ns: u32  # the Non-secure physical address space
    kind: u32
    inner: u32
    outer: u32
    shareable: u32
    micro: u32  # the micro-TLB entry that answered


MAPPING = static(Mapping)
