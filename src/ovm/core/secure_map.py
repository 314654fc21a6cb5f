# SPDX-License-Identifier: Apache-2.0
"""OVM's own translation table: flat sections, one for both CPUs.

OVM's memory is Secure. All other RAM (guests, shadow tables, gate pages) is mapped as Non-secure with the same attributes as
guests' own mappings: the caches tag lines by world, so a secure alias of a guest's page would be another line (Cortex-A9 TRM
7.3; ARM B2.2.2). Devices are Device memory, never executed. Any other address faults.
"""

from typing import Final

from ovm.arm.control import SCTLR_C, SCTLR_I, SCTLR_M, SCTLR_ONES, SCTLR_Z, TTBR_WALK
from ovm.arm.cp15 import BPIALL, DACR, ICIALLU, SCTLR, TLBIALL, TTBCR, TTBR0
from ovm.arm.descriptors import LEVEL1_ENTRIES
from ovm.core.config import CONFIG
from ovm.metal import PhysAddr, address, array, cp15_write, dsb, fn, isb, static, u32

SECTION_SHIFT: Final = 20
SECTION_BYTES: Final = 1 << SECTION_SHIFT
# Section descriptors (ARM B3.5.1): domain 0, privileged read/write. Normal write-back write-allocate shareable; Device.
SECTION: Final = 0b10 | 1 << 10
NORMAL: Final = SECTION | 1 << 12 | 1 << 3 | 1 << 2 | 1 << 16
NON_SECURE: Final = 1 << 19
EXECUTE_NEVER: Final = 1 << 4
DEVICE: Final = SECTION | 1 << 2 | EXECUTE_NEVER

TABLE = static(array(u32, LEVEL1_ENTRIES), align=16384)


@fn
def _map(start: PhysAddr, length: u32, attributes: u32) -> None:
    begin = start >> SECTION_SHIFT
    end = (u32(start) + (length - 1)) >> SECTION_SHIFT
    for index in u32.range(begin, end + 1, bound=LEVEL1_ENTRIES):
        TABLE[index] = index << SECTION_SHIFT | attributes


@fn
def _map_device(base: PhysAddr) -> None:
    if u32(base) != 0:
        _map(base, 1, DEVICE)


@fn
def map_build() -> None:
    """Fill the table, RAM first, so that OVM's own part overrides it."""
    _map(CONFIG.ram_phys, CONFIG.ram_bytes, NORMAL | NON_SECURE | EXECUTE_NEVER)
    _map_device(CONFIG.uart_phys)
    _map_device(CONFIG.gic_distributor_phys)
    _map_device(CONFIG.gic_cpu_phys)
    _map_device(CONFIG.global_timer_phys)
    _map_device(CONFIG.private_timer_phys)
    _map_device(CONFIG.scu_phys)
    _map_device(CONFIG.level2_cache_phys)
    _map_device(CONFIG.slcr_phys)
    _map(CONFIG.ovm_phys, CONFIG.ovm_bytes, NORMAL)


@fn
def map_use() -> None:
    """Turn this CPU's secure MMU, caches and branch prediction on. The map is flat: execution just continues."""
    cp15_write(TTBCR, 0)
    cp15_write(TTBR0, u32(address(TABLE)) | TTBR_WALK)
    cp15_write(DACR, 1)
    cp15_write(TLBIALL, 0)
    cp15_write(ICIALLU, 0)
    cp15_write(BPIALL, 0)
    # ORDER: the table and the invalidations are complete before the first walk.
    dsb()
    isb()
    cp15_write(SCTLR, SCTLR_ONES | SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_Z)
    isb()
