# SPDX-License-Identifier: Apache-2.0
"""The one frozen structure that `system` gives to `core`: finished addresses and counts.

`system` packs it with the layouts below; the boot image carries it in read-only memory. Core never sees the description.
"""

from typing import Final

from ovm.abi.vcpu_page import ARGUMENTS
from ovm.metal import Array, Bits, Enum, PhysAddr, Struct, array, flag, u8, u16, u32

# The places of a trap's pc and PSR in the gate page.
TRAP_OFFSET: Final = 0x800
# Second-level tables that an NRT guest has at least: fewer could not hold one instruction and all its data.
LEAST_SHARE: Final = 4
FRAME_BYTES: Final = 4096
NAME_BYTES: Final = 16
START_REGISTERS: Final = 3
# Of a core's TLB lock entries, OVM's own: its section and the gate page.
OVM_LOCK_ENTRIES: Final = 2
# ASIDs: nobody owns 0, which is current while TTBR0 changes. This is the first shadow space's. Behind those of all spaces
# each guest has one of its own: an SRT guest runs with it, an NRT guest while it has no space.
SPACE_ASID: Final = 1

# Protection keys, a byte for each frame: 0 is OVM, a guest's is its index + 1; channels' keys follow behind those of all guests.
# KEY_FREE is memory of the pool, KEY_NONE is memory without an owner, or no memory at all.
KEY_OVM: Final = 0
KEY_FREE: Final = 0xFE
KEY_NONE: Final = 0xFF


class Level(Enum, width=u8):
    """Real-time level of a guest."""

    HRT = 1
    SRT = 2
    NRT = 3


class GuestState(Enum, width=u8):
    """Life of a guest."""

    UNUSED = 0
    READY = 1
    WAITING = 2
    EXITED = 3
    STOPPED = 4
    HELD = 5


class GuestFlags(Bits):
    """Rights and options of a guest."""

    manager = flag(0)
    # Not started at boot; a manager starts it.
    held = flag(1)
    # Its console takes input.
    input = flag(2)
    # TPIDRPRW and TPIDRURW have changed places in its kernel's code (ovm.linux.patch).
    thread_swap = flag(3)
    # Its kernel has patched words, which are SVCs (core.trap.patched).
    patched = flag(4)


class RegionFlags(Bits):
    """Options of a region."""

    writable = flag(0)
    device = flag(1)
    # No content is loaded into it: OVM clears it at boot.
    empty = flag(2)


class GuestConfig(Struct, size=128):
    """One guest. Addresses named gpa are guest-physical, `phys` physical; sizes in bytes."""

    name: Array[u8] = array(u8, NAME_BYTES)
    level: Level
    cpu: u8
    key: u8
    # Domain of a deprivileged guest; of an NRT guest that of its user view, and the next one is its kernel view's.
    domain: u8
    flags: GuestFlags
    entry_gpa: u32
    # The vCPU page (SRT, NRT), or the HrtPage (HRT, where gpa = phys); inside RAM or image.
    page_gpa: u32

    # What a fill needs, in one cache line.
    ram_gpa: u32
    ram_bytes: u32
    # HRT, SRT: the address of its RAM. NRT: 0, frames come from the pool.
    ram_phys: PhysAddr
    # NRT: most frames it may hold; its table of guest frame -> frame number (u32 each), one per RAM page.
    frame_limit: u32
    frame_map_phys: PhysAddr
    # NRT: the loaded image, frames that are its own from the start. HRT, SRT: inside its RAM.
    image_gpa: u32
    image_phys: PhysAddr
    image_bytes: u32

    # SRT: bytes of one mapping, 1 MiB or 16 MiB; its level-1 table, 16 KiB aligned; lock entries it uses.
    section_bytes: u32
    table_phys: PhysAddr
    lock_entries: u32
    # SRT reservation, in timer ticks; NRT: both 0.
    budget_ticks: u32
    period_ticks: u32
    argument: Array[u32] = array(u32, ARGUMENTS)
    # Patched kernels: r0 to r2 at the start.
    start: Array[u32] = array(u32, START_REGISTERS)
    # Bytes that the boot image loads, whole pages from the start of RAM (NRT: of the image); OVM clears the rest at boot.
    loaded_bytes: u32


class RegionConfig(Struct, size=32):
    """Memory or a device that a guest reaches besides its RAM, physically contiguous."""

    guest: u8
    key: u8
    reserved: u16
    flags: RegionFlags
    gpa: u32
    phys: PhysAddr
    length: u32
    # A channel's end: least ticks between two doorbell interrupts here.
    ring_ticks: u32


class CoreConfig(Struct, size=128):
    """All data about its system in one built hypervisor."""

    guest_count: u32
    region_count: u32
    cpu_count: u32
    timer_hz: u32
    # Whole RAM of the board; the frame table has one byte per 4 KiB of it, at frame_table_phys.
    ram_phys: PhysAddr
    ram_bytes: u32
    frame_table_phys: PhysAddr
    # OVM's own image, data and tables: sections of the secure map, out of the Non-secure world's reach.
    ovm_phys: PhysAddr
    ovm_bytes: u32
    # Frames for NRT guests, and in OVM's own memory room for the number of each that came back (u32 each).
    pool_phys: PhysAddr
    pool_bytes: u32
    returned_phys: PhysAddr
    # Shadow tables: a block of level-1 tables (16 KiB each) and one of level-2 tables (1 KiB each). The first block
    # holds one more than its count: the blank space's.
    level1_phys: PhysAddr
    level1_count: u32
    level2_phys: PhysAddr
    level2_count: u32
    # The gate pages, one per CPU (non-secure memory), and the place in the first one where the gate stores pc and PSR.
    gate_phys: PhysAddr
    trap_phys: PhysAddr
    # Ticks of one NRT turn; ticks after which the run ends (low, high; 0: when every guest has ended).
    turn_ticks: u32
    run_ticks_low: u32
    run_ticks_high: u32
    # Board: device bases.
    uart_phys: PhysAddr
    gic_distributor_phys: PhysAddr
    gic_cpu_phys: PhysAddr
    global_timer_phys: PhysAddr
    private_timer_phys: PhysAddr
    scu_phys: PhysAddr
    level2_cache_phys: PhysAddr
    slcr_phys: PhysAddr
    # The number of parts that the boot image loads besides OVM, in LOADS; the board's oscillator in Hz (0: the clock isn't
    # checked).
    load_count: u32
    ps_clk_hz: u32


class SecurityConfig(Struct, size=8):
    """A register that opens devices to the Non-secure world, and its bits that are to be set."""

    phys: PhysAddr
    open: u32


class LoadConfig(Struct, size=32):
    """A part that the boot image loads at one address: whole words, with their CRC-32 (IEEE 802.3, as zlib's)."""

    name: Array[u8] = array(u8, NAME_BYTES)
    phys: PhysAddr
    length: u32
    crc: u32
