/* SPDX-License-Identifier: Apache-2.0 */
/* Where a guest in C starts, unless it brings a `_start` of its own.
 *
 * r0 holds the address of the vCPU page (an HRT guest: of its HrtPage), which is handed on; there is no stack yet.
 * The loader has zeroed .bss. */
    .syntax unified
    .arm
    .section .text.start, "ax"
    .weak _start
    .type _start, %function
_start:
#ifndef __SOFTFP__
    /* The compiler may use floating point anywhere: open it. CPACR (ARM B4.1.40), then FPEXC.EN (B4.1.58). */
    .fpu    neon
    mrc     p15, 0, r1, c1, c0, 2
    orr     r1, r1, #0xf00000
    mcr     p15, 0, r1, c1, c0, 2
    isb
    mov     r1, #0x40000000
    vmsr    fpexc, r1
#endif
    ldr     sp, =__stack_top
    bl      guest_start
    .size _start, . - _start
