/* SPDX-License-Identifier: Apache-2.0 */
/* Loads from 4 KiB that L1 holds, in an order without sense, none waiting for another; all of them OFFSET bytes from where a
 * doubleword begins. `cycles` is what LOADS of them take. */
#include "counter.h"

static u8 memory[4096] __attribute__((aligned(4096)));
u32 cycles;

#define LOAD(register, place) "ldr " register ", [%0, #" #place "]\n"

static void load(u32 loads)
{
    for (; loads; loads -= 32)
        __asm__ volatile(LOAD("r4", 0x4A8) LOAD("r5", 0xE20) LOAD("r6", 0x118) LOAD("r7", 0x990)
                         LOAD("r4", 0xB68) LOAD("r5", 0x3D0) LOAD("r6", 0xF58) LOAD("r7", 0x0A0)
                         LOAD("r4", 0x7F8) LOAD("r5", 0x5B0) LOAD("r6", 0xC38) LOAD("r7", 0x260)
                         LOAD("r4", 0x888) LOAD("r5", 0xD40) LOAD("r6", 0x610) LOAD("r7", 0x1C8)
                         LOAD("r4", 0xA78) LOAD("r5", 0x320) LOAD("r6", 0xEE8) LOAD("r7", 0x0D0)
                         LOAD("r4", 0x738) LOAD("r5", 0x5E0) LOAD("r6", 0xC98) LOAD("r7", 0x208)
                         LOAD("r4", 0x858) LOAD("r5", 0xDB0) LOAD("r6", 0x678) LOAD("r7", 0x150)
                         LOAD("r4", 0x9E8) LOAD("r5", 0x490) LOAD("r6", 0xB18) LOAD("r7", 0x368)
                         ::"r"(memory + OFFSET) : "r4", "r5", "r6", "r7", "memory");
}

u32 work(void)
{
    counter_on();
    load(3200);
    u32 before = counter();
    load(LOADS);
    cycles = counter() - before;
    return 0;
}
