/* SPDX-License-Identifier: Apache-2.0 */
/* The part of <string.h> that compilers and freestanding libraries need. */
#ifndef OVM_STRING_H
#define OVM_STRING_H

#include <stddef.h>

void *memcpy(void *restrict target, const void *restrict source, size_t length);
void *memmove(void *target, const void *source, size_t length);
void *memset(void *target, int value, size_t length);
int memcmp(const void *left, const void *right, size_t length);
size_t strlen(const char *text);
int strcmp(const char *left, const char *right);
char *strcpy(char *restrict target, const char *restrict source);

#endif
