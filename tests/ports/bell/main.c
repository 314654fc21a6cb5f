/* SPDX-License-Identifier: Apache-2.0 */
/* It rings the doorbell of its first channel every twenty milliseconds. */
#include "guest.h"

int guest_main(struct ovm_vcpu_page *page) {
    uint64_t next = ovm_time();
    page->irq_enabled = 1u << OVM_INTERRUPT_TIMER;
    for (;;) {
        next += page->timer_hz / 50;
        ovm_timer_set(next);
        while ((ovm_interrupt_acknowledge() & 1u << OVM_INTERRUPT_TIMER) == 0) {
            ovm_wait();
        }
        ovm_doorbell(0);
    }
}
