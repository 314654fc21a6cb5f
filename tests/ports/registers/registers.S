/* SPDX-License-Identifier: Apache-2.0 */
/* Fill r4-r11, d0-d31 and FPSCR with what is made of r0, spin or yield, and look whether all is still there.
 *
 * uint32_t registers_kept(uint32_t seed, uint32_t rounds, uint32_t yields): 1 if they were, in every round. */
    .syntax unified
    .arm
    .fpu    neon
    .text
    .global registers_kept
    .type   registers_kept, %function
registers_kept:
    push    {r4-r11, lr}
    vpush   {d8-d15}
    sub     sp, sp, #12
    str     r1, [sp]
    str     r2, [sp, #4]
    str     r0, [sp, #8]
round:
    ldr     r0, [sp, #8]
    .irp    n, 4, 5, 6, 7, 8, 9, 10, 11
    add     r\n, r0, #\n
    .endr
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    add     r1, r0, #(\n + 32)
    vmov    d\n, r0, r1
    .endr
    and     r1, r0, #0x00c00000
    vmsr    fpscr, r1
    ldr     r2, [sp, #4]
    cmp     r2, #0
    beq     spin
    bl      vPortYield
    ldr     r0, [sp, #8]
    b       called
spin:
    mov     r2, #400
1:  subs    r2, r2, #1
    bne     1b
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    vmov    r2, r3, d\n
    add     r1, r0, #(\n + 32)
    cmp     r2, r0
    cmpeq   r3, r1
    bne     lost
    .endr
called:
    .irp    n, 8, 9, 10, 11, 12, 13, 14, 15
    vmov    r2, r3, d\n
    add     r1, r0, #(\n + 32)
    cmp     r2, r0
    cmpeq   r3, r1
    bne     lost
    .endr
    vmrs    r1, fpscr
    and     r1, r1, #0x00c00000
    and     r2, r0, #0x00c00000
    cmp     r1, r2
    bne     lost
    .irp    n, 4, 5, 6, 7, 8, 9, 10, 11
    add     r1, r0, #\n
    cmp     r\n, r1
    bne     lost
    .endr
    ldr     r1, [sp]
    subs    r1, r1, #1
    str     r1, [sp]
    bne     round
    mov     r0, #1
    b       out
lost:
    mov     r0, #0
out:
    mov     r1, #0
    vmsr    fpscr, r1
    add     sp, sp, #12
    vpop    {d8-d15}
    pop     {r4-r11, pc}

/* Fill the floating-point registers that a call needn't preserve, and FPSCR, as a handler may.
 *
 * void registers_spoil(void) */
    .global registers_spoil
    .type   registers_spoil, %function
registers_spoil:
    mvn     r0, #0
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    vmov    d\n, r0, r0
    .endr
    vmrs    r0, fpscr
    eor     r0, r0, #0x00c00000
    vmsr    fpscr, r0
    bx      lr
