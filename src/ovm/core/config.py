# SPDX-License-Identifier: Apache-2.0
"""The system that this image was built for.

The build fills CONFIG, GUESTS and REGIONS with finished addresses and counts (`ovm.abi.config`) and overrides the
parameters. They lie in read-only memory: nothing here changes after the build.
"""

from typing import Final

from ovm.abi.config import MAX_GUESTS, MAX_REGIONS, CoreConfig, GuestConfig, RegionConfig
from ovm.metal import array, param, static

UART_PL011: Final = 0
UART_CADENCE: Final = 1

CONFIG = static(CoreConfig, section=".rodata.config")
GUESTS = static(array(GuestConfig, MAX_GUESTS), section=".rodata.guests")
REGIONS = static(array(RegionConfig, MAX_REGIONS), section=".rodata.regions")

# The TLB lock entries of CP15 c15 exist (Cortex-A9 silicon, the virtual board; QEMU ignores the writes).
LOCKDOWN: Final = param(False)
# CP15 c1,c1,3 (VCR) exists. QEMU makes it Undefined.
VCR: Final = param(False)
# Physical number of the CPU that boots OVM and runs the SRT and NRT guests: CPU 0 of a description. The other one is
# CPU 1, an HRT guest's.
BOOT_CPU: Final = param(0)
# UART_PL011 or UART_CADENCE.
UART: Final = param(0)
# One Monitor stack per CPU; the build compares it with the deepest path of every entry (core.roots).
MONITOR_STACK_BYTES: Final = 4096
