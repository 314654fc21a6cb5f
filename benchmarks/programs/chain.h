/* SPDX-License-Identifier: Apache-2.0 */
/* A chain of pointers in random order through `memory`, one every STRIDE bytes, COUNT of them.
 *
 * With STRIDE 32 each is in a line of its own, with 4096 + 32 in a page and a line of its own. */
#ifndef CHAIN_H
#define CHAIN_H

#include "program.h"

static u8 memory[COUNT * STRIDE + 4096] __attribute__((aligned(4096)));

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

#endif
