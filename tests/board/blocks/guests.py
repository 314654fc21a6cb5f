# SPDX-License-Identifier: Apache-2.0
"""Programs for the whole board that change what hot code stands for, or interrupt it. Each runs for ever.

Both cores come to `body` with MMU, both levels of caches, prefetching and prediction on: r10 is the core's number, DDR lies
where it is and 1280 MiB higher, as `table` says. Memory from LOG on is what a run leaves.
"""

import struct

TABLE, LOG, LOG_BYTES = 0x40_0000, 0x30_0000, 0x2_0000
ALIAS, MOVING, HOMES = 0x5000_0000, 0x7000_0000, (0x60_0000, 0x70_0000)
_WRITE_BACK, _SHAREABLE, _DEVICE = 0x1C0E, 1 << 16, 0xC02
_OWN = 1 << 5 | 1 << 17  # domain 1, nG
SECOND_TABLE = TABLE + 0x1_0000

HEAD = """
        .macro call target  @ BL, which the assembler leaves to a linker
        .word 0xEB000000 | (((\\target - . - 8) >> 2) & 0xFFFFFF)
        .endm
        .equ  LOG, 0x300000
        b     start
        .p2align 5
    vectors:
        b     .
        b     .
        b     .
        b     abort
        b     .
        b     .
        b     interrupt
        b     .
    start:
        mrc   p15, 0, r10, c0, c0, 5
        ands  r10, r10, #3
        bne   1f
        ldr   r0, =0xF8F00000
        mov   r1, #3
        str   r1, [r0]
        ldr   r0, =0xF8000000
        ldr   r1, =0xDF0D
        str   r1, [r0, #8]
        ldr   r1, =0xFFFF
        str   r1, [r0, #0x430]
        ldr   r0, =0xF8F02000
        ldr   r1, =0x111
        str   r1, [r0, #0x108]
        ldr   r1, =0x121
        str   r1, [r0, #0x10C]
        mov   r1, #1
        str   r1, [r0, #0x100]
        ldr   r0, =0xFFFFFFF0
        ldr   r1, =0x200000
        str   r1, [r0]
        dsb
        sev
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


MAINTAINED = "mcreq p15, 0, r8, c7, c11, 1\ndsb\nmcreq p15, 0, r8, c7, c5, 1\ndsb\nisb\n"


def self_modifying(before: int, after: int, maintenance: str = "") -> str:
    """A loop that writes one of its own instructions now and then, `before` or `after` words away from the store."""
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


def dma_program(site: int) -> bytes:
    """Copy the word at LOG + 0x10100 to the site."""
    return struct.pack("<BBIBBIBBI", 0xBC, 0, LOG + 0x1_0100, 0xBC, 2, site, 0xBC, 1, 2 << 1 | 2 << 15) + b"\x04\x08\x00"

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
