/* SPDX-License-Identifier: Apache-2.0 */
/* Copying, filling and comparing memory: by words where both sides allow it, else by bytes. */
#include <stdint.h>
#include <string.h>

enum { WORD = sizeof(uint32_t) };

/* Words that may lie over objects of any type. */
typedef uint32_t __attribute__((may_alias)) word;

static int aligned(const void *left, const void *right) {
    return (((uintptr_t)left | (uintptr_t)right) & (WORD - 1)) == 0;
}

void *memcpy(void *restrict target, const void *restrict source, size_t length) {
    uint8_t *to = target;
    const uint8_t *from = source;
    if (aligned(to, from)) {
        for (; length >= WORD; length -= WORD, to += WORD, from += WORD) {
            *(word *)to = *(const word *)from;
        }
    }
    for (; length != 0; length--) {
        *to++ = *from++;
    }
    return target;
}

void *memmove(void *target, const void *source, size_t length) {
    uint8_t *to = target;
    const uint8_t *from = source;
    if ((uintptr_t)to - (uintptr_t)from >= length) {
        return memcpy(target, source, length);
    }
    while (length != 0) {
        length -= 1;
        to[length] = from[length];
    }
    return target;
}

void *memset(void *target, int value, size_t length) {
    uint8_t *to = target;
    uint32_t pattern = (uint8_t)value * 0x01010101u;
    if (aligned(to, to)) {
        for (; length >= WORD; length -= WORD, to += WORD) {
            *(word *)to = pattern;
        }
    }
    for (; length != 0; length--) {
        *to++ = (uint8_t)value;
    }
    return target;
}

int memcmp(const void *left, const void *right, size_t length) {
    const uint8_t *one = left;
    const uint8_t *other = right;
    for (; length != 0; length--, one++, other++) {
        if (*one != *other) {
            return *one < *other ? -1 : 1;
        }
    }
    return 0;
}

size_t strlen(const char *text) {
    size_t length = 0;
    while (text[length] != '\0') {
        length += 1;
    }
    return length;
}

int strcmp(const char *left, const char *right) {
    while (*left != '\0' && *left == *right) {
        left++;
        right++;
    }
    return (uint8_t)*left - (uint8_t)*right;
}

char *strcpy(char *restrict target, const char *restrict source) {
    memcpy(target, source, strlen(source) + 1);
    return target;
}
