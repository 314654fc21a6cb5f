# SPDX-License-Identifier: Apache-2.0
"""The interrupt controller: OVM's interrupts (group 0) and the HRT guest's (group 1).

GICv1 with Security Extensions (ARM IHI0048). Group 0 interrupts are signalled as FIQ and go to Monitor; an HRT
guest's own are group 1 and reach it as IRQ without OVM. Non-secure code can neither see nor mask group 0. All of
OVM's interrupts have one priority, so an acknowledged one holds back every other until it is ended.
"""

from typing import Final

from ovm.core.config import CONFIG
from ovm.core.cpu import physical_number
from ovm.metal import Array, Struct, VirtAddr, array, at, bound, ctz, fn, overlay, u8, u32

WORD_INTERRUPTS: Final = 32  # in a word of the distributor
SPURIOUS: Final = u32(1020)
# Running priority while nothing is active.
IDLE: Final = u32(0xFF)
INTERRUPT_ID: Final = 0x3FF
PRIVATE_TIMER: Final = 29
# OVM's SGIs are of group 0: no guest can send them (IHI0048 4.3.15). It keeps 8-15, since operating systems begin with SGI 0.
# This one tells another CPU to stop for ever.
SGI_PARK: Final = 8
# SGIs by which CPU 1 tells CPU 0 that it was reset, and that OVM failed there.
SGI_RESET: Final = 9
SGI_FAILED: Final = 10
# Private interrupts of group 1 on an HRT guest's CPU: SGIs 0-7 and all PPIs, its timers among them.
GUEST_PRIVATE: Final = u32(0xFFFF_00FF)
# The register that sends one, from CBAR on (MPCore TRM 1.5, IHI0048 4.3.15).
SOFTWARE_INTERRUPT: Final = 0x1F00

# Secure priorities; the Non-secure half begins at 0x80 (IHI0048 3.5).
PRIORITY_OVM: Final = u8(0x40)
PRIORITY_GUEST: Final = u8(0xA0)
# Above the Non-secure half's lowest: the secure mask must not hide group 1.
PRIORITY_MASK: Final = u32(0xF0)
# Below all of that half: group 1 stays out, and Non-secure code can't change the mask (IHI0048 3.5.3).
PRIORITY_MASK_GROUP_0: Final = u32(0x78)
# Nested interrupts and senders of SGIs, at most: 32 priorities; 16 SGIs from each of 8 CPUs.
MOST_ACTIVE: Final = 32
MOST_PENDING: Final = 128
BOTH_CPUS: Final = u8(0b11)
# Two bits for each interrupt: sensitive to levels (IHI0048 4.3.11).
LEVELS: Final = 0x5555_5555

ENABLE_GROUP_0: Final = 1
ENABLE_GROUP_1: Final = 2
# A Secure acknowledge takes group 1 too, and a Secure end ends it (IHI0048 4.4.1).
ACKNOWLEDGE_ALL: Final = 4
GROUP_0_AS_FIQ: Final = 8


# The most that the architecture has: words with a bit for each interrupt (GIC 4.3.2).
INTERRUPT_WORDS: Final = 32
INTERRUPTS: Final = 32 * INTERRUPT_WORDS


class Distributor(Struct, volatile=True):
    """Registers of the distributor."""

    control: u32
    kind: u32
    group: Array[u32] = array(u32, INTERRUPT_WORDS, offset=0x80)
    enable: Array[u32] = array(u32, INTERRUPT_WORDS, offset=0x100)
    disable: Array[u32] = array(u32, INTERRUPT_WORDS, offset=0x180)
    clear_pending: Array[u32] = array(u32, INTERRUPT_WORDS, offset=0x280)
    active: Array[u32] = array(u32, INTERRUPT_WORDS, offset=0x300)
    priority: Array[u8] = array(u8, INTERRUPTS, offset=0x400)
    target: Array[u8] = array(u8, INTERRUPTS, offset=0x800)
    kinds: Array[u32] = array(u32, 2 * INTERRUPT_WORDS, offset=0xC00)
    software: u32 = at(0xF00)


class CpuInterface(Struct, volatile=True):
    """Registers of this CPU's interface."""

    control: u32
    priority_mask: u32
    binary_point: u32
    acknowledge: u32
    end: u32
    running: u32
    non_secure_binary_point: u32 = at(0x1C)


@fn
def distributor() -> Distributor:
    """Return the registers of the distributor."""
    # SAFETY: the build gives the address, and the secure map has it as a device.
    return overlay(Distributor, VirtAddr(u32(CONFIG.gic_distributor_phys)))


@fn(inline=True)
def cpu_interface() -> CpuInterface:
    """Return the registers of this CPU's interface."""
    # SAFETY: as above.
    return overlay(CpuInterface, VirtAddr(u32(CONFIG.gic_cpu_phys)))


@fn
def _words(gic: Distributor) -> u32:
    """Return the number of words of 32 interrupts."""
    return (gic.kind & 0x1F) + 1


