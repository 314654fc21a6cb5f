/* SPDX-License-Identifier: Apache-2.0 */
/* What lmbench's bw_mem does to BYTES bytes, to every EVERYth word, round and round: adds them up, stores a 1, both, or copies them
 * (ADD, STORE, COPY). `cycles` is what ROUNDS rounds take, each 512 bytes behind the other without a branch. */
#include "counter.h"

static u32 memory[BYTES / 4] __attribute__((aligned(4096)));
#ifdef COPY
static u32 copy[BYTES / 4] __attribute__((aligned(4096)));
#else
#define copy memory
#endif
u32 cycles;

/* One word, `next` and `last` being registers that follow each other: a sum takes what was loaded for the word before. */
#if defined(ADD) && defined(STORE)
#define WORD(next, last, offset) "ldr " next ", [%1, " offset "]\n str %3, [%1, " offset "]\n add %0, %0, " last "\n"
#elif defined(ADD)
#define WORD(next, last, offset) "ldr " next ", [%1, " offset "]\n add %0, %0, " last "\n"
#elif defined(STORE)
#define WORD(next, last, offset) "str %3, [%1, " offset "]\n"
#else
#define WORD(next, last, offset) "ldr " next ", [%1, " offset "]\n str " next ", [%2, " offset "]\n"
#endif
#define OFFSET(word) "#(" #word ")*%c4"
#define FOUR(first) \
    WORD("r4", "r7", OFFSET(first)) WORD("r5", "r4", OFFSET(first + 1)) WORD("r6", "r5", OFFSET(first + 2)) \
    WORD("r7", "r6", OFFSET(first + 3))

/* Sixteen words from `at` on. */
static inline u32 sixteen(u32 sum, u32 at, u32 to)
{
    __asm__ volatile(FOUR(0) FOUR(4) FOUR(8) FOUR(12)
                     : "+r"(sum)
                     : "r"(at), "r"(to), "r"(1), "i"(4 * EVERY)
                     : "r4", "r5", "r6", "r7", "memory");
    return sum;
}

static u32 go(u32 rounds)
{
    u32 sum = 0;
    for (; rounds; rounds--)
        for (u32 first = 0; first < BYTES; first += 512) {
#pragma clang loop unroll(full)
            for (u32 more = 0; more < 512; more += 64 * EVERY)
                sum = sixteen(sum, (u32)memory + first + more, (u32)copy + first + more);
        }
    return sum;
}

u32 work(void)
{
    counter_on();
    u32 sum = go(4);
    u32 before = counter();
    sum += go(ROUNDS);
    cycles = counter() - before;
    return sum;
}
