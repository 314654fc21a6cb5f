# SPDX-License-Identifier: Apache-2.0
"""Shadow spaces: one set of shadow tables for each translation context of a guest.

A context is the part of the guest's virtual CP15 that determines translation: TTBR0, TTBR1, TTBCR, DACR, ASID and the bits
of SCTLR that change the meaning of descriptors. Each has a first-level table and a hardware ASID of its own, which is
fixed with the table; a switch back finds the fills still there, in the tables and in the TLB. When a guest's
share of spaces is used up, the one unused for longest takes the new context. Pages that the guest
calls global are never global for the hardware.

One write drops a space: without a stamp it is dead, and no guest runs in it. Its tables are taken out of it, and its
ASID out of the TLB, before it is used again, a few tables in each stay. Until a guest has a space that is ready it runs in the
blank one, in which nothing is mapped but the gate: its next fetch aborts, and the fault continues the work.
"""

from typing import Final

from ovm.abi.config import SPACE_ASID, Level
from ovm.arm.control import SCTLR_AFE, SCTLR_EE, SCTLR_M, TTBR_WALK
from ovm.arm.cp15 import CONTEXTIDR, DACR, TTBR0
from ovm.arm.descriptors import DOMAIN_CLIENT, LEVEL1_ENTRIES
from ovm.core.clock import alarm_waits
from ovm.core.config import CONFIG
from ovm.core.cpu import this_cpu
from ovm.core.limits import MAX_SPACES
from ovm.core.memory.tables import (
    FIRST,
    NO_TABLE,
    SHARES,
    STAMPS,
    TOP_MEGABYTE,
    Share,
    View,
    asid_of,
    level1_entry,
    level1_of,
    space_lives,
    table_at,
    table_release,
    view_of,
)
from ovm.core.memory.tlb import tlb_drop_asid
from ovm.core.vcpu import Vcpu
from ovm.metal import PhysAddr, Struct, address, array, cp15_write, dsb, fn, isb, static, u8, u32, unroll

# Value of Vcpu.space while a guest has none: it runs, if at all, in the blank space.
NO_SPACE: Final = u32(0xFFFF_FFFF)
# Tables that are taken out of dead spaces in one stay.
EMPTY_STEP: Final = 8
_CONTROL: Final = SCTLR_M | SCTLR_AFE | SCTLR_EE
_ASID: Final = 0xFF
_OLDEST: Final = u32(0xFFFF_FFFF)


class Space(Struct, size=32):
    """The context that a space shadows. Its ASID is in ASIDS."""

    ttbr0: u32
    ttbr1: u32
    ttbcr: u32
    dacr: u32
    # Bits of SCTLR.
    control: u32


SPACES = static(array(Space, MAX_SPACES))
# The ASID by which its guest knows each space. Kept apart from the rest, as STAMPS is: these are read for all spaces of a share.
ASIDS = static(array(u8, MAX_SPACES))


@fn(inline=True)
def own_asid(vcpu: Vcpu) -> u32:
    """Return the hardware ASID that a guest has to itself: an SRT guest's, or an NRT guest's in the blank space."""
    return vcpu.guest + (CONFIG.level1_count + SPACE_ASID)


@fn
def _asid(vcpu: Vcpu) -> u32:
    """Return the ASID of the guest's present context; with the MMU off it has none."""
    return vcpu.contextidr & _ASID if vcpu.sctlr & SCTLR_M != 0 else 0


@fn
def _matches(number: u32, vcpu: Vcpu) -> bool:
    """Return whether a space is that of the guest's present context. Most have another ASID."""
    if u32(ASIDS[number]) != _asid(vcpu) or STAMPS[number] == 0:
        return False
    space = SPACES[number]
    if space.control != vcpu.sctlr & _CONTROL:
        return False
    if space.control & SCTLR_M == 0:
        return True
    return (
        space.ttbr0 == vcpu.ttbr0
        and space.dacr == vcpu.dacr
        and space.ttbcr == vcpu.ttbcr
        and space.ttbr1 == vcpu.ttbr1
    )


@fn(inline=True)
def space_kill(space: u32) -> None:
    """Drop every mapping of a space: no guest runs in it again before it is emptied. Its guest has to leave it at once."""
    STAMPS[space] = 0


@fn
def _choose(share: Share) -> u32:
    """Return the space to use next: a dead one without tables, else a dead one, else the one unused for longest."""
    chosen = share.first_space
    oldest = u32(0)
    for number in u32.range(share.spaces, bound=MAX_SPACES):
        index = share.first_space + number
        stamp = STAMPS[index]
        if stamp == 0 and FIRST[index] == NO_TABLE:
            return index
        # Ages, so that the clock may wrap.
        age = this_cpu().stamp - stamp if stamp != 0 else _OLDEST
        if age > oldest:
            oldest = age
            chosen = index
    return chosen


@fn
def _empty(vcpu: Vcpu, space: u32) -> bool:
    """Take tables out of a dead space, at most EMPTY_STEP, or fewer if the alarm waits; return whether none is left."""
    for _ in u32.range(EMPTY_STEP):
        if FIRST[space] == NO_TABLE:
            break
        table_release(vcpu, u32(FIRST[space]))
        if alarm_waits():
            break
    return FIRST[space] == NO_TABLE