@fn
def gic_quiet() -> None:
    """Disable all devices' interrupts, before either CPU ends interrupts that a boot loader has acknowledged."""
    gic = distributor()
    gic.control = 0
    for word in u32.range(1, _words(gic), bound=INTERRUPT_WORDS):
        gic.disable[word] = 0xFFFF_FFFF
        gic.clear_pending[word] = 0xFFFF_FFFF


@fn
def _most_urgent_active(gic: Distributor) -> u32:
    """Return the active interrupt of highest priority; SPURIOUS if none is active."""
    best = SPURIOUS
    priority = IDLE
    for word in u32.range(_words(gic), bound=INTERRUPT_WORDS):
        bits = gic.active[word]
        while bits != 0:
            bound(WORD_INTERRUPTS)
            line = word * 32 + ctz(bits)
            bits &= bits - 1
            if u32(gic.priority[line]) < priority:
                priority = u32(gic.priority[line])
                best = line
    return best


@fn
def _active_end(gic: Distributor, interface: CpuInterface) -> None:
    """End interrupts that were acknowledged on this CPU and never ended: until then no interrupt of the same priority is
    signalled.

    They are ended in the order of their priorities, as the last one acknowledged has to be ended first (IHI0048 4.4.5). The
    active
    register doesn't say which CPU sent an SGI; it is ended for both.
    """
    for _ in u32.range(MOST_ACTIVE):
        if interface.running == IDLE:
            return
        line = _most_urgent_active(gic)
        interface.end = line
        if line < 16 and gic.active[0] >> line & 1 != 0:
            interface.end = (1 << 10) | line


@fn
def gic_end_all() -> None:
    """End this CPU's active interrupts and clear pending SGIs, which only acknowledging clears."""
    gic = distributor()
    interface = cpu_interface()
    gic.disable[0] = 0xFFFF_FFFF
    gic.clear_pending[0] = 0xFFFF_FFFF
    interface.control = ACKNOWLEDGE_ALL
    _active_end(gic, interface)
    for line in u32.range(16):
        gic.priority[line] = PRIORITY_OVM
    interface.priority_mask = PRIORITY_MASK
    # The CPU takes none of them: all exceptions are masked here.
    interface.control = ACKNOWLEDGE_ALL | ENABLE_GROUP_0 | ENABLE_GROUP_1
    gic.control = ENABLE_GROUP_0 | ENABLE_GROUP_1
    for _ in u32.range(MOST_PENDING):
        value = interface.acknowledge
        if value & INTERRUPT_ID >= SPURIOUS:
            break
        interface.end = value
    interface.control = 0


@fn
def gic_start_shared() -> None:
    """Set up what both CPUs share: devices' interrupts off, levels, group 1.

    They are aimed at both CPUs, although CPU 0 takes none of group 1: a system that finds all of them aimed at its own CPU alone
    takes the distributor for its own and turns it off when it starts (Xilinx's XScuGic_Stop).
    """
    gic = distributor()
    gic.control = 0
    words = _words(gic)
    for word in u32.range(1, words, bound=INTERRUPT_WORDS):
        gic.group[word] = 0xFFFF_FFFF
        gic.kinds[word * 2] = LEVELS
        gic.kinds[word * 2 + 1] = LEVELS
        gic.clear_pending[word] = 0xFFFF_FFFF
    for line in u32.range(32, words * 32, bound=INTERRUPTS):
        gic.priority[line] = PRIORITY_GUEST
        gic.target[line] = BOTH_CPUS
    gic.control = ENABLE_GROUP_0 | ENABLE_GROUP_1


@fn
def gic_start_cpu(hard: bool) -> None:
    """Set up this CPU's private interrupts and interface; `hard` if an HRT guest runs here."""
    gic = distributor()
    # On other CPUs everything private is OVM's.
    group_1 = GUEST_PRIVATE if hard else u32(0)
    gic.group[0] = group_1
    for line in u32.range(32):
        gic.priority[line] = PRIORITY_GUEST if group_1 >> line & 1 != 0 else PRIORITY_OVM
    if not hard:
        gic.enable[0] = 1 << PRIVATE_TIMER | 1 << SGI_RESET | 1 << SGI_FAILED
    interface = cpu_interface()
    # Where no HRT guest runs, no interrupt of group 1 may come, even if an HRT guest makes this CPU open it (core.entry.gate).
    interface.priority_mask = PRIORITY_MASK if hard else PRIORITY_MASK_GROUP_0
    interface.binary_point = 3
    interface.non_secure_binary_point = 3
    # The HRT guest enables group 1 itself, through its own view of this register.
    interface.control = ENABLE_GROUP_0 | GROUP_0_AS_FIQ


@fn(inline=True)
def acknowledge() -> u32:
    """Take the pending interrupt; return the value that `end` needs."""
    return cpu_interface().acknowledge


@fn(inline=True)
def end(value: u32) -> None:
    """End an acknowledged interrupt."""
    cpu_interface().end = value


@fn
def send_park(cpu: u32) -> None:
    """Tell a CPU to stop for ever."""
    distributor().software = 0x10000 << physical_number(cpu) | SGI_PARK
