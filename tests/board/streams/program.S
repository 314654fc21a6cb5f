/* SPDX-License-Identifier: Apache-2.0 */
/* Runs short streams of instructions one after the other, each from a state of its own to its first exception, and keeps what
 * it left: registers, PSR, which vector, fault registers, extension registers. The streams end with an undefined one.
 *
 * The image is the same on every machine with RAM from 0 on. `cases`, `results`, `level1`, `finished` and `current` are places
 * that the link script gives; all but the results, and those two words, is read-only once the MMU is on. */
    .syntax unified
    .arch armv7-a
    .fpu neon
    .arm

    .equ RECORD, 512
    .equ CASE, 128
    .equ FAULTS, 72
    .equ SUM, 92
    .equ EXTENSION, 96

    .section .vectors, "ax"
    .global _start
_start:
    b       reset
    b       undefined
    b       call
    b       prefetch
    b       data
    b       .
    b       .
    b       .

    .macro keep number
    stmia   sp, {r0-r14}^
    str     lr, [sp, #60]
    mov     r0, #\number
    b       kept
    .endm

undefined:
    keep    1
call:
    keep    2
prefetch:
    keep    3
data:
    keep    4

    /* Of the mode of the exception: sp is the record. r4 becomes the case, r5 its record. */
kept:
    str     r0, [sp, #68]
    mrs     r0, spsr
    str     r0, [sp, #64]
    mrc     p15, 0, r0, c5, c0, 0
    mrc     p15, 0, r1, c6, c0, 0
    mrc     p15, 0, r2, c5, c0, 1
    mrc     p15, 0, r3, c6, c0, 2
    add     r6, sp, #FAULTS
    stmia   r6!, {r0-r3}
    vmrs    r0, fpscr
    str     r0, [r6]
    add     r6, sp, #EXTENSION
    vstmia  r6!, {d0-d15}
    vstmia  r6!, {d16-d31}
    mov     r5, sp
    cpsid   aif, #0x13
    add     r5, r5, #RECORD
    ldr     r4, =current
    ldr     r6, [r4]
    add     r6, r6, #CASE
    str     r6, [r4]
    mov     r4, r6
    sub     r10, r5, #RECORD
    bl      sum_and_renew
    b       next

    /* Store the sum of what streams may have written below r10, and write it as it was: each word a product of its address.
     * r4 and r5 stay. */
sum_and_renew:
    mov     r0, #-1
    mcr     p15, 0, r0, c3, c0, 0
    isb
    mov     r0, #0
    ldr     r1, =written
    ldr     r9, =0x9E3779B1
    mov     r8, #31
1:  ldmia   r1!, {r2, r3}
    cmp     r2, #0
    beq     3f
2:  ldr     r6, [r2]
    mla     r0, r0, r8, r6
    mul     r6, r2, r9
    str     r6, [r2], #4
    cmp     r2, r3
    blo     2b
    b       1b
3:  str     r0, [r10, #SUM]
    mov     r0, #0x31
    mcr     p15, 0, r0, c3, c0, 0
    isb
    bx      lr

reset:
    mov     r0, #0
    mcr     p15, 0, r0, c12, c0, 0
    mcr     p15, 0, r0, c2, c0, 2
    mcr     p15, 0, r0, c13, c0, 1
    mcr     p15, 0, r0, c13, c0, 3
    mcr     p15, 0, r0, c13, c0, 4
    ldr     r0, =level1
    mcr     p15, 0, r0, c2, c0, 0
    /* Domain 0 is a client's, domain 1 nobody's, domain 2 a manager's. */
    mov     r0, #0x31
    mcr     p15, 0, r0, c3, c0, 0
    mov     r0, #0
    mcr     p15, 0, r0, c8, c7, 0
    mcr     p15, 0, r0, c7, c5, 0
    dsb
    mrc     p15, 0, r0, c1, c0, 2
    orr     r0, r0, #0x00F00000
    mcr     p15, 0, r0, c1, c0, 2
    isb
    mov     r0, #0x40000000
    vmsr    fpexc, r0
    mrc     p15, 0, r0, c1, c0, 0
    orr     r0, r0, #1
    mcr     p15, 0, r0, c1, c0, 0
    isb
    ldr     r4, =cases
    ldr     r5, =results
    ldr     r0, =current
    str     r4, [r0]
    mov     r10, r5
    bl      sum_and_renew

    /* A case: r0-r14, PSR, place of its code (0 ends), bits of SCTLR, FPSCR. */
next:
    ldr     r0, [r4, #64]
    cmp     r0, #0
    beq     finish
    cps     #0x17
    mov     sp, r5
    cps     #0x1B
    mov     sp, r5
    cps     #0x13
    mov     sp, r5
    mov     r0, #0
    mcr     p15, 0, r0, c5, c0, 0
    mcr     p15, 0, r0, c6, c0, 0
    mcr     p15, 0, r0, c5, c0, 1
    mcr     p15, 0, r0, c6, c0, 2
    ldr     r0, [r4, #72]
    vmsr    fpscr, r0
    ldr     r0, =cases
    vldmia  r0!, {d0-d15}
    vldmia  r0!, {d16-d31}
    mrc     p15, 0, r0, c1, c0, 0
    bic     r0, r0, #0x400
    bic     r0, r0, #0x002
    ldr     r1, [r4, #68]
    orr     r0, r0, r1
    mcr     p15, 0, r0, c1, c0, 0
    isb
    clrex
    ldr     r0, [r4, #60]
    msr     spsr_fsxc, r0
    ldr     lr, [r4, #64]
    ldmia   r4, {r0-r14}^
    movs    pc, lr

    .global finish
finish:
    ldr     r0, =finished
    ldr     r1, =0x600DF00D
    str     r1, [r0]
    dsb
1:  b       1b
    .ltorg

    .balign 4
written:
    .word   0x00400C00, 0x00401600, 0x00600C00, 0x00601600, 0x00900C00, 0x00901600, 0x00A00C00, 0x00A01000, 0
