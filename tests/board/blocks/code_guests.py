# SPDX-License-Identifier: Apache-2.0
"""Programs for the whole board that change hot code, run it under other names, or interrupt it. Each runs for ever."""

import struct

from tests.board.blocks.guest_start import FEW, HEAD, LOG, NO_INTERRUPT

MAINTAINED = "mcreq p15, 0, r8, c7, c11, 1\ndsb\nmcreq p15, 0, r8, c7, c5, 1\ndsb\nisb\n"


def self_modifying(before: int, after: int, maintenance: str = "") -> str:
    """Return a loop that writes one of its own instructions now and then, `before` or `after` words away from the store."""
    store = f"tst r7, #63\nstreq r6, [r8]\n{maintenance}"
    distance = FEW * before
    loop = f"{store}{distance}site: add r4, r4, #1\n" if after == 0 else f"site: add r4, r4, #1\n{FEW * after}{store}"
    return f"""{HEAD}
    body:
        adr   r8, site
        ldr   r5, =0xE2844001
        ldr   r6, =0xE0844FE4
        b     outer
        .p2align 5
    outer:
        mov   r7, #250
    inner:
        add   r1, r1, #1
        eor   r2, r2, r1, ror #3
        {loop}
        add   r3, r3, r4
        eoreq r5, r5, r6
        eoreq r6, r6, r5
        eoreq r5, r5, r6
        subs  r7, r7, #1
        bne   inner
        b     outer
        {NO_INTERRUPT}
    """


# Core 1 writes an instruction of what core 0 executes, later and later.
OTHER_CORE = f"""{HEAD}
    body:
        adr   r8, site
        ldr   r5, =0xE2844001
        ldr   r6, =0xE0844FE4
        cmp   r10, #0
        bne   writer
    inner:
        add   r1, r1, #1
        eor   r2, r2, r1, ror #3
    site:
        add   r4, r4, #1
        add   r3, r3, r4
        b     inner
    writer:
        add   r7, r7, #11
        mov   r0, r7
    1:  subs  r0, r0, #1
        bne   1b
        str   r6, [r8]
        eor   r5, r5, r6
        eor   r6, r6, r5
        eor   r5, r5, r6
        cmp   r7, #700
        movhi r7, #0
        b     writer
        {NO_INTERRUPT}
    """
# The DMA controller writes it, again and again, from a word that changes. Its program lies at LOG + 0x10000.
DMA = f"""{HEAD}
    body:
        cmp   r10, #0
    1:  wfine
        bne   1b
        ldr   r6, =0xF8003D00
        ldr   r9, =LOG + 0x10000
        ldr   r5, =0xE2844001
        ldr   r7, =0xE0844FE4
    outer:
        str   r5, [r9, #0x100]
        eor   r5, r5, r7
        eor   r7, r7, r5
        eor   r5, r5, r7
        dsb
        ldr   r0, =0x00A00000
        str   r0, [r6, #8]
        str   r9, [r6, #12]
        mov   r0, #0
        str   r0, [r6, #4]
        mov   r11, #600
    inner:
        add   r1, r1, #1
        eor   r2, r2, r1, ror #3
        .equ  offset, . - (start - 64)
    site:
        add   r4, r4, #1
        add   r3, r3, r4
        subs  r11, r11, #1
        bne   inner
        b     outer
        {NO_INTERRUPT}
    """


def dma_program(site: int) -> bytes:
    """Copy the word at LOG + 0x10100 to the site."""
    return struct.pack("<BBIBBIBBI", 0xBC, 0, LOG + 0x1_0100, 0xBC, 2, site, 0xBC, 1, 2 << 1 | 2 << 15) + b"\x04\x08\x00"


