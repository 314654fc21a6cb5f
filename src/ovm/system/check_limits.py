# SPDX-License-Identifier: Apache-2.0
"""Rules about limits of the hardware: protection keys, domains, ASIDs, guest-physical addresses.

All other arrays and loops of OVM are as long as the description makes them (`core_limits`). Together they have to fit into
the megabyte that one lock entry maps (S180, `core_image`).
"""

from ovm.abi.config import Level
from ovm.arm.control import ASIDS
from ovm.arm.descriptors import DOMAINS
from ovm.system.hardware import DOMAINS_OF, FIRST_DOMAIN, KEYS, asids_needed, domains_needed
from ovm.system.model import Guest, System
from ovm.system.problems import Problems
from ovm.system.units import MIB, address_text, align_up, size_text

# Guest-physical addresses: where RAM begins if the description doesn't say, and the megabyte of OVM's gate and trap pages.
GUEST_BASE = 0x1000_0000
GATE_MEGABYTE = 0xFFF0_0000


def check_keys(system: System, problems: Problems) -> None:
    """Check that there is a key for OVM, each guest and each channel."""
    channels = {region.channel for guest in system.guests for region in guest.regions if region.channel >= 0}
    needed = 1 + len(system.guests) + len(channels)
    if needed > KEYS:
        extra = system.guests[-1]
        problems.add(
            system.document.problem(
                "S112", extra.path, "there are too few protection keys for the guests and channels",
                found=f"1 for OVM + {len(system.guests)} guests + {len(channels)} channels = {needed} keys",
                expected=f"at most {KEYS}: the frame table has a byte for each frame, and two values mean that it has no owner",
                fix=f"remove {needed - KEYS} of them",
            )
        )  # fmt: skip


def check_domains(system: System, problems: Problems) -> None:
    """Check that there is a domain for the gate and for each view of each deprivileged guest, unless guests may share them."""
    if system.share_domains or domains_needed(system.guests) <= DOMAINS:
        return
    soft, paged = (sum(guest.level is level for guest in system.guests) for level in (Level.SRT, Level.NRT))
    taken = FIRST_DOMAIN
    for guest in system.guests:
        taken += DOMAINS_OF[guest.level]
        if taken > DOMAINS:
            break
    problems.add(
        system.document.problem(
            "S113", guest.path, "the MMU has too few domains for the SRT and NRT guests",
            found=f"1 for the gate + {soft} SRT guests x 1 + {paged} NRT guests x 2 = {domains_needed(system.guests)} domains",
            expected=f"at most {DOMAINS}: the register DACR has 2 bits for each of {DOMAINS} (ARM B4.1.43)",
            fix=f"remove '{guest.name}' or another one, or write share_domains = true in [system]",
        )
    )  # fmt: skip


def check_asids(system: System, problems: Problems) -> None:
    """Check that there is an ASID for each shadow space and each guest, besides 0, which nobody owns."""
    spaces, guests = system.level1_tables, len(system.guests)
    needed = asids_needed(spaces, guests)
    if needed <= ASIDS:
        return
    left = spaces - (needed - ASIDS)
    paged = sum(guest.level is Level.NRT for guest in system.guests)
    written = "level1_tables" in system.document.values["system"]
    problems.add(
        system.document.problem(
            "S114", ("system", "level1_tables") if written else system.guests[-1].path,
            "there are too few ASIDs for the shadow spaces and guests",
            found=f"1 that nobody owns + {spaces} level-1 tables + {guests} guests = {needed} ASIDs",
            expected=f"at most {ASIDS}: the register CONTEXTIDR has 8 bits for one (ARM B4.1.36)",
            fix=f"write level1_tables = {left}" if left >= max(paged, 2) else f"remove {needed - ASIDS} guests",
        )
    )  # fmt: skip


def check_guest_space(system: System, guest: Guest, problems: Problems) -> None:
    """Check that RAM and regions of a deprivileged guest end below the gate. S121 is about RAM with an address of its own."""
    if guest.level is Level.HRT:
        return
    start = GUEST_BASE if guest.address is None else guest.address
    end = start + guest.memory
    if guest.address is not None and end > GATE_MEGABYTE:
        return
    for region in guest.regions:
        end = align_up(end, MIB) + region.length
    if end > GATE_MEGABYTE:
        problems.add(
            system.document.problem(
                "S127", (*guest.path, "memory"), f"guest '{guest.name}' has more memory than guest-physical addresses",
                found=f"{size_text(guest.memory)} from {address_text(start)}"
                + (f", and {len(guest.regions)} files, regions and channels behind it" if guest.regions else ""),
                expected=f"an end at {address_text(GATE_MEGABYTE - 1)} or below: the last megabyte is OVM's gate and trap pages",
                fix=f"write memory = '{(guest.memory - (end - GATE_MEGABYTE)) // MIB}MiB'",
            )
        )  # fmt: skip
