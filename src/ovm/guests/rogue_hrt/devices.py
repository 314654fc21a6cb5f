# SPDX-License-Identifier: Apache-2.0
"""Accesses to devices that the guest doesn't have: some must abort; others must have no effect and read as zero."""

from typing import Final

from ovm.guests.lib.devices import periphbase
from ovm.guests.rogue_hrt.access import FETCH, SHAPES, access, reach
from ovm.guests.rogue_hrt.attempt import DONE, value
from ovm.guests.rogue_hrt.tally import count
from ovm.metal import Ptr, VirtAddr, address, array, dsb, fn, pointer, static, table, text, u8, u32, volatile_load, volatile_store

# Zynq-7000 (UG585 4.6): each page of peripherals, and registers that would stop, reset or open things.
REFUSED: Final = table(
    u32,
    [
        0xE000_0000, 0xE000_1000, 0xE000_4000, 0xE000_6000, 0xE000_8000, 0xE000_A000, 0xE000_B000, 0xE000_D000,
        # Security of peripherals and of the interconnect.
        0xE020_0018, 0xF890_0028,
        # SLCR: lock, unlock, soft reset, DMA and CPU resets, watchdog's reset, TrustZone of OCM, DDR and DMA, OCM's place.
        0xF800_0000, 0xF800_0004, 0xF800_0008, 0xF800_0200, 0xF800_020C, 0xF800_0244, 0xF800_024C, 0xF800_0400,
        0xF800_0430, 0xF800_0440, 0xF800_0910,
        # Triple timers, the Secure side of DMA, system watchdog, DDR controller, configuration, AFI, OCM controller.
        0xF800_1000, 0xF800_2000, 0xF800_3D04, 0xF800_5000, 0xF800_6000, 0xF800_7000, 0xF800_8000, 0xF800_C000,
    ],
)  # fmt: skip
# Registers that read as zero and ignore writes: SCU (DDI0407 2.2), and group 0 of the distributor (IHI0048B 3.3), SGI 8 to 15.
IGNORED: Final = table(u32, [0x00, 0x08, 0x0C, 0x30, 0x40, 0x44, 0x50, 0x54, 0x1080, 0x1084, 0x1408, 0x140C])
# Among the private interrupts only those of group 0.
ENABLES: Final = table(u32, [0x1100, 0x1200, 0x1300])
GROUP_0: Final = 0xFF00
# Level 2: registers that the Non-secure world may not write (DDI0246 3.3).
LEVEL2: Final = 0x2000
LEVEL2_REFUSED: Final = table(u32, [0x100, 0x104, 0x108, 0x10C, 0x900, 0x904, 0x954, 0xC00, 0xC04, 0xF40, 0xF60, 0xF80])
_STORE: Final = FETCH + 1
_LOAD: Final = 0
# Debug registers of CPU 0 (ARM DDI0406C C11.11): the lock, who may debug, run control, whether it is halted.
_DEBUG: Final = 0xF889_0000
_DEBUG_LOCK: Final = 0xFB0
_DEBUG_KEY: Final = 0xC5AC_CE55
_MAY_DEBUG: Final = 0xFB8
_RUN: Final = 0x090
_HALTED: Final = 0x088
# Invasive debug of either world, and of any kind of the Secure one.
_FORBIDDEN: Final = 0b0101_0001

_GLOBAL_TIMER: Final = 0x200
_SOFTWARE: Final = 0x1F00
_TARGET: Final = 0x1800
_LAST_INTERRUPT: Final = 92
_BOTH_CPUS: Final = 0x0303_0303

# DMA, Non-secure side (DDI0424): DMAGO of channel 0 as Non-secure by the debug registers.
_DMA: Final = 0xF800_4000
_DEBUG_STATUS: Final = 0xD00
_DEBUG_COMMAND: Final = 0xD04
_DEBUG_INSTRUCTION: Final = 0xD08
_CHANNEL_STATUS: Final = 0x100
_GO: Final = 0x00A2_0000
# DMAMOV SAR and DAR, DMALD, DMAST, DMAEND; the addresses are filled in.
_PROGRAM_WORDS: Final = 8
PROGRAM = static(array(u32, _PROGRAM_WORDS), align=32)


@fn
def _load(place: u32) -> u32:
    # SAFETY: an attacker's: everything is mapped.
    return volatile_load(pointer(u32, VirtAddr(place)))


