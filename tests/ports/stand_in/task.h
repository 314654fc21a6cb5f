/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TASK_H
#define TASK_H

#include "FreeRTOS.h"

typedef struct tskTaskControlBlock *TaskHandle_t;
typedef enum { eAbortSleep, eStandardSleep, eNoTasksWaitingTimeout } eSleepModeStatus;

/* Called by the port. */
void vTaskSwitchContext(void);
BaseType_t xTaskIncrementTick(void);
void vTaskStepTick(TickType_t ticks);
eSleepModeStatus eTaskConfirmSleepModeStatus(void);
char *pcTaskGetName(TaskHandle_t task);

/* Begin with task_begin. The later a task is made, the more urgent it is; the first four share a priority. */
void task_begin(void);
TaskHandle_t task_make(const char *name, TaskFunction_t code, void *parameters);
void task_sleep(TickType_t ticks);
void task_block(void);
void task_sleep_open(void);
void task_wake(TaskHandle_t task);
void task_start(void);
TickType_t task_ticks(void);
void task_tick_hook(void);

#endif
