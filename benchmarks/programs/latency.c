/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupt latency: a random number of random accesses to data and code, then a software interrupt to the core itself;
 * the time from just before the trigger to the first instruction of the service routine, again and again.
 *
 * The routine is reached as in a small bare-metal system: vector, save registers, acknowledge, look the routine up, call
 * it (start.S holds the vectors). Nothing is locked. DATA_BYTES and CODE_PAGES say where accesses go, MOST how many there are. */
#include "counter.h"

#define CPU_INTERFACE (PERIPHERALS + 0x100)
#define DISTRIBUTOR (PERIPHERALS + 0x1000)
#define BINS 16384
#define ROUTINES 96
#define SOFTWARE_INTERRUPT 1

static u8 data[DATA_BYTES] __attribute__((aligned(4096)));
static u32 code[CODE_PAGES * 1024] __attribute__((aligned(4096)));
static void (*routines[ROUTINES])(void);
static volatile u32 triggered, latency, served;
u32 smallest, largest, bins[BINS];
u64 total;

static inline volatile u32 *reg(u32 address)
{
    return (volatile u32 *)address;
}

static void serve(void)
{
    latency = counter() - triggered;
    served = 1;
}

static void ignore(void)
{
}

__attribute__((used)) static void dispatch(void)
{
    u32 id = *reg(CPU_INTERFACE + 0x0C);
    if ((id & 0x3FF) < ROUTINES)
        routines[id & 0x3FF]();
    *reg(CPU_INTERFACE + 0x10) = id;
}

__attribute__((naked)) void interrupt(void)
{
    __asm__("sub lr, lr, #4\n push {r0-r3, r12, lr}\n bl dispatch\n ldm sp!, {r0-r3, r12, pc}^");
}

static void controller_on(void)
{
    *reg(DISTRIBUTOR) = 1;
    *reg(DISTRIBUTOR + 0x100) = 1 << SOFTWARE_INTERRUPT;
    *reg(DISTRIBUTOR + 0x400) = 0;
    *reg(CPU_INTERFACE + 4) = 0xF8;
    *reg(CPU_INTERFACE) = 1;
    for (u32 id = 0; id < ROUTINES; id++)
        routines[id] = ignore;
    routines[SOFTWARE_INTERRUPT] = serve;
    __asm__ volatile("cpsie i");
}

/* A `bx lr` in each line of the code area. */
static void write_code(void)
{
    for (u32 line = 0; line < CODE_PAGES * 128; line++)
        code[line * 8] = 0xE12FFF1E;
    for (u32 line = 0; line < CODE_PAGES * 128; line++)
        __asm__ volatile("mcr p15, 0, %0, c7, c11, 1" ::"r"(&code[line * 8]) : "memory");
    __asm__ volatile("dsb\n mcr p15, 0, %0, c7, c5, 0\n mcr p15, 0, %0, c7, c5, 6\n dsb\n isb" ::"r"(0) : "memory");
}

static void disturb(u32 *state)
{
    u32 number = (u32)((u64)next(state) * (MOST + 1) >> 32);
    for (u32 turn = 0; turn < number; turn++) {
        u32 choice = next(state);
        if (choice & 1)
            *(volatile u8 *)&data[(u32)((u64)next(state) * DATA_BYTES >> 32)];
        else
            ((void (*)(void))&code[(u32)((u64)next(state) * (CODE_PAGES * 128) >> 32) * 8])();
    }
}

u32 work(void)
{
    u32 state = SEED;
    counter_on();
    write_code();
    controller_on();
    smallest = ~0u;
    for (u32 run = 0; run < TURNS; run++) {
        disturb(&state);
        served = 0;
        triggered = counter();
        *reg(DISTRIBUTOR + 0xF00) = 2 << 24 | SOFTWARE_INTERRUPT;
        while (!served)
            ;
        u32 took = latency;
        bins[took < BINS ? took : BINS - 1]++;
        total += took;
        if (took < smallest)
            smallest = took;
        if (took > largest)
            largest = took;
    }
    return state;
}
