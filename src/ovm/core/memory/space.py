# SPDX-License-Identifier: Apache-2.0
"""Shadow spaces: one set of shadow tables for each translation context of a guest.

A context is what the guest's virtual CP15 says about translation: TTBR0, TTBR1, TTBCR, DACR, ASID and the bits
of SCTLR that change the meaning of descriptors. Each has a first-level table and a hardware ASID of its own, which is
fixed with the table; a switch back finds the fills still there, in the tables and in the TLB. When a guest's
share of spaces is used up, the one unused for longest is emptied and takes the new context. Pages that the guest
calls global are never global for the hardware.
"""

from typing import Final

from ovm.abi.config import Level
from ovm.arm.control import SCTLR_AFE, SCTLR_EE, SCTLR_M, TTBR_WALK
from ovm.arm.cp15 import CONTEXTIDR, DACR, TTBR0
from ovm.arm.descriptors import DOMAIN_CLIENT, LEVEL1_ENTRIES
from ovm.core.config import GUESTS
from ovm.core.memory.tables import (
    FIRST,
    MAX_SPACES,
    MAX_TABLES,
    NO_TABLE,
    SHARES,
    TABLES,
    TOP_MEGABYTE,
    View,
    asid_of,
    level1_entry,
    level1_of,
    table_at,
    table_release,
    table_turn,
)
from ovm.core.memory.tlb import tlb_drop_asid
from ovm.core.vcpu import Vcpu
from ovm.metal import PhysAddr, Struct, address, array, bound, cp15_write, dsb, fn, isb, static, u16, u32, unroll

# Value of Vcpu.space while a guest has none.
NO_SPACE: Final = 0xFFFF_FFFF
# SRT guests: ASIDs above those of the spaces.
_STRAIGHT_ASID: Final = 0x80
_CONTROL: Final = SCTLR_M | SCTLR_AFE | SCTLR_EE
_ASID: Final = 0xFF


class Space(Struct, size=32):
    """The context that a space shadows."""

    live: bool
    ttbr0: u32
    ttbr1: u32
    ttbcr: u32
    dacr: u32
    # Bits of SCTLR, and the ASID in bits that are not among them.
    asid: u32
    control: u32
    # Larger is more recent.
    stamp: u32


SPACES = static(array(Space, MAX_SPACES))
_CLOCK = static(u32)


@fn(inline=True)
def straight_asid(vcpu: Vcpu) -> u32:
    """Return the hardware ASID of an SRT guest."""
    return vcpu.index + _STRAIGHT_ASID


@fn
def _matches(space: Space, vcpu: Vcpu) -> bool:
    control = vcpu.sctlr & _CONTROL
    if not space.live or space.control != control:
        return False
    if control & SCTLR_M == 0:
        return True
    return (
        space.ttbr0 == vcpu.ttbr0
        and space.asid == vcpu.contextidr & _ASID
        and space.dacr == vcpu.dacr
        and space.ttbcr == vcpu.ttbcr
        and space.ttbr1 == vcpu.ttbr1
    )


@fn
def space_empty(vcpu: Vcpu, space: u32) -> None:
    """Drop every mapping of one space. A step per table that it has."""
    while FIRST[space] != NO_TABLE:
        bound(MAX_TABLES)
        table_release(vcpu, u32(FIRST[space]))
    tlb_drop_asid(asid_of(space))


@fn(inline=False)
def _make(vcpu: Vcpu) -> u32:
    """Return an empty space with the guest's present context: a free one, or the one unused for longest."""
    share = SHARES[vcpu.index]
    chosen = share.first_space
    for number in u32.range(share.spaces, bound=MAX_SPACES):
        index = share.first_space + number
        if not SPACES[index].live:
            chosen = index
            break
        # Ages, so that the clock may wrap.
        if _CLOCK.value - SPACES[index].stamp > _CLOCK.value - SPACES[chosen].stamp:
            chosen = index
    space = SPACES[chosen]
    if space.live:
        space_empty(vcpu, chosen)
        vcpu.counters.reclaims += 1
    space.live = True
    space.ttbr0 = vcpu.ttbr0
    space.ttbr1 = vcpu.ttbr1
    space.ttbcr = vcpu.ttbcr
    space.dacr = vcpu.dacr
    space.asid = vcpu.contextidr & _ASID
    space.control = vcpu.sctlr & _CONTROL
    vcpu.counters.spaces += 1
    return chosen


