/* SPDX-License-Identifier: Apache-2.0 */
/* What the demo suites want of a board and a C library. */
#include <stdarg.h>
#include <stddef.h>

#include "IntQueueTimer.h"
#include "stdio.h"

/* One number, in decimal. */
int sprintf(char *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    long value = va_arg(arguments, long);
    va_end(arguments);
    char digits[12];
    int length = 0;
    int count = 0;
    if (format[1] == 'd' && value < 0) {
        text[length++] = '-';
        value = -value;
    }
    unsigned long left = (unsigned long)value;
    do {
        digits[count++] = (char)('0' + left % 10);
        left /= 10;
    } while (left != 0);
    while (count != 0) {
        text[length++] = digits[--count];
    }
    text[length] = '\0';
    return length;
}

/* The tick hook plays its two timers. */
void vInitialiseTimerForIntQueueTest(void) {
}

void vParTestToggleLED(unsigned long led) {
    (void)led;
}
