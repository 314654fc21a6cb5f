# SPDX-License-Identifier: Apache-2.0
"""System level control registers (UG585 chapter 4.3, appendix B.28).

Storage behind a lock, with the values that a ZC702's boot loader leaves, and an effect where the machine has one: the
on-chip memory's place, TrustZone of memories and of the DMA controller, resets and clocks of the cores.
"""

from typing import Final

from ovm.board.code import memory_moved
from ovm.board.devices.signal import HELD_CLOCK, HELD_RESET, hold, request_reset
from ovm.board.parameters import PARAMETERS
from ovm.metal import Array, Struct, array, fn, static, table, u32

LOCK: Final = 0x004
UNLOCK: Final = 0x008
LOCK_STATUS: Final = 0x00C
LOCK_KEY: Final = u32(0x767B)
UNLOCK_KEY: Final = u32(0xDF0D)
SOFT_RESET: Final = 0x200
DMA_RESET: Final = 0x20C
SDIO_RESET: Final = 0x218
CORE_RESET: Final = 0x244  # A9_CPU_RST_CTRL: resets in [1:0], stopped clocks in [5:4]
BOOT_MODE: Final = 0x25C
WATCHDOG_RESET: Final = 0x24C  # RS_AWDT_CTRL: a bit per core whose watchdog resets that core alone
TZ_OCM_RAM0: Final = 0x400
TZ_OCM: Final = 0x408
TZ_DDR_RAM: Final = 0x430
TZ_DMA_NS: Final = 0x440
TZ_DMA_IRQ_NS: Final = 0x444
TZ_SDIO: Final = 0x454  # bit 0: SDIO0 reaches as a Non-secure master
OCM_CFG: Final = 0x910
WORDS: Final = 0xC00 // 4

# PLL and clock registers: U-Boot, board/xilinx/zynq/zynq-zc702/ps7_init_gpl.c; the others: UG585 B.28.
RESETS: Final = (
    (0x100, 0x0002_8008),  # ARM PLL: 33.333 MHz x 40
    (0x104, 0x0002_0008),  # DDR PLL: x 32
    (0x108, 0x0001_E008),  # IO PLL: x 30
    (0x10C, 0x0000_003F),  # all locked and stable
    (0x110, 0x000F_A220),
    (0x114, 0x0012_C220),
    (0x118, 0x0014_52C0),
    (0x120, 0x1F00_0200),  # CPU: ARM PLL / 2
    (0x124, 0x0C20_0003),  # DDR: / 2 and / 3
    (0x128, 0x0030_2301),
    (0x12C, 0x01EC_044D),
    (0x154, 0x0000_1402),  # UART: IO PLL / 20 = 50 MHz
    (0x168, 0x0000_0501),
    (0x170, 0x0020_0500),
    (0x1C4, 0x0000_0001),  # 6:2:1
    (0x258, 0x0040_0000),  # reboot status: power on
    (0x25C, 0x0000_0005),  # boot mode: SD card
    (0x530, 0x0372_7093),  # XC7Z020
    (0x910, 0x0000_001F),  # U-Boot, arch/arm/mach-zynq/cpu.c: on-chip memory high
    (0xA1C, 0x0001_0101),
    (0xB74, 0x0000_2000),  # DDRIOB_DCI_STATUS: calibrated, which ps7_init waits for
)
# OCM_CFG after the BootROM: the uppermost 64 KB high, the rest low (UG585 29.4).
BOOT_ROM_OCM: Final = 0x18
OFFSETS = table(u32, [offset for offset, _ in RESETS])
VALUES = table(u32, [value for _, value in RESETS])


class Slcr(Struct):
    """All registers, and what was sampled from them."""

    words: Array[u32] = array(u32, WORDS)
    locked: u32
    dma_manager_ns: u32
    dma_interrupt_ns: u32


SLCR = static(Slcr)


