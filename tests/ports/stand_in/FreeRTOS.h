/* SPDX-License-Identifier: Apache-2.0 */
/* A stand-in for FreeRTOS: what its port layer may ask of a kernel, and what a kernel asks of it. It is no FreeRTOS. */
#ifndef FREERTOS_H
#define FREERTOS_H

#include <stddef.h>
#include <stdint.h>

#define TICK_TYPE_WIDTH_16_BITS 0
#define TICK_TYPE_WIDTH_32_BITS 1
#define TICK_TYPE_WIDTH_64_BITS 2
#define configTICK_TYPE_WIDTH_IN_BITS TICK_TYPE_WIDTH_32_BITS

#include "FreeRTOSConfig.h"
#include "portmacro.h"

#define pdFALSE ((BaseType_t)0)
#define pdTRUE ((BaseType_t)1)

typedef void (*TaskFunction_t)(void *parameters);

StackType_t *pxPortInitialiseStack(StackType_t *top, TaskFunction_t code, void *parameters);
BaseType_t xPortStartScheduler(void);
void vPortEndScheduler(void);

#endif
