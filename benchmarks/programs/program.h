/* SPDX-License-Identifier: Apache-2.0 */
/* What bare programs share. `TURNS` says how much work: the build sets it. */
#ifndef PROGRAM_H
#define PROGRAM_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int i32;

/* Where things are, if the build doesn't say: Zynq-7000. */
#ifndef PERIPHERALS
#define RAM_BASE 0u
#define PERIPHERALS 0xF8F00000u
#define LEVEL2 0xF8F02000u
#endif

/* The program: its checksum goes to `result`. */
u32 work(void);

/* A generator of 32-bit numbers (xorshift): the same everywhere. */
static inline u32 next(u32 *state)
{
    u32 x = *state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *state = x;
}

#endif
