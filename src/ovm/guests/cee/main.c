/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest useful guest in C: it says hello, keeps a period with the virtual timer, reports and exits.
 *
 * argument[0] is the number of periods (default 20), argument[1] their length in microseconds (default 1000). Virtual
 * interrupts stay masked: WAIT returns when one is pending, masked or not, so no vectors are needed. */
#include "guest.h"

enum { DEFAULT_PERIODS = 20, DEFAULT_MICROSECONDS = 1000, LINES = 4 };

static const char *const LEVELS[] = {"no level", "HRT", "SRT", "NRT"};

/* Sleep until the virtual timer says that `deadline` has come. */
static void sleep_until(uint64_t deadline) {
    ovm_timer_set(deadline);
    while ((ovm_interrupt_acknowledge() & 1u << OVM_INTERRUPT_TIMER) == 0) {
        ovm_wait();
    }
}

static void introduce(const struct ovm_vcpu_page *page) {
    print("hello from C at level ");
    print(LEVELS[page->level < 4 ? page->level : 0]);
    print(", ");
    print_unsigned(page->ram_bytes >> 10);
    print(" KiB at ");
    print_hexadecimal(page->ram_base);
    print("\n");
}

int guest_main(struct ovm_vcpu_page *page) {
    uint32_t periods = page->argument[0] != 0 ? page->argument[0] : DEFAULT_PERIODS;
    uint32_t microseconds = page->argument[1] != 0 ? page->argument[1] : DEFAULT_MICROSECONDS;
    uint64_t ticks = (uint64_t)microseconds * page->ticks_per_us;
    uint32_t early = 0;

    if (page->magic != OVM_VCPU_PAGE_MAGIC) {
        return 2;
    }
    introduce(page);
    page->irq_enabled = 1u << OVM_INTERRUPT_TIMER;
    uint64_t deadline = ovm_time();
    for (uint32_t period = 1; period <= periods; period++) {
        deadline += ticks;
        sleep_until(deadline);
        early += ovm_time() < deadline;
        if (period % (periods / LINES + 1) == 0) {
            print("period ");
            print_unsigned(period);
            print("\n");
        }
    }
    ovm_report(OVM_REPORT_ACTIVATIONS, periods);
    ovm_report(OVM_REPORT_CHECKS_PASSED, periods - early);
    ovm_report(OVM_REPORT_CHECKS_FAILED, early);
    print(early == 0 ? "done: no period ended early\n" : "done: some periods ended early\n");
    return early == 0 ? 0 : 1;
}
