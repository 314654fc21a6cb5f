/* SPDX-License-Identifier: Apache-2.0 */
/* Table look-ups: CRC-32 by bytes over 16 KiB, and an automaton whose states and classes are tables. */
#include "program.h"

#define BYTES 16384
static u8 data[BYTES];
static u32 remainders[256];
static u8 class_of[256], following[16][16];

static void prepare(void)
{
    u32 state = 3;
    for (u32 i = 0; i < 256; i++) {
        u32 c = i;
        for (u32 bit = 0; bit < 8; bit++)
            c = c & 1 ? 0xEDB88320u ^ c >> 1 : c >> 1;
        remainders[i] = c;
        class_of[i] = (u8)(next(&state) & 15);
        following[i >> 4][i & 15] = (u8)(next(&state) & 15);
    }
    for (u32 i = 0; i < BYTES; i++)
        data[i] = (u8)next(&state);
}

u32 work(void)
{
    u32 sum = 0, at = 0;
    u32 visits[16] = {0};
    prepare();
    for (u32 turn = 0; turn < TURNS; turn++) {
        u32 c = ~sum;
        for (u32 i = 0; i < BYTES; i++)
            c = remainders[(c ^ data[i]) & 255] ^ c >> 8;
        for (u32 i = 0; i < BYTES; i++) {
            at = following[at][class_of[data[i]]];
            visits[at]++;
        }
        sum = ~c + visits[turn & 15];
        data[turn % BYTES] ^= (u8)sum;
    }
    return sum;
}
