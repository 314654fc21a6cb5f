/* SPDX-License-Identifier: Apache-2.0 */
/* Start, console and exit for guests in C, over the hypercalls. */
#include "guest.h"

struct ovm_vcpu_page *guest_page;

enum { WORDS = 6, CAPACITY = WORDS * 4 };

/* One hypercall carries 24 bytes, first byte lowest: so this is also how they go into registers. */
static union {
    uint8_t bytes[CAPACITY];
    uint32_t words[WORDS];
} pending;
static uint32_t length;

void print_flush(void) {
    if (length != 0) {
        ovm_console_write(length, pending.words);
    }
    length = 0;
}

static void put(char character) {
    pending.bytes[length] = (uint8_t)character;
    length += 1;
    if (length == CAPACITY || character == '\n') {
        print_flush();
    }
}

void print(const char *text) {
    for (; *text != '\0'; text++) {
        put(*text);
    }
}

void print_unsigned(uint32_t value) {
    char digits[10];
    unsigned count = 0;
    do {
        digits[count] = (char)('0' + value % 10);
        count += 1;
        value /= 10;
    } while (value != 0);
    while (count != 0) {
        count -= 1;
        put(digits[count]);
    }
}

void print_hexadecimal(uint32_t value) {
    print("0x");
    for (int shift = 28; shift >= 0; shift -= 4) {
        put("0123456789abcdef"[value >> shift & 15]);
    }
}

_Noreturn void guest_exit(int status) {
    print_flush();
    ovm_exit((uint32_t)status);
}

/* Called by `_start` as soon as there is a stack. */
_Noreturn void guest_start(struct ovm_vcpu_page *page) {
    guest_page = page;
    guest_exit(guest_main(page));
}
