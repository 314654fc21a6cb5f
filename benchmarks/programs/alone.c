/* SPDX-License-Identifier: Apache-2.0 */
/* Start an HRT guest's image on the bare board: what OVM would have set up for it, and nothing of OVM.
 *
 * ENTRY is the guest's, PAGE where its HrtPage shall be (src/ovm/abi/vcpu_page.py), SECONDS and PERIOD_US its arguments. */
#include "program.h"

struct hrt_page {
    u32 magic, version, ticks_per_us, level, ram_base, ram_bytes, finished, console_head, console_tail, argument[4];
};

u32 work(void)
{
    struct hrt_page *page = (struct hrt_page *)PAGE;
    page->magic = 0x4F564D31;
    page->version = 1;
    page->ticks_per_us = 333;
    page->argument[0] = SECONDS;
    page->argument[1] = PERIOD_US;
    *(volatile u32 *)(PERIPHERALS + 0x208) = 1; /* the global timer runs */
    ((void (*)(u32))ENTRY)(PAGE);
    return 0;
}
