# SPDX-License-Identifier: Apache-2.0
"""An instruction's needs of the pipeline: the roles of its record's fields, its unit, its cycles, the times of its results.

Rows (`row.py`) have these. Cycles are from the Cortex-A9 TRM's appendix on cycle timings, B; `assumed` marks the rest.
Latencies in cycles are in PARAMETERS. The choice for each operation is from B.3 for loads and stores; for data processing
(B.2) and multiplication (B.4) from LLVM's model of the core, `ARMScheduleA9.td`, which follows them.
"""

from typing import Final

# Cycles for which an instruction keeps its unit, without memory.
NO_CYCLES: Final = 0  # no instruction, or one whose registers count
PLAIN_CYCLES: Final = 1  # B.2: data processing and branches, one issue slot
LOAD_CYCLES: Final = 1  # B.3: a word with a simple addressing mode, address generation
LOAD_NARROW_CYCLES: Final = 2  # B.3: bytes and halfwords
MULTIPLY_CYCLES: Final = 2  # B.4: MUL, MLA, MLS
MULTIPLY_LONG_CYCLES: Final = 3  # B.4: 64-bit results
MULTIPLY_HALF_CYCLES: Final = 1  # B.4: 16-bit operands
SERIAL_CYCLES: Final = 8  # assumed: MSR, CPS, SVC, SMC, exception returns are not predicted and drain the pipeline

# Units.
NO_UNIT: Final = 0  # decoded, and done
ALU: Final = 1  # either of two
MULTIPLIER: Final = 2  # in one of the two
TRANSFER: Final = 3  # address generation, loads and stores
FLOATING: Final = 4

# Roles.
NOTHING: Final = 0
READ_N: Final = 1 << 0
READ_M: Final = 1 << 1
READ_A: Final = 1 << 2
READ_D: Final = 1 << 3
READ_FLAGS: Final = 1 << 4
WRITE_D: Final = 1 << 5
WRITE_A: Final = 1 << 6
WRITE_LINK: Final = 1 << 7
WRITE_FLAGS: Final = 1 << 8
FORWARDS: Final = 1 << 9  # the instruction TAKES_FORWARD
MAY_BE_RRX: Final = 1 << 10
ENDS: Final = 1 << 11
ENDS_BACKWARDS: Final = 1 << 12
SERIAL: Final = 1 << 13  # waits for everything before it
UNIT: Final = 14  # 3 bits
DELAY: Final = 17  # 2 bits, one of those below
CLASS: Final = 19  # 3 bits: of a load or store, below
SHAPE: Final = 22  # 2 bits: the fields of the record that decide the latency
DIRECT: Final = 1 << 24  # the record has the distance to the instruction executed next

# DELAY: the times of results.
AT_ONCE: Final = 0  # a cycle later
SHIFTED: Final = 1
SHIFTED_MORE: Final = 2
MULTIPLIED: Final = 3
# SHAPE
HALF_MULTIPLY: Final = 1  # 16-bit operands
EXTENDED: Final = 2  # a cycle more with an addend
IN_PARALLEL: Final = 3  # longer unless it is plain
# CLASS
NO_TRANSFER: Final = 0
LOAD: Final = 1
STORE: Final = 2
LOAD_PAIR: Final = 3
STORE_PAIR: Final = 4
LOAD_LIST: Final = 5
STORE_LIST: Final = 6
LOAD_PC: Final = 7
