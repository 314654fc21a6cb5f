/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest in C may call besides the hypercalls of ovm_abi.h.
 *
 * It writes `int guest_main(struct ovm_vcpu_page *page)`; returning is exiting with that status. */
#ifndef OVM_GUEST_H
#define OVM_GUEST_H

#include <stddef.h>
#include <stdint.h>

#include "ovm_abi.h"

int guest_main(struct ovm_vcpu_page *page);
_Noreturn void guest_exit(int status);

/* The page that was handed to guest_main. */
extern struct ovm_vcpu_page *guest_page;

/* Console output; it is sent when a line ends, when it fills one hypercall, or by `print_flush`. */
void print(const char *text);
void print_unsigned(uint32_t value);
void print_hexadecimal(uint32_t value);
void print_flush(void);

#endif
