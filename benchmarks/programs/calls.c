/* SPDX-License-Identifier: Apache-2.0 */
/* Traps: supervisor calls without end; each saves registers, calls a function, restores and returns (`start.S`). */
#include "program.h"

extern u32 calls;

u32 work(void)
{
    for (u32 turn = 0; turn < TURNS; turn++)
        __asm__ volatile("svc #1" ::: "memory");
    return calls;
}
