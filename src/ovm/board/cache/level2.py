# SPDX-License-Identifier: Apache-2.0
"""Registers of the L2C-310 (DDI0246 chapter 3)."""

from ovm.metal import fn, u32, u64


@fn
def read(offset: u32, ns: u32) -> u64:
    """Read a register; bit 32 is an external abort."""
    return u64(0)


@fn
def write(offset: u32, value: u32, ns: u32) -> bool:
    """Write a register; True is an external abort."""
    return False
