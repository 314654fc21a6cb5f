/* SPDX-License-Identifier: Apache-2.0 */
#include "guest.h"

/* Traps of every kind, once each, at labels. r5 counts what had its effect: 11 at the end, and 64 more for each instruction
 * that was left out or ran though its condition failed.
 * arm_far and thumb_far have pages of their own, which nothing has fetched from: a prefetch abort. */
__asm__(
    ".syntax unified\n"
    ".balign 4096\n.arm\n.global arm_far\narm_far: add r5, r5, #1\nbx lr\n"
    ".balign 4096\n.thumb\n.global thumb_far\nthumb_far: adds r5, #1\nbx lr\n"
    ".balign 4096\n"
    ".text\n"
    ".arm\n.balign 4\n.global attempt\n"
    "attempt: push {r4-r8, lr}\n"
    "mov r5, #0\nldr r8, =fresh\n"
    ".global arm_svc, arm_undefined, arm_prefetch, arm_data, thumb_svc, thumb_svc_first, thumb_svc_last\n"
    ".global thumb_undefined, thumb_prefetch, thumb_data, done\n"
    "ldr r0, =0x86000000\n"
    "arm_svc: svc #0\ncmp r0, #0\naddeq r5, r5, #1\nmov r6, #0\n"
    "arm_undefined: mrc p15, 0, r6, c0, c0, 0\ncmp r6, #0\naddne r5, r5, #1\n"
    "arm_prefetch: bl arm_far\n"
    "arm_data: stm r8, {r5, r8}\nldr r6, [r8]\ncmp r6, r5\naddeq r5, r5, #1\n"
    "add r7, pc, #1\nbx r7\n"
    ".thumb\n"
    "ldr r0, =0x86000000\n"
    "thumb_svc: svc #0\ncmp r0, #0\nit eq\naddeq r5, #1\n"
    "ldr r0, =0x86000000\ncmp r5, #5\n"
    "ittte eq\n"
    "thumb_svc_first: svceq #0\naddeq r5, #1\naddeq r5, #1\naddne r5, #64\n"
    "cmp r0, #0\nit ne\naddne r5, #64\n"
    "ldr r0, =0x86000000\ncmp r5, #6\n"
    "itte ne\naddne r5, #1\n"
    "thumb_svc_last: svcne #0\naddeq r5, #64\n"
    "cmp r0, #0\nit ne\naddne r5, #64\n"
    "movs r6, #0\ncmp r5, #8\n"
    "itt eq\n"
    "thumb_undefined: mrceq p15, 0, r6, c0, c0, 0\naddeq r5, #1\n"
    "cmp r6, #0\nit eq\naddeq r5, #64\n"
    "add r8, #4096\n"
    "ldr r7, =thumb_far + 1\n"
    "thumb_prefetch: blx r7\n"
    "cmp r5, #10\n"
    "it eq\n"
    "thumb_data: stmeq r8!, {r5, r6}\nldr r6, [r8, #-8]\ncmp r6, r5\nit eq\naddeq r5, #1\n"
    "done: mov r0, r5\npop {r4-r8, pc}\n"
    ".ltorg\n"
    ".bss\n.balign 4096\nfresh: .zero 8192\n.text\n.arm\n");

extern int attempt(void);

int guest_main(struct ovm_vcpu_page *page) {
    (void)page;
    return attempt();
}
