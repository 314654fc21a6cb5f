/* SPDX-License-Identifier: Apache-2.0 */
/* Products of 96 x 96 matrices of integers: 36 KiB each, rows against columns. */
#include "program.h"

#define SIDE 96
static i32 left[SIDE][SIDE], right[SIDE][SIDE], product[SIDE][SIDE];

u32 work(void)
{
    u32 state = 7, sum = 0;
    for (u32 i = 0; i < SIDE; i++)
        for (u32 j = 0; j < SIDE; j++) {
            left[i][j] = (i32)next(&state) >> 16;
            right[i][j] = (i32)next(&state) >> 16;
        }
    for (u32 turn = 0; turn < TURNS; turn++) {
        for (u32 i = 0; i < SIDE; i++)
            for (u32 j = 0; j < SIDE; j++) {
                i32 total = 0;
                for (u32 k = 0; k < SIDE; k++)
                    total += left[i][k] * right[k][j];
                product[i][j] = total;
            }
        for (u32 i = 0; i < SIDE; i++) {
            sum = sum * 31 + (u32)product[i][turn % SIDE];
            left[i][turn % SIDE] ^= product[turn % SIDE][i] & 0xFF;
        }
    }
    return sum;
}
