/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupt latency: a random number of random accesses to data and code, then a software interrupt to the core itself;
 * the time from just before the trigger to the first instruction of the service routine, again and again.
 *
 * The routine is reached as in a small bare-metal system: vector, save registers, acknowledge, look the routine up, call
 * it (start.S holds the vectors). With LAYERED it is reached as through a vendor's library for bare metal: floating-point
 * registers are saved too, a table of exception handlers leads to the controller's driver, and that one's instance and
 * configuration to a table of routines with an argument each. Nothing is locked. DATA_BYTES and CODE_PAGES say where accesses
 * go, MOST how many there are. */
#include "counter.h"

#define CPU_INTERFACE (PERIPHERALS + 0x100)
#define DISTRIBUTOR (PERIPHERALS + 0x1000)
#define BINS 16384
#define ROUTINES 96
#define SOFTWARE_INTERRUPT 1

static u8 data[DATA_BYTES] __attribute__((aligned(4096)));
static u32 code[CODE_PAGES * 1024] __attribute__((aligned(4096)));
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

#ifdef LAYERED
struct routine {
    void (*function)(void *);
    void *argument;
};
struct configuration {
    u32 cpu_interface, distributor;
    struct routine routines[ROUTINES];
};
struct driver {
    struct configuration *configuration;
    u32 ready, unhandled;
};
/* Each on lines of its own, as objects of different modules are. */
static struct configuration configuration __attribute__((aligned(32)));
static struct driver driver __attribute__((aligned(32)));
static struct routine exceptions[8] __attribute__((aligned(32)));
static u32 times __attribute__((aligned(32)));

__attribute__((noinline, aligned(32))) static void serve_layered(void *argument)
{
    serve();
    ++*(u32 *)argument;
}

__attribute__((noinline, aligned(32))) static void ignore_layered(void *argument)
{
    (void)argument;
}

__attribute__((noinline, aligned(32))) static void driver_interrupt(void *argument)
{
    struct driver *instance = argument;
    u32 acknowledged = *reg(instance->configuration->cpu_interface + 0x0C);
    u32 id = acknowledged & 0x3FF;
    if (id < ROUTINES) {
        struct routine *routine = &instance->configuration->routines[id];
        routine->function(routine->argument);
    } else {
        instance->unhandled++;
    }
    *reg(instance->configuration->cpu_interface + 0x10) = acknowledged;
}

__attribute__((used, noinline, aligned(32))) static void dispatch(void)
{
    exceptions[5].function(exceptions[5].argument);
}

__attribute__((naked, aligned(32))) void interrupt(void)
{
    __asm__(".fpu neon\n push {r0-r3, r12, lr}\n vpush {d0-d7}\n vpush {d16-d31}\n vmrs r1, fpscr\n push {r1}\n"
            "vmrs r1, fpexc\n push {r1}\n bl dispatch\n pop {r1}\n vmsr fpexc, r1\n pop {r1}\n vmsr fpscr, r1\n"
            "vpop {d16-d31}\n vpop {d0-d7}\n pop {r0-r3, r12, lr}\n subs pc, lr, #4");
}

static void routines_on(void)
{
    u32 access;
    __asm__ volatile("mrc p15, 0, %0, c1, c0, 2" : "=r"(access));
    __asm__ volatile(".fpu neon\n mcr p15, 0, %0, c1, c0, 2\n isb\n vmsr fpexc, %1" ::"r"(access | 0xF << 20), "r"(1 << 30));
    configuration.cpu_interface = CPU_INTERFACE;
    for (u32 id = 0; id < ROUTINES; id++)
        configuration.routines[id].function = ignore_layered;
    configuration.routines[SOFTWARE_INTERRUPT] = (struct routine){serve_layered, &times};
    driver.configuration = &configuration;
    exceptions[5] = (struct routine){driver_interrupt, &driver};
}
#else
static void (*routines[ROUTINES])(void);

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

static void routines_on(void)
{
    for (u32 id = 0; id < ROUTINES; id++)
        routines[id] = ignore;
    routines[SOFTWARE_INTERRUPT] = serve;
}
#endif

static void controller_on(void)
{
    *reg(DISTRIBUTOR) = 1;
    *reg(DISTRIBUTOR + 0x100) = 1 << SOFTWARE_INTERRUPT;
    *reg(DISTRIBUTOR + 0x400) = 0;
    *reg(CPU_INTERFACE + 4) = 0xF8;
    *reg(CPU_INTERFACE) = 1;
    routines_on();
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
