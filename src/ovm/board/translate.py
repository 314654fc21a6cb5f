# SPDX-License-Identifier: Apache-2.0
"""Where an access goes: a flat stand-in for the memory management unit, with the interface that one will have.

`translate` gives the physical address or records a fault in the core; `host_address` gives the simulator's address of
a physical one. This stand-in maps every address onto itself and lets RAM below `RAM_BYTES` answer; elsewhere is a
synchronous external abort.
"""

from typing import Final

from ovm.board.state import CPU
from ovm.metal import Struct, fn, static, u32

# What an access is; OR them.
ACCESS_READ: Final = 0
ACCESS_WRITE: Final = 1
ACCESS_FETCH: Final = 2
ACCESS_USER: Final = 4  # with the rights of User mode, whatever the mode is

# What memory is (ARM B3.8): Mapping.kind, and Mapping.inner and .outer for Normal memory.
KIND_STRONGLY_ORDERED: Final = 0
KIND_DEVICE: Final = 1
KIND_NORMAL: Final = 2
CACHE_NONE: Final = 0
CACHE_WRITE_BACK_ALLOCATE: Final = 1
CACHE_WRITE_THROUGH: Final = 2
CACHE_WRITE_BACK: Final = 3


class Mapping(Struct):
    """What the last translation found, beside the physical address."""

    ns: u32  # the Non-secure physical address space
    kind: u32
    inner: u32
    outer: u32
    shareable: u32
    micro: u32  # the micro-TLB entry that answered


MAPPING = static(Mapping)

DDR_HOST: Final = 0x4000_0000
RAM_BYTES = static(u32)
FAULT_EXTERNAL: Final = 0x8000_0008


@fn
def translate(address: u32, access: u32) -> u32:
    """Return the physical address; a failure is in CPU.fault, CPU.fault_address and CPU.fault_write."""
    if address >= RAM_BYTES.value:
        CPU.fault = u32(FAULT_EXTERNAL)
        CPU.fault_address = address
        CPU.fault_write = access & ACCESS_WRITE
    return address


@fn(inline=True)
def host_address(physical: u32) -> u32:
    """Return where the simulator keeps the byte at a physical address."""
    return DDR_HOST + physical
