/* SPDX-License-Identifier: Apache-2.0 */
/* A heap that only grows: blocks are cut one after the other from the RAM behind the image.
 *
 * `free` takes back the block that was cut last and keeps every other one; guests that run once need no more. At level NRT
 * that RAM has no frames yet, so what is never touched costs nothing. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"

enum { ALIGNMENT = 8, ABORTED = 134 };

extern uint8_t __image_end[];

static uintptr_t next;
static uintptr_t last;

void *malloc(size_t length) {
    uintptr_t end = guest_page->ram_base + guest_page->ram_bytes;
    if (next == 0) {
        next = (uintptr_t)__image_end;
    }
    size_t rounded = (length + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (rounded < length || rounded > end - next) {
        return NULL;
    }
    last = next;
    next += rounded;
    return (void *)last;
}

void *calloc(size_t count, size_t length) {
    if (length != 0 && count > SIZE_MAX / length) {
        return NULL;
    }
    void *block = malloc(count * length);
    return block == NULL ? NULL : memset(block, 0, count * length);
}

void free(void *block) {
    if (block != NULL && (uintptr_t)block == last) {
        next = last;
    }
}

_Noreturn void abort(void) {
    print("aborted\n");
    guest_exit(ABORTED);
}
