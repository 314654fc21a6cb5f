# SPDX-License-Identifier: Apache-2.0
"""Give out protection keys, the MMU's domains and ASIDs. `check_limits` refuses systems that need more than there are."""

from collections.abc import Iterable, Sequence

from ovm.abi.config import KEY_FREE, SPACE_ASID, Level
from ovm.arm.descriptors import DOMAINS
from ovm.system.model import Guest

# Keys that an owner can have: OVM, guests, channels.
KEYS = KEY_FREE
# The gate's domain is 0.
FIRST_DOMAIN = 1
# Domains of one guest: an NRT guest has a user view and a kernel view.
DOMAINS_OF = {Level.HRT: 0, Level.SRT: 1, Level.NRT: 2}


def channel_key(guests: int, channel: int) -> int:
    """Return the protection key of a channel's frames: behind OVM's and those of all guests."""
    return 1 + guests + channel


def own_asid(spaces: int, index: int) -> int:
    """Return the ASID that a guest has to itself, behind those of the shadow spaces."""
    return SPACE_ASID + spaces + index


def asids_needed(spaces: int, guests: int) -> int:
    """Return the number of ASIDs that a system needs, 0 included."""
    return own_asid(spaces, guests)


def domains_needed(guests: Iterable[Guest]) -> int:
    """Return the number of domains that guests need if none shares one."""
    return FIRST_DOMAIN + sum(DOMAINS_OF[guest.level] for guest in guests)


def domains_of(guests: Sequence[Guest]) -> dict[int, int]:
    """Return the domain of each guest, or the first of its two, by the guest's index; 0 for an HRT guest.

    SRT guests come first, then NRT guests. Where there are too few, guests of one level share: an SRT guest shares its
    domain with another SRT guest, an NRT guest shares both with another NRT guest.
    """
    soft = [guest.index for guest in guests if guest.level is Level.SRT]
    paged = [guest.index for guest in guests if guest.level is Level.NRT]
    there = DOMAINS - FIRST_DOMAIN
    pairs = min(len(paged), max(1, (there - len(soft)) // DOMAINS_OF[Level.NRT]))
    singles = min(len(soft), there - pairs * DOMAINS_OF[Level.NRT])
    found = dict.fromkeys((guest.index for guest in guests), 0)
    found |= {index: FIRST_DOMAIN + place % singles for place, index in enumerate(soft)}
    first = FIRST_DOMAIN + singles
    found |= {index: first + place % pairs * DOMAINS_OF[Level.NRT] for place, index in enumerate(paged)}
    return found
