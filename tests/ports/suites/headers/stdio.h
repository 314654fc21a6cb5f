/* SPDX-License-Identifier: Apache-2.0 */
/* As much of sprintf as the suites use: one %d or %lu. */
#ifndef SUITES_STDIO_H
#define SUITES_STDIO_H

int sprintf(char *text, const char *format, ...);

#endif
