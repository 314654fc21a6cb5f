# SPDX-License-Identifier: Apache-2.0
"""Registers of the snoop control unit, and rights to the private block (Cortex-A9 MPCore TRM 2.2)."""

from typing import Final

from ovm.board.parameters import PARAMETERS
from ovm.board.shortcuts.changes import memory_moved
from ovm.board.state import CORES, CPU
from ovm.board.wiring import WIRING
from ovm.metal import Struct, fn, static, u32

ENABLE: Final = 1
FILTER_ENABLE: Final = 2
ACTLR_SMP: Final = 1 << 6
CONTROL: Final = 0x00
CONFIGURATION: Final = 0x04
POWER: Final = 0x08
DIAGNOSTIC: Final = 0x30
FILTER_START: Final = 0x40
FILTER_END: Final = 0x44
ACCESS: Final = 0x50
NON_SECURE_ACCESS: Final = 0x54
CONFIGURATION_VALUE: Final = 0x500  # tag RAMs of 32 KB caches; the number of cores - 1 in [1:0] (2.2.3)


class Scu(Struct):
    """Its registers."""

    control: u32
    power: u32
    diagnostic: u32
    filter_start: u32
    filter_end: u32
    access: u32
    non_secure_access: u32


SCU = static(Scu)


@fn
def scu_reset() -> None:
    """Set it to the state that the boot loader leaves, or the BootROM (PARAMETERS.boot_rom_map)."""
    SCU.control = FILTER_ENABLE
    SCU.power = 0
    SCU.diagnostic = 0
    SCU.filter_start = WIRING.scu_filter_start if PARAMETERS.boot_rom_map != 0 else 0
    SCU.filter_end = WIRING.scu_filter_end
    SCU.access = 0xF
    SCU.non_secure_access = 0


@fn(inline=True)
def filtered(physical: u32) -> bool:
    """Return whether an address of a core goes to DDR and not to the on-chip memory (UG585 4.1)."""
    inside = physical >= SCU.filter_start and physical <= (SCU.filter_end | 0xF_FFFF)
    return SCU.control & FILTER_ENABLE != 0 and inside


@fn
def scu_allows(core: u32, ns: u32, first: u32) -> bool:
    """Return whether SNSAC opens the devices of bits `first` and up to a core's Non-secure accesses (2.2.9)."""
    return ns == 0 or (SCU.non_secure_access >> (first + core)) & 1 != 0


@fn
def _coherent_cores() -> u32:
    """Return ACTLR.SMP of both cores, at its place in the configuration register."""
    other = CORES[CPU.number ^ 1]
    own = (CPU.actlr & ACTLR_SMP) >> 6 << CPU.number
    return own | (other.actlr & ACTLR_SMP) >> 6 << (CPU.number ^ 1)


@fn(inline=False)
def scu_read(core: u32, offset: u32, ns: u32) -> u32:
    """Read a register; 0 where the core has no access."""
    if (SCU.access >> core) & 1 == 0 or not scu_allows(core, ns, 0):
        return 0
    if offset == CONTROL:
        return SCU.control
    if offset == CONFIGURATION:
        return CONFIGURATION_VALUE | (WIRING.cores - 1) | _coherent_cores() << 4
    if offset == POWER:
        return SCU.power
    if offset == DIAGNOSTIC:
        return SCU.diagnostic
    if offset == FILTER_START:
        return SCU.filter_start
    if offset == FILTER_END:
        return SCU.filter_end
    if offset == ACCESS:
        return SCU.access
    return SCU.non_secure_access if offset == NON_SECURE_ACCESS else 0


@fn(inline=False)
def scu_write(core: u32, offset: u32, value: u32, ns: u32) -> None:
    """Write a register; nothing happens where the core has no access."""
    if (SCU.access >> core) & 1 == 0 or not scu_allows(core, ns, 0):
        return
    if offset == CONTROL:
        moved = (SCU.control ^ value) & FILTER_ENABLE != 0
        SCU.control = value & 0x7F
        if moved:
            memory_moved()
    elif offset == POWER:
        SCU.power = value & 0x0303
    elif offset == DIAGNOSTIC:
        SCU.diagnostic = value
    elif offset == FILTER_START:
        SCU.filter_start = value & 0xFFF0_0000
        memory_moved()
    elif offset == FILTER_END:
        SCU.filter_end = value & 0xFFF0_0000
        memory_moved()
    elif offset == ACCESS:
        SCU.access &= value
    elif offset == NON_SECURE_ACCESS and ns == 0:
        SCU.non_secure_access = value & 0xFFF
