# SPDX-License-Identifier: Apache-2.0
"""State of the interrupt controller, and the choice of the most urgent interrupt (ARM IHI0048, GICv1 with security).

Each core has its own interrupts 0-31. A *place* numbers all that exist: core * 32 + id for these, id + 32 for the
shared ones. Words of bits are indexed by place // 32.
"""

from typing import Final

from ovm.board import events
from ovm.board.devices.signal import set_lines
from ovm.board.sizes import WORD_BITS
from ovm.board.state import LINE_FIQ, LINE_IRQ
from ovm.metal import Array, Struct, array, bound, ctz, fn, static, u8, u32

INTERRUPTS: Final = 96  # UG585 7.2: 16 SGIs, 5 PPIs, 60 SPIs in 32-91
FIRST_SHARED: Final = 32
PLACES: Final = 128
SPURIOUS: Final = u32(1023)
SPURIOUS_GROUP_1: Final = u32(1022)
IDLE: Final = u32(0x100)  # running priority when nothing is active
PRIORITY_BITS: Final = 0xF8  # five bits (Cortex-A9 MPCore TRM 3.3)
# ICDICFR1 reads 0x7DC00000 (UG585 B.24): 27, 29 and 30 rise, 28 and 31 are levels.
PRIVATE_EDGES: Final = u32(0x6800_FFFF)

# ICCICR.
ENABLE_SECURE: Final = u32(1)
ENABLE_NON_SECURE: Final = u32(2)
ACK_CONTROL: Final = 4
FIQ_ENABLE: Final = 8
SECURE_BINARY_POINT: Final = 16


class Gic(Struct):
    """Distributor and both CPU interfaces."""

    distributor: u32
    enabled: Array[u32] = array(u32, 4)
    pending: Array[u32] = array(u32, 4)  # latched
    active: Array[u32] = array(u32, 4)
    group: Array[u32] = array(u32, 4)  # 1: Non-secure
    level: Array[u32] = array(u32, 4)  # of the inputs
    edge: Array[u32] = array(u32, 4)
    priority: Array[u8] = array(u8, PLACES)
    target: Array[u8] = array(u8, PLACES)
    sources: Array[u8] = array(u8, 32)  # core * 16 + SGI: the cores that sent it
    control: Array[u32] = array(u32, 2)
    mask: Array[u32] = array(u32, 2)
    binary_point: Array[u32] = array(u32, 2)
    binary_point_ns: Array[u32] = array(u32, 2)
    held: Array[u32] = array(u32, 2)  # active priorities of group 0: bit priority >> 3
    held_ns: Array[u32] = array(u32, 2)


GIC = static(Gic)


@fn
def gic_reset() -> None:
    """Set the controller to its reset state: everything Secure and off, SGIs enabled (UG585 B.24)."""
    for word in u32.range(4):
        GIC.enabled[word] = 0xFFFF if word < 2 else 0
        GIC.edge[word] = PRIVATE_EDGES if word < 2 else 0
        GIC.pending[word] = 0
        GIC.active[word] = 0
        GIC.group[word] = 0
        GIC.level[word] = 0
    for place in u32.range(PLACES):
        GIC.priority[place] = 0
        GIC.target[place] = 0
    for source in u32.range(32):
        GIC.sources[source] = 0
    GIC.distributor = 0
    for core in u32.range(2):
        GIC.control[core] = 0
        GIC.mask[core] = 0
        GIC.binary_point[core] = 2
        GIC.binary_point_ns[core] = 3
        GIC.held[core] = 0
        GIC.held_ns[core] = 0


@fn(inline=True)
def place_of(core: u32, number: u32) -> u32:
    """Return the place of an interrupt as a core sees it."""
    return core * 32 + number if number < FIRST_SHARED else number + 32


@fn(inline=True)
def word_of(core: u32, word: u32) -> u32:
    """Return the place of the bits of interrupts 32 * word and up."""
    return core if word == 0 else word + 1


@fn
def pending_bits(word: u32) -> u32:
    """Return the pending interrupts: latched, or with a level that is up."""
    return GIC.pending[word] | (GIC.level[word] & ~GIC.edge[word])


