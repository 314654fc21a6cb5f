/* SPDX-License-Identifier: Apache-2.0 */
/* Two of these count in turns through a channel: argument[0] = 0 begins, 1 answers. Whoever has counted rings. */
#include "guest.h"

enum { LAST = 200, WORDS = 1024, NO_REGIONS = 5 };

static uint32_t passed, failed;

static void check(const char *what, int holds) {
    if (holds) {
        passed++;
        return;
    }
    failed++;
    print("failed: ");
    print(what);
    print("\n");
}

static void await_bell(void) {
    while ((ovm_interrupt_acknowledge() & 1u << OVM_INTERRUPT_DOORBELL) == 0) {
        ovm_wait();
    }
}

/* The first word is the count, the last one its complement: all of the memory is shared. */
static void put(volatile uint32_t *shared, uint32_t value, uint32_t channel) {
    shared[0] = value;
    shared[WORDS - 1] = ~value;
    check("ring", ovm_doorbell(channel) == OVM_SUCCESS);
}

static void count(volatile uint32_t *shared, uint32_t turn, uint32_t channel) {
    if (turn == 0) {
        check("zeroes at first", shared[0] == 0 && shared[WORDS - 1] == 0);
        put(shared, 1, channel);
    }
    for (uint32_t now = 0; now < LAST;) {
        await_bell();
        now = shared[0];
        check("this guest's turn", now % 2 == turn);
        check("the last word follows", shared[WORDS - 1] == ~now);
        put(shared, now + 1, channel);
    }
}

int guest_main(struct ovm_vcpu_page *page) {
    uint32_t turn = page->argument[0];
    uint32_t channel = page->region_count - 1;
    page->irq_enabled = 1u << OVM_INTERRUPT_DOORBELL;
    /* The guest that answers has a region of its own before the channel. */
    check("regions", page->region_count == 1 + turn);
    for (uint32_t number = 0; number < NO_REGIONS; number++) {
        check("only a channel has a bell", number == channel || ovm_doorbell(number) == OVM_INVALID_PARAMETER);
    }
    check("no such number", ovm_doorbell(0xFFFFFFFF) == OVM_INVALID_PARAMETER);
    count((volatile uint32_t *)page->region_base[channel], turn, channel);
    ovm_report(OVM_REPORT_CHECKS_FAILED, failed);
    ovm_report(OVM_REPORT_CHECKS_PASSED, passed);
    return failed != 0;
}
