# SPDX-License-Identifier: Apache-2.0
"""Programs for the whole board whose memory, rights or counters change under hot code. Each runs for ever."""

from tests.board.blocks.guest_start import HEAD, NO_INTERRUPT

# A megabyte that moves between two homes, whose routines differ.
REMAPPED = f"""{HEAD}
    body:
        ldr   r8, =0x70000000
        ldr   r9, =0x400000 + (0x700 << 2)
        add   r10, r10, #47
    outer:
        mov   r6, r10
    1:  blx   r8
        subs  r6, r6, #1
        bne   1b
        ldr   r0, [r9]
        eor   r0, r0, #0x100000
        str   r0, [r9]
        dsb
        mcr   p15, 0, r9, c7, c10, 1
        dsb
        mcr   p15, 0, r8, c8, c7, 1
        dsb
        isb
        b     outer
        {NO_INTERRUPT}
    """
# Performance monitors, read in the loop that they count: cycles, branches, mispredictions, loads and stores, overflows.
COUNTED = f"""{HEAD}
    body:
        mov   r0, #7
        mcr   p15, 0, r0, c9, c12, 0
        ldr   r0, =0x8000000F
        mcr   p15, 0, r0, c9, c12, 1
        mcr   p15, 0, r0, c9, c14, 1
        adr   r5, events
        mov   r1, #0
    1:  mcr   p15, 0, r1, c9, c12, 5
        ldr   r0, [r5, r1, lsl #2]
        mcr   p15, 0, r0, c9, c13, 1
        mvn   r0, #250
        mcr   p15, 0, r0, c9, c13, 2
        add   r1, r1, #1
        cmp   r1, #4
        bne   1b
        mov   r6, sp
        add   r7, sp, #0x800
    outer:
        mov   r9, #45
    inner:
        add   r4, r4, r9
        eor   r3, r3, r4, ror #5
        tst   r3, #0x40
        bne   2f
        strb  r3, [r7, r9]
    2:  ldr   r0, [r7, r9, lsl #2]
        add   r4, r4, r0
        tst   r9, #7
        bne   3f
        mrc   p15, 0, r1, c9, c13, 0
        str   r1, [r6], #4
        and   r1, r9, #3
        mcr   p15, 0, r1, c9, c12, 5
        mrc   p15, 0, r1, c9, c13, 2
        str   r1, [r6], #4
        mrc   p15, 0, r1, c9, c12, 3
        str   r1, [r6], #4
        mcr   p15, 0, r1, c9, c12, 3
    3:  bic   r6, r6, #0x800
        subs  r9, r9, #1
        bne   inner
        b     outer
    events:
        .word 0x12, 0x10, 0x03, 0x05
        {NO_INTERRUPT}
    """
# Both cores copy, sum and scatter over more than caches hold, each its own part and at times the other's.
STREAMING = f"""{HEAD}
    body:
        ldr   r8, =0x800000
        add   r8, r8, r10, lsl #20
        mov   r9, r8
        mov   r12, #0
    outer:
        add   r11, r9, #0x40000
        mov   r7, #90
    copy:
        pld   [r9, #128]
        ldmia r9!, {{r0, r1, r2, r3}}
        add   r4, r4, r0
        eor   r4, r4, r3, ror #11
        stmia r11!, {{r1, r2, r3, r4}}
        subs  r7, r7, #1
        bne   copy
        mov   r7, #70
    scatter:
        add   r12, r12, r12, lsl #3
        add   r12, r12, #13
        mov   r0, r12, lsr #13
        bic   r0, r0, #3
        ldr   r1, [r8, r0]
        add   r4, r12, r1
        str   r4, [r8, r0]
        ldrd  r2, r3, [r9], #8
        subs  r7, r7, #1
        bne   scatter
        str   r4, [sp, #64]
        eor   r0, r10, r4, lsr #31
        ldr   r8, =0x800000
        add   r8, r8, r0, lsl #20
        bic   r9, r9, #0x80000
        b     outer
        {NO_INTERRUPT}
    """
# Two address spaces, each with a routine of its own at one address; nothing is invalidated.
SPACES = f"""{HEAD}
    body:
        ldr   r8, =0x70000000
        ldr   r9, =0x400000
        add   r10, r10, #1
        mcr   p15, 0, r10, c13, c0, 1
        isb
    outer:
        mov   r6, #45
        tst   r10, #4
        addne r6, r6, #17
    1:  blx   r8
        subs  r6, r6, #1
        bne   1b
        eor   r9, r9, #0x10000
        eor   r10, r10, #4
        mov   r0, #0
        mcr   p15, 0, r0, c13, c0, 1
        isb
        mcr   p15, 0, r9, c2, c0, 0
        isb
        mcr   p15, 0, r10, c13, c0, 1
        isb
        b     outer
        {NO_INTERRUPT}
    """
# A routine that may be fetched until DACR says otherwise; the abort of the fetch allows it again.
RIGHTS = f"""{HEAD}
    body:
        ldr   r8, =0x70000000
    outer:
        mov   r6, #47
    1:  blx   r8
        subs  r6, r6, #1
        bne   1b
        mov   r0, #1
        mcr   p15, 0, r0, c3, c0, 0
        isb
        b     outer
        {NO_INTERRUPT}
    """
# Lists of words across the end of a megabyte whose next one lies elsewhere.
STRADDLING = f"""{HEAD}
    body:
        ldr   r8, =0x70100000 - 12
        sub   r8, r8, r10, lsl #8
        add   r8, r8, r10, lsl #2
        mov   r10, r8
    outer:
        mov   r9, #60
        bic   r12, r10, #3
    inner:
        add   r1, r1, #1
        eor   r2, r2, r1, ror #3
        stm   r12, {{r1, r2, r3, r4, r5}}
        ldm   r12, {{r3, r4, r5, r6, r7}}
        push  {{r4}}
        strd  r2, r3, [r12, #4]
        ldrd  r4, r5, [r12, #8]
        mov   r11, r12
        stmdb r11!, {{r3, r5, r6}}
        ldmia r11!, {{r6, r7}}
        pop   {{r0}}
        add   r4, r4, r0
        ands  r7, r9, #31
        addeq r12, r12, #4
        subs  r9, r9, #1
        bne   inner
        add   r12, r12, #4
        b     outer
        {NO_INTERRUPT}
    """
# Sums of single-precision numbers, which blocks leave to a function of the board.
FLOATING = f"""{HEAD}
    body:
        .fpu  vfpv3
        mrc   p15, 0, r0, c1, c0, 2
        orr   r0, r0, #0xF00000
        mcr   p15, 0, r0, c1, c0, 2
        isb
        mov   r0, #0x40000000
        vmsr  fpexc, r0
        mov   r1, #3
        vmov  s0, r1
        vcvt.f32.u32 s0, s0
        vmov.f32 s1, s0
        ldr   r9, =LOG
        add   r9, r9, r10, lsl #8
    1:  vadd.f32 s1, s1, s0
        vadd.f32 s3, s0, s1
        vmov  r0, s1
        str   r0, [r9]
        add   r7, r7, #1
        b     1b
{NO_INTERRUPT}
"""
