# SPDX-License-Identifier: Apache-2.0
"""TLB lock entries of a Cortex-A9, so that SRT guests never wait for a walk.

Each core has four lock entries in its main TLB, which nothing but TLBIMVA and TLBIASID with a matching ASID can remove
(A9 6.2.2, table 4-26; `tlb` names no such ASID). OVM always keeps two, written once per core: its own secure section,
and the gate page of the Non-secure world. The other two hold the sections of the SRT guest whose turn it is and are
rewritten when another SRT guest gets the core: a fixed number of register writes. Files, regions and channels of an SRT
guest are sections of their own and take an entry each, behind those of its RAM.

The registers are in CP15 c15, opc1 5 (A9 4.3.25): select an entry, then its VA, its attributes, and its PA last, which
makes it valid. Secure privileged modes only; Monitor mode is one whatever SCR.NS says. The sequence must not be interrupted; A,
I and F of Monitor mode ensure that.
"""

from typing import Final

from ovm.abi.config import OVM_LOCK_ENTRIES, Level
from ovm.arm.cp15 import TLB_ATTRIBUTES, TLB_PA, TLB_SELECT_WRITE, TLB_VA, TLBIMVA
from ovm.arm.descriptors import (
    AP_PRIVILEGED_ONLY,
    AP_READ_ONLY,
    AP_READ_WRITE,
    LOCK_ENTRIES,
    LOCK_SIZE_PAGE,
    LOCK_SIZE_SECTION,
    LOCK_SIZE_SUPERSECTION,
    SECTION_BYTES,
    SUPERSECTION_BYTES,
    LockAttributes,
    LockPa,
    LockVa,
)
from ovm.core.config import CONFIG, LOCKDOWN, REGIONS, SCHEDULED_CPUS
from ovm.core.cpu import this_cpu, this_cpu_number
from ovm.core.guest import GUESTS
from ovm.core.limits import MAX_REGIONS
from ovm.core.memory.space import own_asid
from ovm.core.memory.tables import GATE_PAGE
from ovm.core.vcpu import Vcpu
from ovm.metal import Struct, array, cp15_write, dsb, fn, isb, static, u32

_ENTRY_OVM: Final = LOCK_ENTRIES - 1
_ENTRY_GATE: Final = LOCK_ENTRIES - OVM_LOCK_ENTRIES
# Normal memory, write-back write-allocate, shareable; the layout of LockAttributes.
_NORMAL: Final = 1 << 3 | 1 << 2 | 1 << 1 | 1


class _Mapping(Struct):
    """The mapping of one lock entry of a guest: guest-physical to physical, LOCK_SIZE_* and access rights."""

    gpa: u32
    phys: u32
    size: u32
    access: u32


_MAPPINGS = static(array(_Mapping, SCHEDULED_CPUS))


@fn(inline=True)
def _mapping() -> _Mapping:
    """Return the mapping that the CPU that executes is at work on."""
    return _MAPPINGS[this_cpu_number()]


@fn
def lock_write(entry: u32, va: LockVa, attributes: LockAttributes, pa: LockPa) -> None:
    """Write one lock entry. ORDER: the PA register comes last (A9 4.3.25)."""
    cp15_write(TLB_SELECT_WRITE, entry)
    cp15_write(TLB_VA, va.raw)
    cp15_write(TLB_ATTRIBUTES, attributes.raw)
    cp15_write(TLB_PA, pa.raw)


@fn
def _lock_clear(entry: u32) -> None:
    """Make one lock entry invalid."""
    lock_write(entry, LockVa(0), LockAttributes(0), LockPa(0))


@fn
def lock_entries_clear() -> None:
    """Make every lock entry of this core invalid, before its MMU comes on.

    Reset doesn't do this, and TLBIALL doesn't affect lock entries.
    """
    if not LOCKDOWN:
        return
    for entry in u32.range(LOCK_ENTRIES):
        _lock_clear(entry)
    dsb()
    isb()


@fn
def lock_cpu_initialise() -> None:
    """Write the permanent entries: OVM's secure section and the gate page. Once per core that runs SRT guests."""
    if not LOCKDOWN:
        return
    secure = LockVa(u32(CONFIG.ovm_phys) & 0xFFF0_0000).set(LockVa.is_global, True)
    place = LockPa(u32(CONFIG.ovm_phys) & 0xFFF0_0000).set(LockPa.access, AP_PRIVILEGED_ONLY)
    place = place.set(LockPa.size, LOCK_SIZE_SECTION).set(LockPa.valid, True)
    dsb()
    lock_write(_ENTRY_OVM, secure, LockAttributes(_NORMAL), place)
    gate = LockVa(GATE_PAGE).set(LockVa.is_global, True).set(LockVa.non_secure, True)
    page = LockPa(u32(CONFIG.gate_phys)).set(LockPa.access, AP_PRIVILEGED_ONLY)
    page = page.set(LockPa.size, LOCK_SIZE_PAGE).set(LockPa.valid, True)
    lock_write(_ENTRY_GATE, gate, LockAttributes(_NORMAL).set(LockAttributes.non_secure, True), page)
    dsb()
    isb()


