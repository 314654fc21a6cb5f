# SPDX-License-Identifier: Apache-2.0
"""The identification of the core: Cortex-A9 r3p0 MPCore as in Zynq-7000 (A9 4.2.1, 4.3.1 to 4.3.8)."""

from typing import Final

from ovm.board.state import CPU
from ovm.board.worlds import world
from ovm.metal import fn, u32

MIDR: Final = 0x413F_C090  # r3p0: Linux boot logs of Zynq boards
CTR: Final = 0x8333_8003  # A9 4.3.2
TLBTR: Final = 0x0000_0402  # 4 lockable entries, 128 set-associative ones (A9 4.3.2)
ID_PFR0: Final = 0x0000_1231
ID_PFR1: Final = 0x0000_0011
ID_DFR0: Final = 0x0001_0444
ID_MMFR0: Final = 0x0010_0103
ID_MMFR1: Final = 0x2000_0000
ID_MMFR2: Final = 0x0123_0000
ID_MMFR3: Final = 0x0010_2111
ID_ISAR0: Final = 0x0010_1111  # no SDIV, UDIV
ID_ISAR1: Final = 0x1311_2111
ID_ISAR2: Final = 0x2123_2041
ID_ISAR3: Final = 0x1111_2131
ID_ISAR4: Final = 0x0001_1142
CLIDR: Final = 0x0920_0003  # separate L1 caches, coherency and unification at level 2
CCSIDR_DATA: Final = u32(0x701F_E019)  # 32 KiB, 4 ways, 32-byte lines
CCSIDR_INSTRUCTION: Final = u32(0x201F_E019)
CSSELR_WRITABLE: Final = 0xF
MPIDR_FORMAT: Final = 0x8000_0000  # multiprocessing extensions; cluster 0


@fn
def read_mpidr(offset: u32, mask: u32) -> u32:
    """Return MPIDR."""
    return MPIDR_FORMAT | CPU.number


@fn
def read_ccsidr(offset: u32, mask: u32) -> u32:
    """Return CCSIDR of the cache that CSSELR selects; 0 where there is none."""
    selected = CPU.world[world()].csselr
    if selected == 0:
        return CCSIDR_DATA
    if selected == 1:
        return CCSIDR_INSTRUCTION
    return 0
