/* SPDX-License-Identifier: Apache-2.0 */
/* A chain of pointers in random order, one every STRIDE bytes, COUNT of them; `cycles` is what LOADS loads take.
 *
 * With STRIDE 32 each load is in a line of its own, with 4096 + 32 in a page and a line of its own. Eight loads stand in a row,
 * each with the address that the one before gave, so nothing can overlap. */
#include "counter.h"

static u8 memory[COUNT * STRIDE + 4096] __attribute__((aligned(4096)));
u32 cycles;

static u32 *place(u32 index)
{
    return (u32 *)(memory + index * STRIDE);
}

static void link(u32 *state)
{
    /* Sattolo's shuffle: one cycle through all places. */
    for (u32 i = 0; i < COUNT; i++)
        *place(i) = i;
    for (u32 i = COUNT - 1; i > 0; i--) {
        u32 j = (u32)((u64)next(state) * i >> 32);
        u32 other = *place(i);
        *place(i) = *place(j);
        *place(j) = other;
    }
    for (u32 i = 0; i < COUNT; i++)
        *place(i) = (u32)place(*place(i));
}

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