@fn
def slcr_reset() -> None:
    """Set it to the state that the boot loader leaves."""
    for index in u32.range(WORDS):
        SLCR.words[index] = 0
    for index in u32.range(len(RESETS)):
        SLCR.words[OFFSETS[index] >> 2] = VALUES[index]
    if PARAMETERS.boot_rom_map != 0:
        SLCR.words[OCM_CFG // 4] = BOOT_ROM_OCM
    SLCR.locked = 1
    _sample_dma()


@fn
def slcr_boot(mode: u32) -> None:
    """Set it to the state that the BootROM leaves, in this boot mode (UG585 6.2.5, 29.4)."""
    SLCR.words[BOOT_MODE // 4] = mode
    SLCR.words[OCM_CFG // 4] = BOOT_ROM_OCM


@fn
def _sample_dma() -> None:
    """Sample the DMA controller's security, which it takes from pins when it leaves reset (UG585 9.2.2)."""
    SLCR.dma_manager_ns = SLCR.words[TZ_DMA_NS // 4] & 1
    SLCR.dma_interrupt_ns = SLCR.words[TZ_DMA_IRQ_NS // 4] & 0xFFFF


@fn(inline=False)
def slcr_read(offset: u32) -> u32:
    """Read a register."""
    if offset == LOCK_STATUS:
        return SLCR.locked
    if offset == LOCK or offset == UNLOCK or offset >= WORDS * 4:
        return u32(0)
    return SLCR.words[offset >> 2]


@fn
def _take_effect(offset: u32, value: u32) -> None:
    if offset == SOFT_RESET and value & 1 != 0:
        request_reset()
    elif offset == CORE_RESET:
        for core in u32.range(2):
            reset = HELD_RESET if (value >> core) & 1 != 0 else u32(0)
            clock = u32(HELD_CLOCK) if (value >> (core + 4)) & 1 != 0 else u32(0)
            hold(core, reset | clock)


@fn(inline=False)
def slcr_write(offset: u32, value: u32) -> bool:
    """Write a register; True when the DMA controller was reset by it."""
    if offset == LOCK or offset == UNLOCK:
        if value & 0xFFFF == (LOCK_KEY if offset == LOCK else UNLOCK_KEY):
            SLCR.locked = u32(offset == LOCK)
        return False
    if SLCR.locked != 0 or offset >= WORDS * 4 or _read_only(offset):
        return False
    before = SLCR.words[offset >> 2]
    SLCR.words[offset >> 2] = value
    _take_effect(offset, value)
    if offset == OCM_CFG and before != value:
        memory_moved()
    if offset == DMA_RESET and before & 1 != 0 and value & 1 == 0:
        _sample_dma()
        return True
    return False


@fn
def _read_only(offset: u32) -> bool:
    return offset == 0x10C or offset == 0x258 or offset == 0x25C or offset == 0x530


@fn
def watchdog_resets_core(number: u32) -> bool:
    """Return whether a core's private watchdog resets that core, and not the machine (UG585 B.28)."""
    return (SLCR.words[WATCHDOG_RESET // 4] >> number) & 1 != 0


@fn(inline=True)
def ddr_open(physical: u32) -> bool:
    """Return whether Non-secure accesses reach a byte of DDR: a bit of TZ_DDR_RAM for each 64 MB (UG1019)."""
    return (SLCR.words[TZ_DDR_RAM // 4] >> (physical >> 26)) & 1 != 0


@fn(inline=True)
def ocm_open(offset: u32) -> bool:
    """Return whether Non-secure accesses reach a byte of on-chip memory: a bit for each 4 KB (UG1019)."""
    block = offset >> 12
    return (SLCR.words[TZ_OCM_RAM0 // 4 + (block >> 5)] >> (block & 31)) & 1 != 0


@fn(inline=True)
def ocm_is_high(block: u32) -> bool:
    """Return whether a block of 64 KB of the on-chip memory lies at 0xFFFC_0000 and up (UG585 29.4)."""
    return (SLCR.words[OCM_CFG // 4] >> block) & 1 != 0