@fn(inline=False)
def _make(vcpu: Vcpu) -> u32:
    """Return an empty space with the guest's present context; NO_SPACE if there is more to do first."""
    chosen = _choose(SHARES[vcpu.guest])
    if space_lives(chosen):
        space_kill(chosen)
        vcpu.counters.reclaims += 1
    if not _empty(vcpu, chosen):
        return NO_SPACE
    # ORDER: its first-level table is empty, and a guest runs in it only from here on.
    tlb_drop_asid(asid_of(chosen))
    space = SPACES[chosen]
    space.ttbr0 = vcpu.ttbr0
    space.ttbr1 = vcpu.ttbr1
    space.ttbcr = vcpu.ttbcr
    space.dacr = vcpu.dacr
    space.control = vcpu.sctlr & _CONTROL
    ASIDS[chosen] = u8(_asid(vcpu))
    vcpu.counters.spaces += 1
    return chosen


@fn
def _find(vcpu: Vcpu) -> u32:
    if vcpu.space != NO_SPACE and _matches(vcpu.space, vcpu):
        return vcpu.space
    share = SHARES[vcpu.guest]
    for number in u32.range(share.spaces, bound=MAX_SPACES):
        if _matches(share.first_space + number, vcpu):
            return share.first_space + number
    return _make(vcpu)


@fn
def dacr_of(vcpu: Vcpu) -> u32:
    """Return the domains open to a guest now: the gate's, its own, and in virtual privileged modes its kernel view's."""
    domain = u32(vcpu.domain)
    open_domains = DOMAIN_CLIENT | DOMAIN_CLIENT << (domain * 2)
    if vcpu.privileged != 0:
        open_domains |= DOMAIN_CLIENT << (u32(vcpu.kernel_domain) * 2)
    return open_domains


@fn
def space_mode(vcpu: Vcpu) -> None:
    """Open and close the domains of views after a change of virtual mode."""
    cp15_write(DACR, dacr_of(vcpu))
    if vcpu.privileged == 0 and vcpu.level == Level.NRT and vcpu.space != NO_SPACE:
        # Domain 0 can't be closed, so privileged pages of the last megabyte go before User mode runs.
        top = table_at(vcpu.space, TOP_MEGABYTE)
        if top != NO_TABLE and view_of(top) == View.PRIVILEGED:
            table_release(vcpu, top)
            tlb_drop_asid(asid_of(vcpu.space))


@fn
def space_write(table: PhysAddr, asid: u32) -> None:
    """Make a first-level table and its ASID the Non-secure translation context of this CPU.

    ORDER: while TTBR0 changes, ASID 0 is current, which no table uses (ARM B3.10.4); a walk that was begun
    under one ASID must not end under another, hence the DSB before each write of CONTEXTIDR
    (Cortex-A9 erratum 754322).
    """
    dsb()
    cp15_write(CONTEXTIDR, 0)
    isb()
    cp15_write(TTBR0, u32(table) | TTBR_WALK)
    isb()
    dsb()
    cp15_write(CONTEXTIDR, asid)
    isb()


@fn
def _paged_activate(vcpu: Vcpu) -> None:
    vcpu.space = _find(vcpu)
    if vcpu.space == NO_SPACE:
        vcpu.hardware_asid = own_asid(vcpu)
        space_write(PhysAddr(u32(address(level1_of(CONFIG.level1_count)))), vcpu.hardware_asid)
        return
    vcpu.hardware_asid = asid_of(vcpu.space)
    # A stamp is never 0.
    cpu = this_cpu()
    cpu.stamp = max(cpu.stamp + 1, 1)
    STAMPS[vcpu.space] = cpu.stamp
    space_write(PhysAddr(u32(address(level1_of(vcpu.space)))), vcpu.hardware_asid)


@fn
def space_activate(vcpu: Vcpu) -> None:
    """Give this CPU the guest's present context: at a switch to it, and after a change of its virtual CP15.

    A guest whose space isn't ready gets the blank one. Each fault that it takes there calls this again.
    """
    if vcpu.level == Level.NRT:
        _paged_activate(vcpu)
    else:
        vcpu.hardware_asid = own_asid(vcpu)
        space_write(vcpu.table, vcpu.hardware_asid)
    space_mode(vcpu)


@fn
def spaces_kill(vcpu: Vcpu) -> None:
    """Drop every mapping of a guest, which has no space then. It takes one write per space of its share."""
    share = SHARES[vcpu.guest]
    for number in u32.range(share.spaces, bound=MAX_SPACES):
        space_kill(share.first_space + number)
    share.supersections = False
    vcpu.space = NO_SPACE


@fn
def space_initialise(space: u32, cpu: u32) -> None:
    """Clear a first-level table except for the gate of a CPU. At boot only."""
    entries = level1_of(space)
    for index in u32.range(0, LEVEL1_ENTRIES, 8):
        for place in unroll(range(8)):
            entries[index + place] = 0
    entries[TOP_MEGABYTE] = level1_entry(cpu, 0)


@fn
def spaces_initialise(share: Share, cpu: u32) -> None:
    """Clear the spaces of a share. At boot only."""
    for number in u32.range(share.spaces, bound=MAX_SPACES):
        space_initialise(share.first_space + number, cpu)
        space_kill(share.first_space + number)
        FIRST[share.first_space + number] = NO_TABLE
