# SPDX-License-Identifier: Apache-2.0
"""TLB maintenance by the guest: what it names is dropped from its shadow spaces (ARM B3.10.1, B4.2.2).

Dropping more than was named is always allowed, dropping less never. A guest that invalidates any address of a section,
supersection or large page has invalidated all of it, though the shadow holds it as many small pages.
An SRT guest has no tables of its own, so there is nothing to drop.
"""

from ovm.abi.config import Level
from ovm.core.config import GUESTS
from ovm.core.memory.shadow import shadow_drop
from ovm.core.memory.space import SPACES, space_empty
from ovm.core.memory.tables import (
    COARSE_SECTION,
    COARSE_SUPERSECTION,
    MAX_SPACES,
    NO_TABLE,
    SHARES,
    TABLES,
    asid_of,
    table_at,
    table_release,
)
from ovm.core.memory.tlb import tlb_drop_asid
from ovm.core.vcpu import Vcpu
from ovm.metal import fn, u32


@fn
def maintain_all(vcpu: Vcpu) -> None:
    """Drop every mapping of a guest (TLBIALL). A step per space of its share and table that these have."""
    if GUESTS[vcpu.index].level != Level.NRT:
        return
    share = SHARES[vcpu.index]
    for number in u32.range(share.spaces, bound=MAX_SPACES):
        if SPACES[share.first_space + number].live:
            space_empty(vcpu, share.first_space + number)
    share.supersections = False


@fn
def maintain_asid(vcpu: Vcpu, asid: u32) -> None:
    """Drop the guest's spaces with one of its own ASIDs (TLBIASID)."""
    if GUESTS[vcpu.index].level != Level.NRT:
        return
    share = SHARES[vcpu.index]
    for number in u32.range(share.spaces, bound=MAX_SPACES):
        space = SPACES[share.first_space + number]
        if space.live and space.asid == asid & 0xFF:
            space_empty(vcpu, share.first_space + number)


@fn
def _drop_megabyte(vcpu: Vcpu, space: u32, megabyte: u32, coarse: u32) -> bool:
    """Drop a megabyte if pages of it come from so coarse a mapping of the guest."""
    table = table_at(space, megabyte)
    if table == NO_TABLE or u32(TABLES[table].coarse) & coarse == 0:
        return False
    table_release(vcpu, table)
    tlb_drop_asid(asid_of(space))
    return True


@fn
def _maintain_in(vcpu: Vcpu, space: u32, va: u32) -> None:
    megabyte = va >> 20
    if SHARES[vcpu.index].supersections:
        for offset in u32.range(16):
            _drop_megabyte(vcpu, space, megabyte & 0xFF0 | offset, u32(COARSE_SUPERSECTION))
    if not _drop_megabyte(vcpu, space, megabyte, u32(COARSE_SECTION)):
        table = table_at(space, megabyte)
        if table != NO_TABLE:
            shadow_drop(space, table, va)


@fn
def maintain_address(vcpu: Vcpu, mva: u32) -> None:
    """Drop what maps one address, in all spaces of the guest (TLBIMVA, TLBIMVAA). A step per space of its share."""
    if GUESTS[vcpu.index].level != Level.NRT:
        return
    share = SHARES[vcpu.index]
    for number in u32.range(share.spaces, bound=MAX_SPACES):
        if SPACES[share.first_space + number].live:
            _maintain_in(vcpu, share.first_space + number, mva)
