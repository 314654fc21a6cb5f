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
    ldr     sp, =__stack_top
    bl      guest_start
    .size _start, . - _start
