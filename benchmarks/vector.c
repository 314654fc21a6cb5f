/* SPDX-License-Identifier: Apache-2.0 */
/* Take supervisor calls on Unicorn, which leaves exceptions to its user: enter SVC mode as ARM DDI0406C B1.9 says.
 *
 * In C, because a hook in Python would measure Python. Numbers are those of unicorn/arm.h and unicorn.h. */
#include <stdint.h>

enum { R_CPSR, R_LR, R_PC, R_SPSR, REGISTERS };

struct access {
    int (*read)(void *machine, int name, void *value);
    int (*write)(void *machine, int name, const void *value);
    int names[REGISTERS];
    uint32_t vectors;
};

void take_call(void *machine, uint32_t number, void *user)
{
    const struct access *access = user;
    uint32_t status, pc;
    (void)number;
    access->read(machine, access->names[R_CPSR], &status);
    access->read(machine, access->names[R_PC], &pc);
    uint32_t entered = (status & ~0x3Fu) | 0x93;
    uint32_t vector = access->vectors + 8;
    access->write(machine, access->names[R_CPSR], &entered);
    access->write(machine, access->names[R_SPSR], &status);
    access->write(machine, access->names[R_LR], &pc);
    access->write(machine, access->names[R_PC], &vector);
}
