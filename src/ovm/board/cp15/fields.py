# SPDX-License-Identifier: Apache-2.0
"""Registers that are storage: constants, fields of the core, banked fields, with a mask of the bits that a write changes."""

from ovm.board.coprocessors import EXTRA
from ovm.board.state import ATTEND_INTERRUPT, CPU
from ovm.board.worlds import world
from ovm.metal import Ptr, address, fn, pointer, u32


@fn(inline=True)
def constant(offset: u32, mask: u32) -> u32:
    """Read `mask`."""
    return mask


@fn(inline=True)
def ignore(offset: u32, mask: u32, value: u32) -> None:
    """Write to a register without state."""


@fn(inline=True)
def _banked(offset: u32) -> Ptr[u32]:
    return pointer(u32, address(CPU.world[world()]) + offset)


@fn(inline=True)
def _common(offset: u32) -> Ptr[u32]:
    return pointer(u32, address(CPU) + offset)


@fn(inline=True)
def _extra(offset: u32) -> Ptr[u32]:
    return pointer(u32, address(EXTRA[CPU.number]) + offset)


@fn(inline=True)
def read_banked(offset: u32, mask: u32) -> u32:
    """Read a field that each world has."""
    return _banked(offset)[0]


@fn(inline=True)
def write_banked(offset: u32, mask: u32, value: u32) -> None:
    """Write one."""
    _banked(offset)[0] = value & mask


@fn(inline=True)
def read_common(offset: u32, mask: u32) -> u32:
    """Read a field that both worlds share."""
    return _common(offset)[0]


@fn(inline=True)
def write_common(offset: u32, mask: u32, value: u32) -> None:
    """Write one."""
    _common(offset)[0] = value & mask


@fn(inline=True)
def write_routing(offset: u32, mask: u32, value: u32) -> None:
    """Write a shared field that decides which exceptions may be taken."""
    _common(offset)[0] = value & mask
    CPU.attention |= ATTEND_INTERRUPT


@fn(inline=True)
def read_extra(offset: u32, mask: u32) -> u32:
    """Read a field of EXTRA."""
    return _extra(offset)[0]


@fn(inline=True)
def write_extra(offset: u32, mask: u32, value: u32) -> None:
    """Write one."""
    _extra(offset)[0] = value & mask
