# SPDX-License-Identifier: Apache-2.0
"""System level control registers (UG585 chapter 4.3, appendix B.28).

Storage behind a lock, with the values that the board's boot loader leaves, and an effect where the machine has one: the
on-chip memory's place, TrustZone of memories and of the DMA controller, resets and clocks of the cores.
"""

from typing import Final

from ovm.board.devices.signal import HELD_CLOCK, HELD_RESET, hold, request_reset
from ovm.board.parameters import PARAMETERS
from ovm.board.shortcuts.changes import memory_moved
from ovm.board.sizes import MOST_CORES
from ovm.board.wiring import WIRING
from ovm.metal import Array, Struct, array, fn, static, u32, u64

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
PLL_CONTROL: Final = 0x100  # of the ARM, DDR and IO PLL
PLL_BYPASSED: Final = 0x10
ARM_CLOCK: Final = 0x120
UART_CLOCK: Final = 0x154
IO_PLL: Final = 2
TZ_OCM_RAM0: Final = 0x400
TZ_OCM: Final = 0x408
TZ_DDR_RAM: Final = 0x430
TZ_DMA_NS: Final = 0x440
TZ_DMA_IRQ_NS: Final = 0x444
TZ_SDIO: Final = 0x454  # bit 0: SDIO0 reaches as a Non-secure master
OCM_CFG: Final = 0x910
WORDS: Final = 0xC00 // 4

# OCM_CFG after the BootROM: the uppermost 64 KB high, the rest low (UG585 29.4).
BOOT_ROM_OCM: Final = 0x18


class Slcr(Struct):
    """All registers, and what was sampled from them."""

    words: Array[u32] = array(u32, WORDS)
    locked: u32
    dma_manager_ns: u32
    dma_interrupt_ns: u32


SLCR = static(Slcr)
# The state that a boot loader leaves; the host program fills it in from the board file.
SLCR_RESETS = static(array(u32, WORDS))


@fn
def slcr_reset() -> None:
    """Set it to the state that the boot loader leaves."""
    for index in u32.range(WORDS):
        SLCR.words[index] = SLCR_RESETS[index]
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
        return 0
    return SLCR.words[offset >> 2]


@fn
def _take_effect(offset: u32, value: u32) -> None:
    if offset == SOFT_RESET and value & 1 != 0:
        request_reset()
    elif offset == CORE_RESET:
        for core in u32.range(WIRING.cores, bound=MOST_CORES):
            reset = HELD_RESET if (value >> core) & 1 != 0 else u32(0)
            clock = u32(HELD_CLOCK if (value >> (core + 4)) & 1 != 0 else 0)
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
def _multiplier(pll: u32) -> u64:
    """Return the multiplier of a PLL (UG585 25.10.4)."""
    control = SLCR.words[PLL_CONTROL // 4 + pll]
    return 1 if control & PLL_BYPASSED != 0 else u64(max((control >> 12) & 0x7F, u32(1)))


@fn
def _divisor(clock: u32) -> u64:
    return u64(max((SLCR.words[clock // 4] >> 8) & 0x3F, u32(1)))


@fn(inline=False)
def cycles_of_uart_clock(clocks: u64) -> u64:
    """Return CPU cycles from clocks of the UARTs' reference: both rates are PLLs' and divisors' (UG585 25.2, B.28)."""
    of_uart = (SLCR.words[UART_CLOCK // 4] >> 4) & 3
    of_cpu = (SLCR.words[ARM_CLOCK // 4] >> 4) & 3
    uart_pll = u32(IO_PLL) if of_uart < 2 else of_uart - 2
    cpu_pll = u32(0) if of_cpu < 2 else of_cpu - 1
    ahead = clocks * (_multiplier(cpu_pll) * _divisor(UART_CLOCK))
    return ahead // (_divisor(ARM_CLOCK) * _multiplier(uart_pll))


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
    """Return whether a block of 64 KB of the on-chip memory lies at the top of the address space (UG585 29.4)."""
    return (SLCR.words[OCM_CFG // 4] >> block) & 1 != 0
