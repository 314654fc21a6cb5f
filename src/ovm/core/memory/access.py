# SPDX-License-Identifier: Apache-2.0
"""Kinds of access, the rights that a translation grants, and the outcomes of a fault."""

from typing import Final

from ovm.metal import Enum, fn, u8, u32


class Access(Enum, width=u8):
    """A guest's kind of access to memory."""

    READ = 0
    WRITE = 1
    FETCH = 2


class FaultOutcome(Enum, width=u8):
    """The action after a fault."""

    # Run the same instruction again: the mapping is there now.
    RETRY = 0
    # The guest's own fault: deliver an abort with Vcpu.fault_status and fault_address.
    REFLECT = 1
    # Not the guest's memory: counted and described in `refusal.last_refusal`; deliver the abort as for REFLECT.
    REFUSED = 2
    # The guest can't continue: stop it.
    STOP = 3
    # An access to a virtual device: Vcpu.fault_status is its page, as an index of `devices.PAGES`.
    DEVICE = 4


# Rights of a translation: for User mode, the same two bits further up for the privileged modes, and execution. Write rights
# include read rights; read rights include execution unless it is denied.
USER_READ: Final = 1 << 0
USER_WRITE: Final = 1 << 1
PRIVILEGED_READ: Final = 1 << 2
PRIVILEGED_WRITE: Final = 1 << 3
EXECUTE: Final = u32(1 << 4)
RIGHTS_ALL: Final = 0x1F
RIGHTS_WRITE: Final = u32(USER_WRITE | PRIVILEGED_WRITE)
# Rights of a view: the bits of one side.
READ: Final = u32(1 << 0)
WRITE: Final = u32(1 << 1)


@fn(inline=True)
def rights_of(rights: u32, privileged: bool) -> u32:
    """Return READ, WRITE of one side, and EXECUTE."""
    side = (rights >> 2) & 3 if privileged else rights & 3
    return side | (rights & EXECUTE)


@fn(inline=True)
def rights_needed(access: Access) -> u32:
    """Return the bits that `rights_of` must have for an access."""
    if access == Access.READ:
        return READ
    if access == Access.WRITE:
        return WRITE
    return READ | EXECUTE
