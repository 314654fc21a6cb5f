# SPDX-License-Identifier: Apache-2.0
"""The system that this image was built for.

The build fills CONFIG, LOADS, REGIONS and the description of guests with finished addresses and counts (`ovm.abi.config`) and
overrides the parameters. They lie in read-only memory: nothing here changes after the build.
"""

from typing import Final

from ovm.abi.config import CoreConfig, GuestConfig, LoadConfig, RegionConfig, SecurityConfig
from ovm.core.limits import MAX_GUESTS, MAX_LOADS, MAX_REGIONS, MAX_SECURITY, PATCHED_WORDS
from ovm.metal import array, param, static, u32

UART_PL011: Final = 0
UART_CADENCE: Final = 1

CONFIG = static(CoreConfig, section=".rodata.config")
DESCRIBED_GUESTS = static(array(GuestConfig, MAX_GUESTS), section=".rodata.guests")
REGIONS = static(array(RegionConfig, MAX_REGIONS), section=".rodata.regions")
LOADS = static(array(LoadConfig, MAX_LOADS), section=".rodata.loads")
SECURITY = static(array(SecurityConfig, MAX_SECURITY), section=".rodata.security")
# The build's identity: the first 8 bytes of a SHA-256 of all that the boot image loads.
BUILD_WORDS: Final = 2
BUILD = static(array(u32, BUILD_WORDS), section=".rodata.build")

# The instructions that patched words of kernels stand for, by their index.
WORDS = static(array(u32, max(PATCHED_WORDS, 1)), section=".rodata.words")

# The TLB lock entries of CP15 c15 exist (Cortex-A9 silicon, the virtual board; QEMU ignores the writes).
LOCKDOWN: Final = param(False)
# CP15 c1,c1,3 (VCR) exists. QEMU makes it Undefined.
VCR: Final = param(False)
# Physical number of the CPU that boots OVM and runs the SRT and NRT guests: CPU 0 of a description. The other one is CPU 1,
# which belongs to an HRT guest.
BOOT_CPU: Final = param(0)
# How many CPUs, from CPU 0 on, run SRT and NRT guests.
SCHEDULED_CPUS: Final = param(1)
# The HRT guest knows nothing of OVM (`abi = "none"`): it starts as after reset, and may leave coherency.
PLAIN: Final = param(False)
# A guest's console takes input.
INPUT: Final = param(False)
# UART_PL011 or UART_CADENCE.
UART: Final = param(0)
# The addresses that level 2 sends to its second port: from the first to the second; both 0: none.
LEVEL2_FILTER_START: Final = param(0)
LEVEL2_FILTER_END: Final = param(0)
# The start of DDR for the CPUs after reset: the on-chip memory is below.
SCU_FILTER_START: Final = param(0)
# Distances from the SLCR to the device configuration interface, the system watchdog and the first triple timer, and from that
# to the second one.
CONFIGURATION: Final = param(0)
WATCHDOG: Final = param(0)
TRIPLE_TIMERS: Final = param(0)
TRIPLE_TIMER_STEP: Final = param(0)
# Pages of virtual devices that guests have. 0: no code for them is compiled in.
DEVICE_PAGES: Final = param(0)
# A guest has the flag `thread_swap`; a guest has stubs in its kernel, which read the vCPU page's `status`.
THREAD_SWAP: Final = param(False)
KERNEL_STUBS: Final = param(False)
# One Monitor stack per CPU; the build compares it with the deepest path of every entry (core.roots).
MONITOR_STACK_BYTES: Final = 4096
