# SPDX-License-Identifier: Apache-2.0
"""Lengths of OVM's arrays and bounds of its loops: the number of each thing that this system has.

The build computes them from the description (`ovm.system.core_limits`) and compiles them in, so an image has room for its own
system and for nothing else. Programs without a description, which are tests, use the numbers here.
"""

from typing import Final

from ovm.metal import param

# Guests of all levels, and those of them that are NRT guests.
MAX_GUESTS: Final = param(8)
MAX_PAGED: Final = param(8)
# Files, regions, ends of channels and devices, of all guests together.
MAX_REGIONS: Final = param(16)
# Parts that the boot image loads besides OVM.
MAX_LOADS: Final = param(24)
MAX_CPUS: Final = param(2)
# Registers that open devices to the Non-secure world.
MAX_SECURITY: Final = param(8)
# Shadow tables: spaces (each has a first-level table) and second-level tables.
MAX_SPACES: Final = param(64)
MAX_TABLES: Final = param(512)
# Patched words of Linux kernels that there are (core.trap.patched); none in most systems.
PATCHED_WORDS: Final = param(0)
# Frames of the longest range that OVM steps through: the board's RAM, an NRT guest's memory, a device.
MAX_FRAMES: Final = param(1 << 18)
# Ticks of the clock in a second: the turns of a loop that waits by the clock, as each turn reads it and so takes a tick.
MAX_TICKS: Final = param(333_333_333)
