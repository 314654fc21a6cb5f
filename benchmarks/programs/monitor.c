/* SPDX-License-Identifier: Apache-2.0 */
/* Traps to Monitor mode: SMC without end; each saves registers, calls a function, restores and returns. */
#include "program.h"

static u32 count;
static u32 stack[256];

__attribute__((used, noinline)) static void serve_monitor(u32 which)
{
    count += which;
}

__attribute__((naked, used, aligned(32))) static void monitor_vectors(void)
{
    __asm__("b .\n b .\n b 1f\n b .\n b .\n b .\n b .\n b .\n"
            "1: push {r0-r3, r12, lr}\n mov r0, #1\n bl serve_monitor\n ldm sp!, {r0-r3, r12, pc}^");
}

u32 work(void)
{
    __asm__ volatile(".arch_extension sec\n mcr p15, 0, %0, c12, c0, 1\n isb\n cps #0x16\n mov sp, %1\n cps #0x1F" ::"r"(monitor_vectors),
                     "r"(stack + 256)
                     : "memory");
    for (u32 turn = 0; turn < TURNS; turn++)
        __asm__ volatile(".arch_extension sec\n smc #0" ::: "memory");
    return count;
}
