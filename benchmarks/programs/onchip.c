/* SPDX-License-Identifier: Apache-2.0 */
/* Loads from on-chip memory, not cached, each with the address that the one before gave; `cycles` is what LOADS take. */
#include "counter.h"

#define ON_CHIP 0xFFFC0000u

u32 cycles;

static u32 chase(u32 at, u32 loads)
{
    for (; loads; loads -= 8)
        __asm__ volatile("ldr %0, [%0]\n ldr %0, [%0]\n ldr %0, [%0]\n ldr %0, [%0]\n"
                         "ldr %0, [%0]\n ldr %0, [%0]\n ldr %0, [%0]\n ldr %0, [%0]"
                         : "+r"(at)::"memory");
    return at;
}

u32 work(void)
{
    *(volatile u32 *)ON_CHIP = ON_CHIP;
    counter_on();
    chase(ON_CHIP, 800);
    u32 before = counter();
    u32 at = chase(ON_CHIP, LOADS);
    cycles = counter() - before;
    return at;
}
