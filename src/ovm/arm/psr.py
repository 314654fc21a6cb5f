# SPDX-License-Identifier: Apache-2.0
"""Program status registers: bits, modes, exception vectors and return offsets (ARM B1.3, B1.8, B1.9)."""

from typing import Final

from ovm.metal import u32

# Processor modes, CPSR.M (ARM B1.3.1, table B1-1).
MODE_USR: Final = 0x10
MODE_FIQ: Final = 0x11
MODE_IRQ: Final = 0x12
MODE_SVC: Final = 0x13
MODE_MON: Final = u32(0x16)
MODE_ABT: Final = 0x17
MODE_UND: Final = 0x1B
MODE_SYS: Final = 0x1F

# CPSR bits (ARM B1.3.3).
PSR_MODE: Final = 0x1F
PSR_T: Final = 1 << 5
PSR_F: Final = 1 << 6
PSR_I: Final = u32(1 << 7)
PSR_A: Final = 1 << 8
PSR_E: Final = 1 << 9
PSR_IT_HIGH: Final = 0x3F << 10
PSR_GE: Final = 0xF << 16
PSR_J: Final = 1 << 24
PSR_IT_LOW: Final = 3 << 25
PSR_IT: Final = u32(PSR_IT_HIGH | PSR_IT_LOW)
PSR_Q: Final = 1 << 27
PSR_V: Final = 1 << 28
PSR_C: Final = 1 << 29
PSR_Z: Final = 1 << 30
PSR_N: Final = 1 << 31
PSR_MASKS: Final = PSR_A | PSR_I | PSR_F
# The bits that a program may set in User mode, and that OVM ever loads into the hardware: all except mode, masks and J (Jazelle
# is trivial on Cortex-A9, so J=1 is never a state to return to).
PSR_USER: Final = PSR_N | PSR_Z | PSR_C | PSR_V | PSR_Q | PSR_GE | PSR_E | PSR_IT | PSR_T


# Offsets of the exception vectors (ARM B1.8.1, table B1-3).
VECTOR_UNDEFINED: Final = 0x04
VECTOR_SUPERVISOR_CALL: Final = 0x08
VECTOR_PREFETCH_ABORT: Final = 0x0C
VECTOR_DATA_ABORT: Final = 0x10
VECTOR_IRQ: Final = 0x18
VECTOR_FIQ: Final = 0x1C
HIGH_VECTORS: Final = u32(0xFFFF_0000)
