# SPDX-License-Identifier: Apache-2.0
"""The guest of an event, and names for its numbers.

The board knows nothing of guests. It says when CONTEXTIDR is written, and OVM gives each guest ASIDs of its own
(`core.memory.space`): an SRT guest one, an NRT guest one for each of its spaces and one
for the blank one. An HRT guest is alone on its CPU.
"""

from dataclasses import dataclass

from ovm.abi import hypercalls
from ovm.abi.config import SPACE_ASID, Level
from ovm.system.hardware import own_asid
from ovm.system.plan import Plan

_ASID = 0xFF
VECTORS = {
    0x00: "reset",
    0x04: "undefined instruction",
    0x08: "call",
    0x0C: "prefetch abort",
    0x10: "data abort",
    0x18: "IRQ",
    0x1C: "FIQ",
}
MODES = {0x10: "usr", 0x11: "fiq", 0x12: "irq", 0x13: "svc", 0x16: "mon", 0x17: "abt", 0x1B: "und", 0x1F: "sys"}
USER, MONITOR, SUPERVISOR, SYSTEM = 0x10, 0x16, 0x13, 0x1F
_CALLS = {
    value: name.lower()
    for name, value in vars(hypercalls).items()
    if name.isupper() and isinstance(value, int) and value & hypercalls.FAST_CALL and value & hypercalls.OWNER_MASK
}


def exception_name(vector: int, mode: int) -> str:
    """Return an exception's name, by its vector and the mode that it enters."""
    if vector == 0x08:
        return "SMC" if mode == MONITOR else "SVC"
    return VECTORS.get(vector, f"vector {vector:#x}")


def call_name(number: int) -> str:
    """Return a hypercall's name; empty for a call that isn't one, such as an application's system call."""
    results = number in (hypercalls.NOT_SUPPORTED, hypercalls.INVALID_PARAMETER, hypercalls.DENIED)
    return "" if results else _CALLS.get(number, "")


@dataclass(frozen=True)
class Guests:
    """The guests of a plan, recognised by what the hardware shows."""

    names: tuple[str, ...]
    by_asid: dict[int, int]
    by_cpu: dict[int, int]

    def running(self, cpu: int, context: int) -> int | None:
        """Return the guest whose Non-secure code a CPU executes, as its index; None if it isn't known."""
        if cpu in self.by_cpu:
            return self.by_cpu[cpu]
        return self.by_asid.get(context & _ASID)


def guests_of(plan: Plan, boot_cpu: int = 0) -> Guests:
    """Return the guests of a plan; `boot_cpu` is the board's CPU that a description calls 0."""
    levels = [each.guest.level for each in plan.guests]
    paged = [index for index, level in enumerate(levels) if level is Level.NRT]
    spaces = plan.system.level1_tables
    asids = {own_asid(spaces, index): index for index, level in enumerate(levels) if level is not Level.HRT}
    share = spaces // max(len(paged), 1)
    for place, index in enumerate(paged):
        asids |= {SPACE_ASID + place * share + space: index for space in range(share)}
    hard = {1 - boot_cpu: levels.index(Level.HRT)} if Level.HRT in levels else {}
    return Guests(tuple(each.guest.name for each in plan.guests), asids, hard)