@fn
def is_group_1(place: u32) -> bool:
    """Tell whether an interrupt is Non-secure."""
    return (GIC.group[place >> 5] >> (place & 31)) & 1 != 0


@fn(inline=False)
def most_urgent(core: u32) -> u32:
    """Return the place of the interrupt that the distributor offers a core; PLACES if there is none."""
    best = u32(PLACES)
    priority = IDLE
    for word in u32.range(3):
        bits = word_of(core, word)
        wanted = pending_bits(bits) & GIC.enabled[bits] & ~GIC.active[bits]
        if GIC.distributor & 1 == 0:
            wanted &= GIC.group[bits]
        if GIC.distributor & 2 == 0:
            wanted &= ~GIC.group[bits]
        while wanted != 0:
            bound(WORD_BITS)
            place = bits * 32 + ctz(wanted)
            wanted &= wanted - 1
            aimed = word == 0 or (u32(GIC.target[place]) >> core) & 1 != 0
            if aimed and u32(GIC.priority[place]) < priority:
                best = place
                priority = u32(GIC.priority[place])
    return best


@fn
def running_priority(core: u32) -> u32:
    """Return the group priority of the active interrupt, IDLE if there is none."""
    held = GIC.held[core] | GIC.held_ns[core]
    return IDLE if held == 0 else ctz(held) * 8


@fn
def group_mask(core: u32, place: u32) -> u32:
    """Return the part of an interrupt's priority that decides about preemption (IHI0048 3.3.3)."""
    point = GIC.binary_point[core]
    if is_group_1(place) and GIC.control[core] & SECURE_BINARY_POINT == 0:
        point = GIC.binary_point_ns[core] - 1
    return 0x1FE << point


@fn
def signalled(core: u32) -> u32:
    """Return the place of the interrupt that the CPU interface signals; PLACES if there is none."""
    place = most_urgent(core)
    if place == PLACES:
        return place
    enable = ENABLE_NON_SECURE if is_group_1(place) else ENABLE_SECURE
    if GIC.control[core] & enable == 0 or u32(GIC.priority[place]) >= GIC.mask[core]:
        return PLACES
    mask = group_mask(core, place)
    if u32(GIC.priority[place]) & mask >= running_priority(core) & mask:
        return PLACES
    return place


@fn
def _signal(core: u32) -> None:
    place = signalled(core)
    lines = u32(0)
    if place != PLACES:
        as_fiq = not is_group_1(place) and GIC.control[core] & FIQ_ENABLE != 0
        lines = u32(LINE_FIQ if as_fiq else LINE_IRQ)
    set_lines(core, lines, LINE_IRQ | LINE_FIQ)


@fn(inline=False)
def gic_update() -> None:
    """Update the lines of both cores."""
    _signal(0)
    _signal(1)


@fn
def latch(place: u32, number: u32, cores: u32) -> None:
    """Make an interrupt pending."""
    GIC.pending[place >> 5] |= 1 << (place & 31)
    events.happened(events.INTERRUPT, number, cores)


@fn
def _input(place: u32, number: u32, up: bool, cores: u32) -> None:
    bit = 1 << (place & 31)
    word = place >> 5
    before = GIC.level[word] & bit != 0
    if up == before:
        return
    GIC.level[word] = GIC.level[word] ^ bit
    if up and GIC.edge[word] & bit != 0:
        latch(place, number, cores)
    elif up:
        events.happened(events.INTERRUPT, number, cores)
    gic_update()


@fn(inline=False)
def raise_line(number: u32, up: bool) -> None:
    """Put the input of a shared interrupt (32-95) up or down; of 0, which none is, nothing happens."""
    if number == 0:
        return
    place = number + 32
    _input(place, number, up, u32(GIC.target[place]))


@fn(inline=False)
def raise_private(core: u32, number: u32, up: bool) -> None:
    """Put the input of a core's private interrupt (27-31) up or down."""
    _input(core * 32 + number, number, up, 1 << core)
