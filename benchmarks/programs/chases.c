/* SPDX-License-Identifier: Apache-2.0 */
/* CHAINS chases through one random chain of pointers (chain.h), side by side: each load has the address that the load CHAINS
 * before it gave, so that so many can be under way at once. `cycles` is what LOADS loads take in all. */
#include "chain.h"
#include "counter.h"

u32 cycles;

/* One load of each chase. */
static inline void step(u32 *at)
{
    __asm__ volatile("ldr %0, [%0]\n ldr %1, [%1]" : "+r"(at[0]), "+r"(at[1]));
#if CHAINS == 8
    __asm__ volatile("ldr %0, [%0]\n ldr %1, [%1]\n ldr %2, [%2]" : "+r"(at[2]), "+r"(at[3]), "+r"(at[4]));
    __asm__ volatile("ldr %0, [%0]\n ldr %1, [%1]\n ldr %2, [%2]" : "+r"(at[5]), "+r"(at[6]), "+r"(at[7]));
#endif
}

static u32 chase(u32 *from, u32 loads)
{
    u32 at[CHAINS];
    for (u32 chain = 0; chain < CHAINS; chain++)
        at[chain] = from[chain];
    for (u32 turn = 0; turn < loads; turn += 4 * CHAINS) {
        step(at);
        step(at);
        step(at);
        step(at);
    }
    u32 sum = 0;
    for (u32 chain = 0; chain < CHAINS; chain++)
        sum += from[chain] = at[chain];
    return sum;
}

u32 work(void)
{
    u32 state = 17, from[CHAINS];
    link(&state);
    u32 *at = (u32 *)memory;
    for (u32 number = 0; number < COUNT; number++, at = (u32 *)*at)
        if (number % (COUNT / CHAINS) == 0 && number / (COUNT / CHAINS) < CHAINS)
            from[number / (COUNT / CHAINS)] = (u32)at;
    counter_on();
    chase(from, COUNT);
    u32 before = counter();
    u32 sum = chase(from, LOADS);
    cycles = counter() - before;
    return sum;
}
