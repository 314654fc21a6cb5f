/* SPDX-License-Identifier: Apache-2.0 */
/* The cycle counter of the performance monitors (DDI0388 chapter 11, ARM DDI0406C C12). */
#ifndef COUNTER_H
#define COUNTER_H

#include "program.h"

static inline void counter_on(void)
{
    __asm__ volatile("mcr p15, 0, %0, c9, c12, 0\n mcr p15, 0, %1, c9, c12, 1\n isb" ::"r"(5), "r"(0x80000000u));
}

static inline u32 counter(void)
{
    u32 cycles;
    __asm__ volatile("mrc p15, 0, %0, c9, c13, 0" : "=r"(cycles)::"memory");
    return cycles;
}

#endif
