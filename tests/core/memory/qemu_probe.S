// SPDX-License-Identifier: Apache-2.0
// Runs a list of single accesses, each under translation registers of its own, and prints how each ended.
//
// QEMU vexpress-a9, secure SVC. Cases (8 words: TTBR0, TTBR1, TTBCR, DACR, SCTLR, address, kind, 0) are at CASES, their
// number in front of them. Every table maps this program's megabyte flat, so that its vectors run whatever happens.
// Kinds: 0 LDR, 1 LDRT, 2 STR, 3 STRT, 4 fetch, 5 fetch in User mode. Each result is a line of three words: how it
// ended (0 load or store done, 1 data abort, 2 prefetch abort, 3 the fetched code ran), status or value, fault address.

        .arch armv7-a
        .syntax unified
        .equ CASES, 0x60100000
        .equ UART, 0x10009000
        .section .text.start, "ax"
        .global _start
_start:
        ldr     r0, =vectors
        mcr     p15, 0, r0, c12, c0, 0          // VBAR
        mrc     p15, 0, r11, c1, c0, 0          // SCTLR with the MMU off
        ldr     r8, =CASES
        ldr     r10, [r8], #32
next:
        cmp     r10, #0
        beq     finish
        ldm     r8, {r0-r6}
        mcr     p15, 0, r0, c2, c0, 0           // TTBR0
        mcr     p15, 0, r1, c2, c0, 1           // TTBR1
        mcr     p15, 0, r2, c2, c0, 2           // TTBCR
        mcr     p15, 0, r3, c3, c0, 0           // DACR
        mov     r0, #0
        mcr     p15, 0, r0, c8, c7, 0           // TLBIALL
        dsb
        orr     r4, r4, r11
        mcr     p15, 0, r4, c1, c0, 0           // SCTLR
        isb
        mov     r4, #0
        mov     r7, #0
        add     pc, pc, r6, lsl #3
        nop
        ldr     r7, [r5]
        b       done
        ldrt    r7, [r5]
        b       done
        str     r7, [r5]
        b       done
        strt    r7, [r5]
        b       done
        bx      r5
        nop
        b       user
user:
        mov     r0, #0x10
        msr     spsr_cxsf, r0
        movs    pc, r5
done:
        mov     r6, #0
        mov     r5, #0
        mov     r4, r7
report:
        mcr     p15, 0, r11, c1, c0, 0
        isb
        mov     r0, r6
        bl      hex
        mov     r0, r4
        bl      hex
        mov     r0, r5
        bl      hex
        mov     r0, #'\n'
        ldr     r1, =UART
        str     r0, [r1]
        add     r8, r8, #32
        sub     r10, r10, #1
        b       next
hex:
        ldr     r1, =UART
        mov     r2, #8
1:      lsr     r3, r0, #28
        cmp     r3, #10
        addlo   r3, r3, #'0'
        addhs   r3, r3, #('a' - 10)
        str     r3, [r1]
        lsl     r0, r0, #4
        subs    r2, r2, #1
        bne     1b
        mov     r3, #' '
        str     r3, [r1]
        bx      lr
finish:
        mov     r0, #0x18                       // angel_SWIreason_ReportException
        ldr     r1, =0x20026                    // ADP_Stopped_ApplicationExit
        svc     #0x123456
1:      b       1b

data_abort:
        cps     #0x13
        mrc     p15, 0, r4, c5, c0, 0           // DFSR
        mrc     p15, 0, r5, c6, c0, 0           // DFAR
        mov     r6, #1
        b       report
prefetch_abort:
        cps     #0x13
        mrc     p15, 0, r4, c5, c0, 1           // IFSR
        mrc     p15, 0, r5, c6, c0, 2           // IFAR
        mov     r6, #2
        b       report
ran:
        mov     r6, #3
        mov     r5, #0
        mov     r4, r7
        b       report

        .ltorg
        .balign 32
vectors:
        b       .
        b       .
        b       ran
        b       prefetch_abort
        b       data_abort
        b       .
        b       .
        b       .
