# SPDX-License-Identifier: Apache-2.0
"""The worlds, Secure and Non-secure, and the privilege of the core that runs (ARM B1.5.1)."""

from ovm.arm.control import SCR_NS
from ovm.arm.psr import MODE_MON, MODE_USR
from ovm.board.state import CPU
from ovm.metal import fn, u32


@fn(inline=True)
def privileged() -> bool:
    """Return whether the core is in any mode except User."""
    return CPU.mode != MODE_USR


@fn(inline=True)
def secure() -> bool:
    """Return whether the core is in the Secure state; Monitor mode always is (ARM B1.5.1)."""
    return CPU.scr & SCR_NS == 0 or CPU.mode == MODE_MON


@fn(inline=True)
def world() -> u32:
    """Return the copy of a banked CP15 register that counts: in Monitor mode by SCR.NS (ARM B3.15.3)."""
    return CPU.scr & SCR_NS


@fn(inline=True)
def state_world() -> u32:
    """Return the copy that controls the core itself: Monitor mode uses the Secure one."""
    return u32(not secure())
