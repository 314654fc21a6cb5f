/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FREERTOS_CONFIG_H
#define FREERTOS_CONFIG_H

#include <stdint.h>

void vPortAssertFailed(const char *file, uint32_t line);
#define configASSERT(x)                            \
    do {                                           \
        if (!(x)) {                                \
            vPortAssertFailed(__FILE__, __LINE__); \
        }                                          \
    } while (0)
#define configTICK_RATE_HZ 1000
#define configUSE_TICKLESS_IDLE 1
#define configGENERATE_RUN_TIME_STATS 1
#define configNESTED_INTERRUPTS (1u << OVM_INTERRUPT_DOORBELL)

#endif
