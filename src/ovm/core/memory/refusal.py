# SPDX-License-Identifier: Apache-2.0
"""Refusals: the handling of accesses that the description doesn't allow.

The guest receives the abort that a bus without memory at this place would give: a synchronous external abort (ARM
B3.12.4, table B3-23). The guest, its access and the memory's owner stay in REFUSALS until the next refusal of this guest's CPU,
for the record.
"""

from ovm.arm.faults import FS_EXTERNAL, FSR_WRITE
from ovm.core.config import SCHEDULED_CPUS
from ovm.core.cpu import this_cpu_number
from ovm.core.memory.access import Access, FaultOutcome
from ovm.core.memory.frames import OWNER_NOTHING, owner_of
from ovm.core.vcpu import PC, Vcpu
from ovm.metal import Enum, GuestPhysAddr, PhysAddr, Struct, array, fn, static, u8, u32


class RefusalKind(Enum, width=u8):
    """The kind of the access."""

    LOAD = 0
    STORE = 1
    FETCH = 2
    # A walk of the guest's own tables.
    TABLE = 3
    # The guest's own RAM, but it may hold no more frames, or none is left.
    EXHAUSTED = 4
    # A hypercall that only others may make.
    CALL = 5


class Refusal(Struct):
    """The last refusal."""

    guest: u32
    kind: RefusalKind
    # The address that the guest used, and its translation by the guest's own tables.
    va: u32
    gpa: GuestPhysAddr
    # A key, or frames.OWNER_*.
    owner: u32


REFUSALS = static(array(Refusal, SCHEDULED_CPUS))


@fn(inline=True)
def last_refusal() -> Refusal:
    """Return the last refusal on the CPU that executes."""
    return REFUSALS[this_cpu_number()]


@fn
def kind_of(access: Access) -> RefusalKind:
    """Return the kind of an access that was itself refused."""
    if access == Access.READ:
        return RefusalKind.LOAD
    if access == Access.WRITE:
        return RefusalKind.STORE
    return RefusalKind.FETCH


@fn(inline=True)
def reflect(vcpu: Vcpu, address: u32, access: Access, status: u32) -> FaultOutcome:
    """Give the guest this fault."""
    vcpu.fault_status = status | FSR_WRITE if access == Access.WRITE else status
    vcpu.fault_address = address
    return FaultOutcome.REFLECT


@fn(inline=False)
def refuse(vcpu: Vcpu, address: u32, gpa: GuestPhysAddr, access: Access, kind: RefusalKind) -> FaultOutcome:
    """Refuse an access to a guest-physical address; the guest gets a synchronous external abort."""
    last_refusal().guest = vcpu.guest
    last_refusal().kind = kind
    last_refusal().va = address
    last_refusal().gpa = gpa
    # A frame that the guest could not get has no owner; the frame table gives any other owner.
    last_refusal().owner = OWNER_NOTHING if kind == RefusalKind.EXHAUSTED else owner_of(PhysAddr(u32(gpa)))
    vcpu.counters.refusals += 1
    reflect(vcpu, address, access, FS_EXTERNAL)
    return FaultOutcome.REFUSED


@fn(inline=False)
def refusal_note_printed(vcpu: Vcpu) -> None:
    """Note that the last refusal is counted and printed, though the guest hasn't got its abort: it makes its access again."""
    vcpu.printed_pc = vcpu.registers[PC] | 1
    vcpu.printed_va = last_refusal().va


@fn
def refusal_printed(vcpu: Vcpu) -> bool:
    """Return whether the last refusal is of an access that was counted and printed in the previous stay."""
    if vcpu.printed_pc != vcpu.registers[PC] | 1 or vcpu.printed_va != last_refusal().va:
        return False
    vcpu.printed_pc = 0
    vcpu.counters.refusals -= 1
    return True
