# SPDX-License-Identifier: Apache-2.0
"""The begin of programs for the whole board: both cores come to `body` with MMU, caches, prefetching and prediction on.

r10 is the core's number, DDR lies where it is and 1280 MiB higher, as `table` says. Memory from LOG on is what a run leaves.
"""

import struct

from ovm.arm.assembly import vector_table
from tests.board.start_up import CORE_NUMBER, LEVEL2_ON, WAKE_SECOND

TABLE, LOG, LOG_BYTES = 0x40_0000, 0x30_0000, 0x2_0000
ALIAS, MOVING, HOMES = 0x5000_0000, 0x7000_0000, (0x60_0000, 0x70_0000)
_WRITE_BACK, _SHAREABLE, _DEVICE = 0x1C0E, 1 << 16, 0xC02
_OWN = 1 << 5 | 1 << 17  # domain 1, nG
SECOND_TABLE = TABLE + 0x1_0000
HEAD = f"""
        .macro call target  @ BL, which the assembler leaves to a linker
        .word 0xEB000000 | (((\\target - . - 8) >> 2) & 0xFFFFFF)
        .endm
        .equ  LOG, 0x300000
        b     start
        {vector_table(label="vectors", prefetch_abort="abort", irq="interrupt")}
    start:
        {CORE_NUMBER}
        bne   1f
        ldr   r0, =0xF8F00000
        mov   r1, #3
        str   r1, [r0]
        ldr   r0, =0xF8000000
        ldr   r1, =0xDF0D
        str   r1, [r0, #8]
        ldr   r1, =0xFFFF
        str   r1, [r0, #0x430]
        {LEVEL2_ON}
        {WAKE_SECOND}
    1:  mov   r0, #0x47
        mcr   p15, 0, r0, c1, c0, 1
        call  translate
        adr   r0, vectors
        mcr   p15, 0, r0, c12, c0, 0
        ldr   r0, =LOG
        add   sp, r0, r10, lsl #12
        b     body
    abort:
        add   r11, r11, #1
        mov   r5, #5
        mcr   p15, 0, r5, c3, c0, 0
        isb
        subs  pc, lr, #4
    translate:
        ldr   r0, =0x400000
        mcr   p15, 0, r0, c2, c0, 0
        mov   r0, #5
        mcr   p15, 0, r0, c3, c0, 0
        mrc   p15, 0, r0, c1, c0, 0
        ldr   r1, =0x1805
        orr   r0, r0, r1
        mcr   p15, 0, r0, c1, c0, 0
        isb
        bx    lr
"""
NO_INTERRUPT = "interrupt: b ."
FEW = "mov r0, r0\n"


def table(home_of_moving: int = HOMES[0]) -> bytes:
    """Sections: DDR as write-back memory that cores share, once more at ALIAS; devices from 0xE000_0000 on.

    MOVING is one of its own: of domain 1 and of one address space.
    """
    words = []
    for megabyte in range(4096):
        home = megabyte % 1280 if megabyte < 2560 else megabyte
        if megabyte == MOVING >> 20:
            home = home_of_moving >> 20
        kind = _DEVICE if megabyte >= 0xE00 and megabyte != 0xFFF else _WRITE_BACK | _SHAREABLE
        kind |= _OWN if megabyte == MOVING >> 20 else 0
        words.append(home << 20 | kind if home < 1024 or megabyte >= 0xE00 else 0)
    return struct.pack("<4096I", *words)
