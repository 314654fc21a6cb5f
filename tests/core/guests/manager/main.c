/* SPDX-License-Identifier: Apache-2.0 */
/* A guest with the right to manage: it starts one that is held, sees it end, stops one that runs, and asks for what
 * isn't to be had. With argument[0] = 1, it is a guest without the right that asks for the same. */
#include "guest.h"

enum { MANAGER = 0, HELD = 1, RUNNING = 2, HARD = 4, GUESTS = 5, EXIT_STATUS = 0, TENTHS = 20 };

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

static uint32_t state_of(uint32_t guest) {
    struct ovm_result answer = ovm_guest_status(guest);
    return answer.r0 == OVM_SUCCESS ? answer.r1 : OVM_GUEST_STATE_UNUSED;
}

/* Wait until a guest is in a state, two seconds at most. */
static int becomes(struct ovm_vcpu_page *page, uint32_t guest, uint32_t state) {
    uint64_t next = ovm_time();
    page->irq_enabled = 1u << OVM_INTERRUPT_TIMER;
    for (uint32_t tenth = 0; tenth < TENTHS && state_of(guest) != state; tenth++) {
        next += 100000ull * page->ticks_per_us;
        ovm_timer_set(next);
        while (ovm_interrupt_acknowledge() == 0) {
            ovm_wait();
        }
    }
    return state_of(guest) == state;
}

static void manage(struct ovm_vcpu_page *page) {
    check("held before", state_of(HELD) == OVM_GUEST_STATE_HELD);
    check("a held guest can't be stopped", ovm_guest_stop(HELD) == OVM_DENIED);
    check("start", ovm_guest_start(HELD) == OVM_SUCCESS);
    check("start of a guest that runs", ovm_guest_start(HELD) == OVM_DENIED);
    check("exited", becomes(page, HELD, OVM_GUEST_STATE_EXITED));
    check("its status", ovm_guest_status(HELD).r2 == EXIT_STATUS);
    check("start of a guest that has run", ovm_guest_start(HELD) == OVM_DENIED);

    uint32_t state = state_of(RUNNING);
    check("runs", state == OVM_GUEST_STATE_READY || state == OVM_GUEST_STATE_WAITING);
    check("stop", ovm_guest_stop(RUNNING) == OVM_SUCCESS);
    check("stopped at once", state_of(RUNNING) == OVM_GUEST_STATE_STOPPED);
    check("stop of a stopped guest", ovm_guest_stop(RUNNING) == OVM_DENIED);

    check("a hard guest isn't ours to stop", ovm_guest_stop(HARD) == OVM_DENIED);
    check("a hard guest isn't ours to start", ovm_guest_start(HARD) == OVM_DENIED);
    check("start of oneself", ovm_guest_start(MANAGER) == OVM_INVALID_PARAMETER);
    check("stop of oneself", ovm_guest_stop(MANAGER) == OVM_INVALID_PARAMETER);
    static const uint32_t nobody[] = {GUESTS, 8, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
    for (uint32_t index = 0; index < sizeof nobody / sizeof *nobody; index++) {
        check("start of nobody", ovm_guest_start(nobody[index]) == OVM_INVALID_PARAMETER);
        check("stop of nobody", ovm_guest_stop(nobody[index]) == OVM_INVALID_PARAMETER);
        check("status of nobody", ovm_guest_status(nobody[index]).r0 == OVM_INVALID_PARAMETER);
    }
}

static void try_without_right(void) {
    for (uint32_t guest = 0; guest < GUESTS + 1; guest++) {
        check("start without right", ovm_guest_start(guest) == OVM_DENIED);
        check("stop without right", ovm_guest_stop(guest) == OVM_DENIED);
        check("status without right", ovm_guest_status(guest).r0 == OVM_DENIED);
    }
}

int guest_main(struct ovm_vcpu_page *page) {
    if (page->argument[0] == 1) {
        try_without_right();
    } else {
        manage(page);
    }
    ovm_report(OVM_REPORT_CHECKS_PASSED, passed);
    ovm_report(OVM_REPORT_CHECKS_FAILED, failed);
    return failed != 0;
}
