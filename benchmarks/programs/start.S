/* SPDX-License-Identifier: Apache-2.0 */
/* Start of a bare program: `_start` turns MMU and caches on, `_start_flat` leaves all off; then `work`, then the end.
 *
 * Who runs it stops at `finish` and reads `result`. QEMU goes on instead: semihosting prints the result and ends it. */
    .syntax unified
    .arm
    .section .start, "ax"
    .global _start, _start_flat, finish, vectors
    .type _start, %function
_start:
    cpsid   aif, #0x13
    ldr     sp, =supervisor_stack
    ldr     r0, =vectors
    mcr     p15, 0, r0, c12, c0, 0
    bl      memory_on
_start_flat:
    cpsid   aif, #0x13
    ldr     sp, =supervisor_stack
    cps     #0x12
    ldr     sp, =interrupt_stack
    cps     #0x1F
    ldr     sp, =work_stack
    bl      work
    ldr     r1, =result
    str     r0, [r1]
    ldr     r1, =words
    bl      spell
finish:
    nop
    mov     r0, #4              @ SYS_WRITE0
    ldr     r1, =words
    svc     0x123456
    mov     r0, #0x18           @ SYS_EXIT
    ldr     r1, =0x20026
    svc     0x123456
1:  wfi
    b       1b
    .ltorg

/* spell: r0 as eight hexadecimal digits and a line's end to r1. */
spell:
    mov     r2, #8
2:  mov     r0, r0, ror #28
    and     r3, r0, #15
    cmp     r3, #10
    addlo   r3, r3, #'0'
    addhs   r3, r3, #'a' - 10
    strb    r3, [r1], #1
    subs    r2, r2, #1
    bne     2b
    mov     r3, #10
    strb    r3, [r1], #1
    strb    r2, [r1]
    bx      lr

    .balign 32
vectors:
    b       .
    b       .
    b       supervisor_call
    b       .
    b       .
    b       .
    b       interrupt
    b       .

/* An SVC as a small system does it: save, call a function, restore. */
supervisor_call:
    push    {r0-r3, r12, lr}
    ldr     r0, [lr, #-4]
    bl      serve
    ldm     sp!, {r0-r3, r12, pc}^

    .weak   interrupt
interrupt:
    b       .

serve:
    ldr     r1, =calls
    ldr     r2, [r1]
    add     r2, r2, #1
    str     r2, [r1]
    bx      lr
    .ltorg

    .section .bss
    .balign 8
    .global result, calls, words
result: .space 4
calls:  .space 4
words:  .space 16
    .space 4096
supervisor_stack:
    .space 4096
interrupt_stack:
    .space 16384
work_stack:
