/* SPDX-License-Identifier: Apache-2.0 */
/* One access every STEP bytes of BYTES bytes, round and round; stores with STORES, loads without. No address depends on a load.
 * `cycles` is what ACCESSES accesses take. */
#include "counter.h"

static u8 memory[BYTES] __attribute__((aligned(4096)));
u32 cycles;

#ifdef STORES
#define ACCESS(register) "str " register ", [%0], %2\n"
#else
#define ACCESS(register) "ldr " register ", [%0], %2\n"
#endif

static void stream(u32 accesses)
{
    u32 at = (u32)memory, left = BYTES / STEP;
    for (; accesses; accesses -= 8) {
        __asm__ volatile(ACCESS("r4") ACCESS("r5") ACCESS("r6") ACCESS("r7") ACCESS("r4") ACCESS("r5") ACCESS("r6") ACCESS("r7")
                         : "+r"(at)
                         : "r"(0), "i"(STEP)
                         : "r4", "r5", "r6", "r7", "memory");
        left -= 8;
        if (!left) {
            at = (u32)memory;
            left = BYTES / STEP;
        }
    }
}

u32 work(void)
{
    counter_on();
    stream(BYTES / STEP);
    stream(BYTES / STEP);
    u32 before = counter();
    stream(ACCESSES);
    cycles = counter() - before;
    return 0;
}