# A routine at two virtual addresses; it looks at where it is in every way.
ALIASED = f"""{HEAD}
    body:
        ldr   r8, =0x50000000
        adr   r7, here
        add   r7, r7, #4096
        add   r8, r8, r7
    here:
    outer:
        mov   r6, #37
    1:  blx   r7
        subs  r6, r6, #1
        bne   1b
        mov   r6, #41
    2:  blx   r8
        subs  r6, r6, #1
        bne   2b
        b     outer
        .ltorg
        .skip 4096 - (. - here)
    routine:
        mov   r11, lr
        add   r4, r4, pc
        eor   r4, r4, lr, ror #5
        addcs r3, r3, pc
        call  inner
        add   r4, r4, lr
        adr   r0, routine
        add   r3, r3, r0
        cmp   r3, r4
        bx    r11
    inner:
        ldr   r1, [pc, #-4]
        add   r4, r4, r1, ror r6
        bx    lr
        {NO_INTERRUPT}
    """
ROUTINES = ((0xE284_4001, 0xE023_3004, 0xE082_2003, 0xE12F_FF1E), (0xE244_4003, 0xE083_3FE4, 0xE022_2003, 0xE12F_FF1E))
# Both cores execute one loop: core 1 in the Non-secure state, in System mode, without prediction.
SHARED = f"""{HEAD}
    body:
        cmp   r10, #0
        beq   2f
        cps   #0x16
        mov   r0, #1
        mcr   p15, 0, r0, c1, c1, 0
        isb
        call  translate
        bic   r0, r0, #0x800
        mcr   p15, 0, r0, c1, c0, 0
        isb
        ldr   r0, =0x1DF
        msr   spsr_fsxc, r0
        adr   lr, 1f
        movs  pc, lr
    1:  ldr   sp, =LOG + 0x1000
        ldr   lr, =0x12345678
    2:  mov   r9, sp
    outer:
        mov   r6, #50
    inner:
        ldr   r0, [r9, r6, lsl #2]
        add   r4, r4, sp
        adds  r4, r4, r0, ror #7
        strcs r4, [r9, r6, lsl #2]
        eor   r3, r3, lr
        add   lr, lr, r4
        subs  r6, r6, #1
        bne   inner
        strh  r3, [r9], #2
        eor   r9, r9, #0x80
        b     outer
        {NO_INTERRUPT}
    """
# A timer interrupts a loop a cycle later each time; what is logged is the cycle counter and the return address.
INTERRUPTED = f"""{HEAD}
    body:
        ldr   r7, =0xF8F00100
        ldr   r0, =0xF8F01000
        mov   r1, #0xF0
        str   r1, [r7, #4]
        mov   r1, #1
        str   r1, [r7]
        str   r1, [r0]
        mov   r1, #0x20000000
        str   r1, [r0, #0x100]
        ldr   r8, =0xF8F00600
        mov   r0, #1
        mcr   p15, 0, r0, c9, c12, 0
        mov   r0, #0x80000000
        mcr   p15, 0, r0, c9, c12, 1
        mov   r6, sp
        cps   #0x12
        ldr   sp, =LOG + 0x8000
        add   sp, sp, r10, lsl #14
        cps   #0x13
        ldr   r11, =300
        cpsie i
    outer:
        add   r11, r11, #1
        cmp   r11, #472
        ldrhi r11, =300
        str   r11, [r8]
        mov   r0, #5
        str   r0, [r8, #8]
        mov   r12, #0
    hot:
        add   r4, r4, #1
        ldr   r3, [r6]
        adds  r4, r4, r3, ror #9
        strmi r4, [r6, #4]
        addpl r2, r2, r4, asr #3
        eor   r5, r5, r4, lsl #1
        mul   r3, r5, r4
        str   r3, [r6]
        cmp   r5, r4
        addhi r5, r5, pc
        movls r5, r5, ror #1
        tst   r12, #1
        beq   hot
        b     outer
    interrupt:
        mrc   p15, 0, r9, c9, c13, 0
        str   r9, [sp], #4
        str   lr, [sp], #4
        bic   sp, sp, #0x2000
        ldr   r9, [r7, #12]
        mov   r12, #1
        str   r12, [r8, #12]
        str   r9, [r7, #16]
        subs  pc, lr, #4
    """
