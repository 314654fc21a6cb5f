# SPDX-License-Identifier: Apache-2.0
"""The contents of a core's TLBs as Python values."""

from dataclasses import dataclass

from ovm.arm.descriptors import LOCK_SIZE_LARGE, LOCK_SIZE_PAGE, LOCK_SIZE_SECTION, LOCK_SIZE_SUPERSECTION
from ovm.board.api.view import View
from ovm.board.mmu import entry, main, micro
from ovm.metal.lang.kinds import ArrayType

_BYTES = {LOCK_SIZE_PAGE: 1 << 12, LOCK_SIZE_LARGE: 1 << 16, LOCK_SIZE_SECTION: 1 << 20, LOCK_SIZE_SUPERSECTION: 1 << 24}

# The board's statics: an array with an element for each core; for each core and side.
MAIN_TLBS = ArrayType(main.MainTlb, 2)
MICRO_TLBS = ArrayType(micro.MicroTlb, 4)


@dataclass(frozen=True)
class TlbEntry:
    """One entry. `asid` is None for a global one; `rights` is AP[2:0], `memory` is TEX, C, B and S from bit 4 down.

    `ns` is the state whose accesses it serves, `ns_target` the physical address space of its target.
    """

    valid: bool
    virtual: int
    physical: int
    bytes: int
    asid: int | None
    ns: bool
    ns_target: bool
    domain: int
    rights: int
    execute_never: bool
    memory: int
    locked: bool


@dataclass(frozen=True)
class Tlb:
    """All TLBs of one core: 2 ways of 64 in `main`, way by way; 4 lockable; the micro-TLBs for data and fetches."""

    main: tuple[TlbEntry, ...]
    lockable: tuple[TlbEntry, ...]
    data_micro: tuple[TlbEntry, ...]
    fetch_micro: tuple[TlbEntry, ...]


def _entry(virtual: int, physical: int, attributes: int, *, valid: bool, ns: bool, asid: int | None, locked: bool) -> TlbEntry:
    size = _BYTES[physical >> entry.PHYSICAL_SIZE & 3]
    tex, cb = attributes >> entry.ATTRIBUTE_TEX & 7, attributes >> entry.ATTRIBUTE_CB & 3
    return TlbEntry(
        valid=valid,
        virtual=virtual & -size & 0xFFFF_FFFF,
        physical=physical & -size & 0xFFFF_FFFF,
        bytes=size,
        asid=asid,
        ns=ns,
        ns_target=bool(attributes & entry.ATTRIBUTE_NS),
        domain=attributes >> entry.ATTRIBUTE_DOMAIN & 15,
        rights=physical >> entry.PHYSICAL_ACCESS & 7,
        execute_never=bool(attributes & entry.ATTRIBUTE_XN),
        memory=tex << 3 | cb << 1 | (attributes & entry.ATTRIBUTE_SHAREABLE),
        locked=locked,
    )


def read_tlb(mains: View, micros: View, core: int) -> Tlb:
    """Return the TLBs of a core, from the board's `MAIN` and `MICRO`."""

    def one(index: int) -> TlbEntry:
        place = (core, "entries", index)
        virtual, physical = mains.get(*place, "virtual"), mains.get(*place, "physical")
        return _entry(
            virtual,
            physical,
            mains.get(*place, "attributes"),
            valid=bool(physical & entry.PHYSICAL_VALID),
            ns=bool(virtual & entry.VIRTUAL_NSTID),
            asid=None if virtual & entry.VIRTUAL_GLOBAL else virtual & entry.VIRTUAL_ASID,
            locked=bool(mains.get(*place, "locked")),
        )

    def small(side: int) -> tuple[TlbEntry, ...]:
        return tuple(_micro(micros, core * 2 + side, index) for index in range(micro.MOST_ENTRIES))

    entries = tuple(one(index) for index in range(main.ENTRIES))
    return Tlb(entries[: main.LOCKABLE], entries[main.LOCKABLE :], small(micro.DATA), small(micro.FETCH))


def _micro(micros: View, number: int, index: int) -> TlbEntry:
    tag = micros.get(number, "tags", index)
    return _entry(
        tag,
        micros.get(number, "physical", index),
        micros.get(number, "attributes", index),
        valid=bool(tag & micro.TAG_VALID),
        ns=bool(tag & micro.TAG_WORLD),
        asid=None,
        locked=False,
    )