@fn
def _find(vcpu: Vcpu) -> u32:
    if vcpu.space != NO_SPACE and _matches(SPACES[vcpu.space], vcpu):
        return vcpu.space
    share = SHARES[vcpu.index]
    for number in u32.range(share.spaces, bound=MAX_SPACES):
        if _matches(SPACES[share.first_space + number], vcpu):
            return share.first_space + number
    return _make(vcpu)


@fn
def dacr_of(vcpu: Vcpu) -> u32:
    """Return the domains open to a guest now: the gate's, its first, and in virtual privileged modes its second."""
    domain = u32(GUESTS[vcpu.index].domain)
    open_domains = u32(DOMAIN_CLIENT) | u32(DOMAIN_CLIENT) << (domain * 2)
    if vcpu.privileged != 0:
        open_domains |= u32(DOMAIN_CLIENT) << (domain * 2 + 2)
    return open_domains


@fn
def space_mode(vcpu: Vcpu) -> None:
    """Open and close the domains of views after a change of virtual mode."""
    cp15_write(DACR, dacr_of(vcpu))
    if vcpu.privileged == 0 and GUESTS[vcpu.index].level == Level.NRT:
        # Domain 0 can't be closed, so privileged pages of the last megabyte go before User mode runs.
        top = table_at(vcpu.space, u32(TOP_MEGABYTE))
        if top != NO_TABLE and TABLES[top].view == View.PRIVILEGED:
            table_turn(vcpu, top, View.USER)


@fn
def space_write(table: PhysAddr, asid: u32) -> None:
    """Make a first-level table and its ASID the Non-secure translation context of this CPU.

    ORDER: while TTBR0 changes, ASID 0 is current, which no table uses (ARM B3.10.4); a walk that was begun
    under one ASID must not end under another, hence the DSB before each write of CONTEXTIDR
    (Cortex-A9 erratum 754322).
    """
    dsb()
    cp15_write(CONTEXTIDR, u32(0))
    isb()
    cp15_write(TTBR0, u32(table) | TTBR_WALK)
    isb()
    dsb()
    cp15_write(CONTEXTIDR, asid)
    isb()


@fn
def space_activate(vcpu: Vcpu) -> None:
    """Give this CPU the guest's present context: at a switch to it, and after a change of its virtual CP15."""
    guest = GUESTS[vcpu.index]
    if guest.level == Level.NRT:
        vcpu.space = _find(vcpu)
        vcpu.hardware_asid = asid_of(vcpu.space)
        _CLOCK.value += 1
        SPACES[vcpu.space].stamp = _CLOCK.value
        space_write(PhysAddr(u32(address(level1_of(vcpu.space)))), vcpu.hardware_asid)
    else:
        vcpu.hardware_asid = straight_asid(vcpu)
        space_write(guest.table_phys, vcpu.hardware_asid)
    space_mode(vcpu)


@fn
def spaces_forget(vcpu: Vcpu) -> None:
    """Forget all contexts of a guest. Their mappings must have been dropped."""
    share = SHARES[vcpu.index]
    for number in u32.range(share.spaces, bound=MAX_SPACES):
        SPACES[share.first_space + number].live = False
    vcpu.space = u32(NO_SPACE)


@fn
def space_initialise(space: u32, cpu: u32) -> None:
    """Clear a first-level table but for the gate of a CPU. At boot only."""
    entries = level1_of(space)
    for index in u32.range(0, LEVEL1_ENTRIES, 8):
        for place in unroll(range(8)):
            entries[index + place] = u32(0)
    entries[TOP_MEGABYTE] = level1_entry(cpu, u32(0))
    SPACES[space].live = False
    FIRST[space] = u16(NO_TABLE)
