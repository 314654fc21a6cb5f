# SPDX-License-Identifier: Apache-2.0
"""Interrupts: each is counted by its number."""

from typing import Final

from ovm.guests.lib.devices import PRIVATE_TIMER_INTERRUPT, cpu_interface, distributor, periphbase, private_timer
from ovm.metal import Array, Struct, VirtAddr, address, array, at, fn, overlay, param, pointer, static, u8, u32, volatile_load

# A triple timer that the description gives, and the number of its first interrupt.
TIMER: Final = param(0)
TIMER_INTERRUPT: Final = param(0)
_MOST_POLLS: Final = 2_000_000
_INTERRUPTS: Final = 96
_STOP: Final = 0x21

TAKEN = static(array(u32, _INTERRUPTS))


class Triple(Struct, volatile=True):
    """The first of three counters (UG585 B.32)."""

    clock: u32
    control: u32 = at(0x0C)
    interval: u32 = at(0x24)
    status: u32 = at(0x54)
    enable: u32 = at(0x60)


class Targets(Struct, volatile=True):
    """The distributor's registers that say which CPU gets an interrupt, and the one that sends one (IHI0048B 4.3)."""

    priority: Array[u8] = array(u8, _INTERRUPTS, offset=0x400)
    target: Array[u8] = array(u8, _INTERRUPTS, offset=0x800)
    software: u32 = at(0xF00)


@fn
def targets() -> Targets:
    """Return them."""
    # SAFETY: as lib.devices.
    return overlay(Targets, periphbase() + 0x1000)


@fn
def triple() -> Triple:
    """Return the counter."""
    # SAFETY: the description gives the address.
    return overlay(Triple, VirtAddr(u32(TIMER)))


@fn
def on_interrupt() -> None:
    """Count an interrupt and silence its source."""
    interface = cpu_interface(periphbase())
    acknowledged = interface.acknowledge
    line = acknowledged & 0x3FF
    if line >= _INTERRUPTS:
        return
    TAKEN[line] = TAKEN[line] + 1
    if line == PRIVATE_TIMER_INTERRUPT:
        private_timer(periphbase()).control = 0
        private_timer(periphbase()).status = 1
    if line == TIMER_INTERRUPT:
        triple().control = _STOP
        triple().enable = triple().status & 0
    interface.end = acknowledged


@fn
def taken(line: u32) -> u32:
    """Wait for an interrupt for a bounded time; return how often it has come."""
    # SAFETY: an element of the static.
    place = pointer(u32, address(TAKEN) + line * 4)
    for _ in u32.range(_MOST_POLLS):
        if volatile_load(place) != 0:
            break
    return volatile_load(place)


@fn
def interrupts_open() -> None:
    """Enable this CPU's interface and the distributor, for group 1."""
    interface = cpu_interface(periphbase())
    interface.priority_mask = 0xF0
    interface.control = 1
    distributor(periphbase()).control = 1
