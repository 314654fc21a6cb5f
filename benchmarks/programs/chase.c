/* SPDX-License-Identifier: Apache-2.0 */
/* A chase through a random chain of pointers (chain.h); `cycles` is what LOADS loads take. Eight loads stand in a row,
 * each with the address that the one before gave, so nothing can overlap. */
#include "chain.h"
#include "counter.h"

u32 cycles;

static u32 chase(u32 at, u32 loads)
{
    for (u32 turn = 0; turn < loads / 8; turn++)
        __asm__ volatile("ldr %0, [%0]\n ldr %0, [%0]\n ldr %0, [%0]\n ldr %0, [%0]\n"
                         "ldr %0, [%0]\n ldr %0, [%0]\n ldr %0, [%0]\n ldr %0, [%0]\n"
                         : "+r"(at)::"memory");
    return at;
}

u32 work(void)
{
    u32 state = 17;
    link(&state);
    counter_on();
    u32 at = chase((u32)memory, COUNT < LOADS ? COUNT & ~7u : LOADS);
    u32 before = counter();
    at = chase(at, LOADS);
    cycles = counter() - before;
    return at;
}