@fn
def _store(place: u32, word: u32) -> None:
    # SAFETY: as above.
    volatile_store(pointer(u32, VirtAddr(place)), word)


@fn
def _without_effect(place: u32, mask: u32, what: Ptr[u8]) -> None:
    _store(place, 0xFFFF_FFFF)
    dsb()
    count(_load(place) & mask != 0, what, place)


@fn
def reach_refused() -> None:
    """Load, fetch and store where the bus has to refuse."""
    for index in u32.range(len(REFUSED)):
        for shape in u32.range(SHAPES):
            reach(shape, REFUSED[index])
    for index in u32.range(len(LEVEL2_REFUSED)):
        reach(_STORE, u32(periphbase()) + LEVEL2 + LEVEL2_REFUSED[index])


@fn
def write_ignored() -> None:
    """Write registers of the private block that belong to OVM."""
    for index in u32.range(len(IGNORED)):
        _without_effect(u32(periphbase()) + IGNORED[index], 0xFFFF_FFFF, text("private register"))
    for index in u32.range(len(ENABLES)):
        _without_effect(u32(periphbase()) + ENABLES[index], GROUP_0, text("group 0"))
        _store(u32(periphbase()) + ENABLES[index] + 0x80, 0xFFFF_FFFF)


@fn
def storm_of_interrupts() -> None:
    """Send every SGI everywhere, and aim every shared interrupt at both CPUs, pending; then take it back.

    The other guests and OVM report whether they noticed.
    """
    gic = u32(periphbase())
    for number in u32.range(16):
        for to in u32.range(3):
            _store(gic + _SOFTWARE, to << 24 | 0x0003_0000 | number)
            _store(gic + _SOFTWARE, to << 24 | 0x0003_8000 | number)
    for line in u32.range(32, _LAST_INTERRUPT, 4):
        _store(gic + _TARGET + line, _BOTH_CPUS)
    for word in u32.range(1, 3):
        _store(gic + 0x1100 + word * 4, 0xFFFF_FFFF)
        _store(gic + 0x1200 + word * 4, 0xFFFF_FFFF)
        dsb()
        _store(gic + 0x1180 + word * 4, 0xFFFF_FFFF)
        _store(gic + 0x1280 + word * 4, 0xFFFF_FFFF)
    count(False, text("interrupts"), gic)


@fn
def move_time() -> None:
    """Set the global timer back, far ahead, and stop it. This guest may misuse it: OVM uses another clock."""
    timer = u32(periphbase()) + _GLOBAL_TIMER
    for high in u32.range(0, 0x8000_0000, 0x1000_0000):
        _store(timer + 8, 0)
        _store(timer + 4, high)
        _store(timer, 0)
        _store(timer + 8, 1)
        count(False, text("time"), high)
    _store(timer + 8, 0)


@fn
def order_a_transfer(target: u32) -> None:
    """Order the DMA controller to write at `target`. Its manager is Secure, so orders from the Non-secure side have no effect."""
    own = u32(address(PROGRAM))
    words = pointer(u32, VirtAddr(own))
    words[0] = 0x0000_00BC | own << 16
    words[1] = own >> 16 | 0x02BC_0000
    words[2] = target
    words[3] = 0x0000_0804
    dsb()
    _store(u32(periphbase()) + LEVEL2 + 0x7F0, own)
    _store(_DMA + _DEBUG_INSTRUCTION, _GO)
    _store(_DMA + _DEBUG_INSTRUCTION + 4, own)
    _store(_DMA + _DEBUG_COMMAND, 0)
    dsb()
    for _ in u32.range(100):
        count(_load(_DMA + _CHANNEL_STATUS) & 0xF != 0, text("DMA"), target)


@fn
def halt_other_cpu() -> None:
    """Halt CPU 0 by its debug registers, which would silence it for good; if it halts, let it continue, to report that."""
    access(_STORE, _DEBUG + _DEBUG_LOCK, _DEBUG_KEY)
    reached = access(_LOAD, _DEBUG + _MAY_DEBUG, 0) == DONE
    count(reached and value() & _FORBIDDEN != 0, text("debug"), _DEBUG + _MAY_DEBUG)
    access(_STORE, _DEBUG + _RUN, 1)
    reached = access(_LOAD, _DEBUG + _HALTED, 0) == DONE
    halted = reached and value() & 1 != 0
    access(_STORE, _DEBUG + _RUN, 2)
    count(halted, text("halt"), _DEBUG + _RUN)
