/* SPDX-License-Identifier: Apache-2.0 */
/* Conditional branches: four places, each taken or not by a word of its own, WORDS of them, round and round. With RANDOM the
 * words are random bits, without it each place has one and the same direction. `cycles` is what BRANCHES take; `missed` is
 * how many of them event 0x10 counts (DDI0388 11.4.1: mispredicted or not predicted). */
#include "counter.h"

static u32 words[WORDS] __attribute__((aligned(4096)));
u32 cycles, missed;

#define BRANCH "ldr r4, [%0], #4\n tst r4, #1\n beq 1f\n add %1, %1, #1\n 1:\n"

static u32 branch(u32 branches)
{
    u32 sum = 0, at = 0;
    for (; branches; branches -= 4) {
        u32 *from = words + at;
        __asm__ volatile(BRANCH BRANCH BRANCH BRANCH : "+r"(from), "+r"(sum)::"r4", "cc", "memory");
        at = (at + 4) & (WORDS - 1);
    }
    return sum;
}

static inline u32 count(void)
{
    u32 value;
    __asm__ volatile("mrc p15, 0, %0, c9, c13, 2" : "=r"(value)::"memory");
    return value;
}

u32 work(void)
{
    u32 state = 5;
    for (u32 index = 0; index < WORDS; index++)
#ifdef RANDOM
        words[index] = next(&state) >> 13;
#else
        words[index] = index & 1;
#endif
    counter_on();
    __asm__ volatile("mcr p15, 0, %0, c9, c12, 5\n mcr p15, 0, %1, c9, c13, 1\n mcr p15, 0, %2, c9, c12, 1\n isb" ::"r"(0), "r"(0x10), "r"(1));
    branch(WORDS);
    u32 misses = count(), before = counter();
    u32 sum = branch(BRANCHES);
    cycles = counter() - before;
    missed = count() - misses;
    return sum;
}
