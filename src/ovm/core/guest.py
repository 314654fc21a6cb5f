# SPDX-License-Identifier: Apache-2.0
"""Guests: a slot for each in RAM.

A guest has memory, rights, a console and vCPUs. Its slot has its description, how it ended, and what it reported; its shadow
spaces, frames and console lie in tables of their own, by the guest's number, which is its slot's. Boot fills the slots from
the description, and nothing else reads that; so a slot can be filled later in the same way.
"""

from ovm.abi.config import GuestConfig
from ovm.abi.hypercalls import REPORT_KEYS
from ovm.core.config import CONFIG, DESCRIBED_GUESTS
from ovm.core.limits import MAX_GUESTS
from ovm.metal import Array, Struct, array, copy, fn, static, u32


class Guest(Struct, align=64):
    """One guest."""

    config: GuestConfig
    # Its vCPU, as an index of VCPUS: a guest has one.
    vcpu: u32
    exit_status: u32
    # What it was stopped for; parts of the report of that which aren't printed yet, and how much of the record is that was begun.
    stopped_why: u32
    stop_parts: u32
    stop_bytes: u32
    # A bit for each kind of refusal that has been printed.
    kinds_printed: u32
    # Report values (abi.hypercalls.REPORT_*).
    report_valid: u32
    report: Array[u32] = array(u32, REPORT_KEYS)


GUESTS = static(array(Guest, MAX_GUESTS), align=64)


@fn
def guests_fill() -> None:
    """Fill the slots from the description."""
    for index in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        copy(GUESTS[index].config, DESCRIBED_GUESTS[index])
        GUESTS[index].vcpu = index