@fn
def _find(index: u32, entry: u32) -> None:
    """Fill the mapping for a lock entry of an SRT guest: a part of its RAM, or a megabyte of a region."""
    guest = GUESTS[index].config
    large = guest.section_bytes == SUPERSECTION_BYTES
    offset = guest.section_bytes * entry
    _mapping().size = LOCK_SIZE_SUPERSECTION if large else LOCK_SIZE_SECTION
    _mapping().gpa = guest.ram_gpa + offset
    _mapping().phys = u32(guest.ram_phys) + offset
    _mapping().access = AP_READ_WRITE
    if offset >= guest.ram_bytes:
        # A shift, because the processor has no division and this is done at a switch.
        _find_region(index, entry - (guest.ram_bytes >> (24 if large else 20)))


@fn
def _find_region(index: u32, megabyte: u32) -> None:
    """Fill the mapping for one megabyte of the guest's regions, each of which begins at a megabyte of its own."""
    left = megabyte
    for number in u32.range(CONFIG.region_count, bound=MAX_REGIONS):
        region = REGIONS[number]
        if u32(region.guest) == index and not region.flags.device:
            megabytes = (region.length + SECTION_BYTES - 1) >> 20
            if left < megabytes:
                _mapping().size = LOCK_SIZE_SECTION
                _mapping().gpa = region.gpa + (left << 20)
                _mapping().phys = u32(region.phys) + (left << 20)
                _mapping().access = AP_READ_WRITE if region.flags.writable else AP_READ_ONLY
                return
            left -= megabytes


@fn
def _lock_section(vcpu: Vcpu, entry: u32) -> None:
    """Lock one section of an SRT guest: its own ASID, its own domain (also for 16 MiB), read, write and execute."""
    _find(vcpu.guest, entry)
    va = LockVa(_mapping().gpa & 0xFFF0_0000)
    attributes = LockAttributes(_NORMAL).set(LockAttributes.domain, u32(vcpu.domain))
    pa = LockPa(_mapping().phys & 0xFFF0_0000)
    lock_write(
        entry,
        va.set(LockVa.asid, own_asid(vcpu)).set(LockVa.non_secure, True),
        attributes.set(LockAttributes.non_secure, True),
        pa.set(LockPa.access, _mapping().access).set(LockPa.size, _mapping().size).set(LockPa.valid, True),
    )


@fn
def srt_switch(vcpu: Vcpu) -> None:
    """Give the lock entries to an SRT guest that gets this core: five register writes for each, none if it has them already.

    TLBIMVA goes first: afterwards it would remove the very entry, and without it a duplicate from a walk could remain.
    """
    if not LOCKDOWN:
        return
    # ORDER: the guest's description is read last. If its neighbours have evicted everything from the caches, each line counts.
    if this_cpu().lock_holder == vcpu.guest + 1:
        return
    if vcpu.level != Level.SRT:
        return
    guest = GUESTS[vcpu.guest].config
    this_cpu().lock_holder = vcpu.guest + 1
    dsb()
    for entry in u32.range(guest.lock_entries, bound=_ENTRY_GATE):
        _find(vcpu.guest, entry)
        cp15_write(TLBIMVA, _mapping().gpa & 0xFFF0_0000 | own_asid(vcpu))
    dsb()
    for entry in u32.range(guest.lock_entries, bound=_ENTRY_GATE):
        _lock_section(vcpu, entry)
    dsb()
    isb()
    vcpu.counters.lock_writes += guest.lock_entries


@fn
def srt_unlock(vcpu: Vcpu) -> None:
    """Make the lock entries of an SRT guest that ended invalid, if it has them."""
    if not LOCKDOWN:
        return
    if this_cpu().lock_holder != vcpu.guest + 1:
        return
    guest = GUESTS[vcpu.guest].config
    this_cpu().lock_holder = 0
    dsb()
    for entry in u32.range(guest.lock_entries, bound=_ENTRY_GATE):
        _lock_clear(entry)
    dsb()
    isb()
