# SPDX-License-Identifier: Apache-2.0
"""TLB maintenance by the guest: the mappings that it names are dropped from its shadow spaces (ARM B3.10.1, B4.2.2).

Dropping more than the named mappings is always allowed, dropping less never. A guest that invalidates any address of a section,
supersection or large page has invalidated all of it, though the shadow holds it as many small pages.
An SRT guest has no tables of its own, so there is nothing to drop.

A space that is dropped whole is only killed (`space`). An address is searched in the guest's tables of its megabyte, which are
a list. A guest whose operation isn't complete makes it again, and that continues behind the last table: either nothing else
happens to the guest between the two, or `maintenance_restart` has been called.
"""

from typing import Final

from ovm.abi.config import Level
from ovm.arm.descriptors import SECTION_BYTES, SUPERSECTION_BYTES
from ovm.core.clock import alarm_waits
from ovm.core.limits import MAX_SPACES
from ovm.core.memory.shadow import shadow_drop
from ovm.core.memory.space import (
    ASIDS,
    NO_SPACE,
    space_activate,
    space_kill,
    spaces_kill,
)
from ovm.core.memory.tables import (
    COARSE_SECTION,
    COARSE_SUPERSECTION,
    NO_TABLE,
    SHARES,
    TABLES,
    asid_of,
    space_lives,
    table_release,
    table_with,
)
from ovm.core.memory.tlb import tlb_drop_asid
from ovm.core.vcpu import Vcpu
from ovm.metal import fn, u32

# Tables that one stay checks.
TABLES_STEP: Final = 8


@fn(inline=True)
def maintenance_restart(vcpu: Vcpu) -> None:
    """Let the next operation by address begin with the first table: the guest may have changed its mappings."""
    vcpu.maintained = NO_TABLE


@fn
def _leave_dead(vcpu: Vcpu) -> None:
    """Let the guest leave the space that it runs in if that was killed."""
    if vcpu.space != NO_SPACE and not space_lives(vcpu.space):
        vcpu.space = NO_SPACE
        space_activate(vcpu)


@fn
def maintain_all(vcpu: Vcpu) -> None:
    """Drop every mapping of a guest (TLBIALL). It takes one write per space of its share."""
    if vcpu.level == Level.NRT:
        maintenance_restart(vcpu)
        spaces_kill(vcpu)
        space_activate(vcpu)


@fn
def maintain_asid(vcpu: Vcpu, asid: u32) -> None:
    """Drop the guest's spaces with one of its own ASIDs (TLBIASID). It checks each space of its share."""
    if vcpu.level != Level.NRT:
        return
    maintenance_restart(vcpu)
    share = SHARES[vcpu.guest]
    for number in u32.range(share.spaces, bound=MAX_SPACES):
        if u32(ASIDS[share.first_space + number]) == asid & 0xFF:
            space_kill(share.first_space + number)
    _leave_dead(vcpu)


@fn
def _maintain_in(vcpu: Vcpu, table: u32, va: u32) -> None:
    """Drop one table's mapping of an address; the whole table or space if the guest's mapping is that large."""
    info = TABLES[table]
    space = u32(info.space)
    coarse = u32(info.marks)
    if coarse & COARSE_SUPERSECTION != 0:
        space_kill(space)
    if not space_lives(space):
        table_release(vcpu, table)
    elif u32(info.megabyte) == va >> 20:
        if coarse & COARSE_SECTION != 0:
            table_release(vcpu, table)
            tlb_drop_asid(asid_of(space))
        else:
            shadow_drop(space, table, va)


@fn
def _next(vcpu: Vcpu, megabyte: u32, last: u32) -> u32:
    """Return the first table of a megabyte, or of the first megabyte behind it that has any."""
    for number in u32.range(megabyte, last + 1, 1, bound=SUPERSECTION_BYTES // SECTION_BYTES):
        table = table_with(vcpu, number)
        if table != NO_TABLE:
            return table
    return NO_TABLE


@fn
def _behind(vcpu: Vcpu, table: u32, last: u32) -> u32:
    """Return the table to check after this one."""
    following = u32(TABLES[table].same_after)
    return following if following != NO_TABLE else _next(vcpu, u32(TABLES[table].megabyte) + 1, last)


@fn
def maintain_address(vcpu: Vcpu, mva: u32) -> bool:
    """Drop the mappings of one address in all spaces of the guest (TLBIMVA, TLBIMVAA).

    Return False if the guest has to repeat it.
    """
    if vcpu.level != Level.NRT:
        return True
    megabyte = mva >> 20
    coarse = SHARES[vcpu.guest].supersections
    first = megabyte & 0xFF0 if coarse else megabyte
    last = first | 15 if coarse else megabyte
    table = vcpu.maintained
    if table == NO_TABLE or vcpu.maintained_mva != mva:
        table = _next(vcpu, first, last)
    for _ in u32.range(TABLES_STEP):
        if table == NO_TABLE:
            break
        following = _behind(vcpu, table, last)
        _maintain_in(vcpu, table, mva)
        table = following
        if alarm_waits():
            break
    vcpu.maintained = table
    vcpu.maintained_mva = mva
    _leave_dead(vcpu)
    return table == NO_TABLE
