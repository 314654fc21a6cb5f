# SPDX-License-Identifier: Apache-2.0
"""The CPU interfaces of the interrupt controller (ARM IHI0048 4.4; Cortex-A9 MPCore TRM 3.4)."""

from typing import Final

from ovm.board import events
from ovm.board.devices.gic_state import (
    ACK_CONTROL,
    ENABLE_NON_SECURE,
    FIRST_SHARED,
    GIC,
    IDLE,
    INTERRUPTS,
    PLACES,
    PRIORITY_BITS,
    SECURE_BINARY_POINT,
    SPURIOUS,
    SPURIOUS_GROUP_1,
    gic_update,
    group_mask,
    is_group_1,
    most_urgent,
    place_of,
    running_priority,
    signalled,
)
from ovm.metal import ctz, fn, u8, u32

CONTROL: Final = 0x00
PRIORITY_MASK: Final = 0x04
BINARY_POINT: Final = 0x08
ACKNOWLEDGE: Final = 0x0C
END: Final = 0x10
RUNNING: Final = 0x14
HIGHEST: Final = 0x18
ALIASED_BINARY_POINT: Final = 0x1C
IDENTIFICATION: Final = 0xFC
IDENTITY: Final = u32(0x3901_243B)  # MPCore TRM 3.4, r3p0
LEAST_BINARY_POINT: Final = u32(2)  # the most that five priority bits allow (IHI0048 3.3.3)


@fn
def seen_number(place: u32) -> u32:
    """Return the interrupt number of a place."""
    return place & 31 if place < 64 else place - 32


@fn
def _hidden(core: u32, place: u32, ns: u32) -> u32:
    """Return the number that stands for an interrupt which the reader may not take, 0 if it may."""
    if place == PLACES:
        return SPURIOUS
    if is_group_1(place):
        return SPURIOUS_GROUP_1 if ns == 0 and GIC.control[core] & ACK_CONTROL == 0 else 0
    return SPURIOUS if ns != 0 else 0


@fn
def _take_source(core: u32, number: u32) -> u32:
    """Take one sender of an SGI; it stays pending while there are others."""
    index = core * 16 + number
    source = ctz(u32(GIC.sources[index]))
    GIC.sources[index] = u8(u32(GIC.sources[index]) & ~(1 << source))
    if GIC.sources[index] == 0:
        GIC.pending[core] &= ~(1 << number)
    return source << 10


@fn(inline=False)
def acknowledge(core: u32, ns: u32, look: bool) -> u32:
    """Read ICCIAR; `look` changes nothing."""
    place = signalled(core)
    hidden = _hidden(core, place, ns)
    if hidden != 0:
        return hidden
    number = seen_number(place)
    if look:
        return number
    bit = 1 << (place & 31)
    GIC.active[place >> 5] |= bit
    held = 1 << ((u32(GIC.priority[place]) & group_mask(core, place)) >> 3)
    if is_group_1(place):
        GIC.held_ns[core] |= held
    else:
        GIC.held[core] |= held
    source = u32(0)
    if number < 16:
        source = _take_source(core, number)
    else:
        GIC.pending[place >> 5] &= ~bit
    events.happened(events.ACKNOWLEDGE, number, 0)
    gic_update()
    return number | source


@fn
def end(core: u32, value: u32, ns: u32) -> None:
    """Write ICCEOIR: drop the running priority and make the interrupt inactive."""
    number = value & 0x3FF
    if number >= INTERRUPTS or running_priority(core) == IDLE:
        return
    place = place_of(core, number)
    if is_group_1(place):
        GIC.held_ns[core] &= GIC.held_ns[core] - 1
    elif ns == 0:
        GIC.held[core] &= GIC.held[core] - 1
    else:
        return
    GIC.active[place >> 5] &= ~(1 << (place & 31))
    gic_update()


@fn
def non_secure_priority(priority: u32) -> u32:
    """Return a priority as Non-secure code sees it (IHI0048 3.5.2)."""
    return (priority << 1) & 0xFF if priority & 0x80 != 0 else 0


@fn
def _highest(core: u32, ns: u32) -> u32:
    place = most_urgent(core)
    hidden = _hidden(core, place, ns)
    if hidden != 0:
        return hidden
    number = seen_number(place)
    return number if number >= FIRST_SHARED or number >= 16 else number | ctz(u32(GIC.sources[core * 16 + number])) << 10


@fn
def _binary_point(core: u32, ns: u32) -> u32:
    if ns == 0:
        return GIC.binary_point[core]
    if GIC.control[core] & SECURE_BINARY_POINT != 0:
        return min(GIC.binary_point[core] + 1, 7)
    return GIC.binary_point_ns[core]


@fn(inline=False)
def interface_read(core: u32, offset: u32, ns: u32, look: bool) -> u32:
    """Read a register of a core's interface."""
    if offset == ACKNOWLEDGE:
        return acknowledge(core, ns, look)
    if offset == CONTROL:
        return GIC.control[core] if ns == 0 else (GIC.control[core] >> 1) & 1
    if offset == PRIORITY_MASK:
        return GIC.mask[core] if ns == 0 else non_secure_priority(GIC.mask[core])
    if offset == BINARY_POINT:
        return _binary_point(core, ns)
    if offset == RUNNING:
        running = running_priority(core)
        if running == IDLE:
            return 0xFF
        return running if ns == 0 else non_secure_priority(running)
    if offset == HIGHEST:
        return _highest(core, ns)
    if offset == ALIASED_BINARY_POINT and ns == 0:
        return GIC.binary_point_ns[core]
    return IDENTITY if offset == IDENTIFICATION else 0


@fn
def _write_control(core: u32, value: u32, ns: u32) -> None:
    if ns == 0:
        GIC.control[core] = value & 0x1F
    else:
        GIC.control[core] = (GIC.control[core] & ~ENABLE_NON_SECURE) | (value & 1) << 1


@fn
def _write_mask(core: u32, value: u32, ns: u32) -> None:
    if ns == 0:
        GIC.mask[core] = value & PRIORITY_BITS
    elif GIC.mask[core] & 0x80 != 0:
        GIC.mask[core] = (0x80 | (value & 0xFF) >> 1) & PRIORITY_BITS


@fn(inline=False)
def interface_write(core: u32, offset: u32, value: u32, ns: u32) -> None:
    """Write a register of a core's interface."""
    if offset == END:
        end(core, value, ns)
        return
    if offset == CONTROL:
        _write_control(core, value, ns)
    elif offset == PRIORITY_MASK:
        _write_mask(core, value, ns)
    elif offset == BINARY_POINT and ns == 0:
        GIC.binary_point[core] = max(value & 7, LEAST_BINARY_POINT)
    elif offset == ALIASED_BINARY_POINT and ns == 0 or offset == BINARY_POINT and GIC.control[core] & SECURE_BINARY_POINT == 0:
        GIC.binary_point_ns[core] = max(value & 7, LEAST_BINARY_POINT + 1)
    gic_update()
