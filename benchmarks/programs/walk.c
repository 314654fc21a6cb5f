/* SPDX-License-Identifier: Apache-2.0 */
/* Page walks: one load and one store in each of PAGES pages, round and round; a line of its own in each page.
 *
 * 24 pages fit the micro-TLB, 96 fit the main TLB alone, 400 fit neither. */
#include "program.h"

static u8 memory[PAGES * 4096] __attribute__((aligned(4096)));

u32 work(void)
{
    u32 sum = 0;
    for (u32 turn = 0; turn < TURNS; turn++)
        for (u32 page = 0; page < PAGES; page++) {
            volatile u32 *word = (volatile u32 *)(memory + page * 4096 + (page & 127) * 32);
            sum += word[1];
            word[1] = sum ^ page;
            sum += turn;
        }
    return sum;
}
