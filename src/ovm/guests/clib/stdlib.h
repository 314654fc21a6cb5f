/* SPDX-License-Identifier: Apache-2.0 */
/* The part of <stdlib.h> that freestanding libraries need: memory from the end of the image to the end of the RAM. */
#ifndef OVM_STDLIB_H
#define OVM_STDLIB_H

#include <stddef.h>

void *malloc(size_t length);
void *calloc(size_t count, size_t length);
void free(void *block);
_Noreturn void abort(void);

#endif
