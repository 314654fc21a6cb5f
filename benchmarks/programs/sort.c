/* SPDX-License-Identifier: Apache-2.0 */
/* Shell sort of 16384 words (64 KiB: twice the L1 cache), again and again from other numbers. */
#include "program.h"

#define COUNT 16384
static u32 values[COUNT];

static const u16 gaps[] = {6143, 2457, 983, 393, 157, 63, 25, 9, 4, 1};

static void sort(u32 gap)
{
    for (u32 i = gap; i < COUNT; i++) {
        u32 value = values[i];
        u32 j = i;
        for (; j >= gap && values[j - gap] > value; j -= gap)
            values[j] = values[j - gap];
        values[j] = value;
    }
}

u32 work(void)
{
    u32 state = 1, sum = 0;
    for (u32 turn = 0; turn < TURNS; turn++) {
        for (u32 i = 0; i < COUNT; i++)
            values[i] = next(&state);
        for (u32 i = 0; i < sizeof gaps / sizeof *gaps; i++)
            sort(gaps[i]);
        for (u32 i = 0; i < COUNT; i += 64)
            sum = sum * 31 + values[i];
    }
    return sum;
}
