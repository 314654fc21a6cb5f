/* SPDX-License-Identifier: Apache-2.0 */
/* Operations of the floating-point unit, each on what the one before it gave; `cycles` is what OPERATIONS take. KIND: 0 and 1
 * multiply, 2 and 3 divide, single and double. */
#include "counter.h"

u32 cycles;

#if KIND == 0
#define ONE "vmul.f32 s0, s0, s2\n"
#elif KIND == 1
#define ONE "vmul.f64 d0, d0, d1\n"
#elif KIND == 2
#define ONE "vdiv.f32 s0, s2, s0\n"
#else
#define ONE "vdiv.f64 d0, d1, d0\n"
#endif
#define EIGHT ONE ONE ONE ONE ONE ONE ONE ONE

static void go(u32 operations)
{
    for (; operations; operations -= 32)
        __asm__ volatile(".fpu neon\n" EIGHT EIGHT EIGHT EIGHT);
}

u32 work(void)
{
    u32 access;
    __asm__ volatile("mrc p15, 0, %0, c1, c0, 2" : "=r"(access));
    __asm__ volatile(".fpu neon\n mcr p15, 0, %0, c1, c0, 2\n isb\n vmsr fpexc, %1" ::"r"(access | 0xF << 20), "r"(1 << 30));
    __asm__ volatile(".fpu neon\n vmov.f64 d0, #1.0\n vmov.f64 d1, #1.0");
#if KIND % 2 == 0
    __asm__ volatile(".fpu neon\n vmov.f32 s0, #1.0\n vmov.f32 s2, #1.0");
#endif
    counter_on();
    go(320);
    u32 before = counter();
    go(OPERATIONS);
    cycles = counter() - before;
    return 0;
}
