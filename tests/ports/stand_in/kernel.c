/* SPDX-License-Identifier: Apache-2.0 */
/* A kernel of seven tasks and an idle one, with the functions that FreeRTOS's port layer calls. */
#include "task.h"

enum { TASKS = 8, EQUALS = 4, STACK_WORDS = 512, FOREVER = 0xffffffff };

typedef struct tskTaskControlBlock {
    StackType_t *top; /* the port's: the first word */
    const char *name;
    TickType_t wake; /* 0: it is ready */
    StackType_t stack[STACK_WORDS] __attribute__((aligned(8)));
} Task;

static Task tasks[TASKS];
static uint32_t count;
static TickType_t ticks;
static uint32_t turn;
Task *volatile pxCurrentTCB;

TaskHandle_t task_make(const char *name, TaskFunction_t code, void *parameters) {
    Task *task = &tasks[count++];
    task->name = name;
    task->top = pxPortInitialiseStack(task->stack + STACK_WORDS, code, parameters);
    return task;
}

/* The last one that is ready. The first is the idle task; the next ones take turns. */
void vTaskSwitchContext(void) {
    uint32_t index = count - 1;
    while (index > EQUALS && tasks[index].wake != 0) {
        index--;
    }
    if (index <= EQUALS) {
        index = 0;
        for (uint32_t step = 0; step < EQUALS && index == 0; step++) {
            turn = turn % EQUALS + 1;
            index = tasks[turn].wake == 0 ? turn : 0;
        }
    }
    pxCurrentTCB = &tasks[index];
}

BaseType_t xTaskIncrementTick(void) {
    ticks += 1;
    for (uint32_t index = 0; index < count; index++) {
        if (tasks[index].wake == ticks) {
            tasks[index].wake = 0;
        }
    }
    task_tick_hook();
    return pdTRUE;
}

void vTaskStepTick(TickType_t passed) {
    ticks += passed;
    for (uint32_t index = 1; index < count; index++) {
        configASSERT(tasks[index].wake > ticks);
    }
}

/* The tick at which the idle task looked when the next task wakes. */
static TickType_t planned_at;

/* Now and then a tick becomes due just before the guest sleeps. */
static void let_a_tick_pend(void) {
    static uint32_t calls;
    calls += 1;
    while (calls % 2 == 0 && (port.page->irq_pending & 1u << OVM_INTERRUPT_TIMER) == 0) {
    }
}

eSleepModeStatus eTaskConfirmSleepModeStatus(void) {
    for (uint32_t index = 1; index < count; index++) {
        if (tasks[index].wake == 0 || planned_at != ticks) {
            return eAbortSleep;
        }
    }
    let_a_tick_pend();
    return eStandardSleep;
}

char *pcTaskGetName(TaskHandle_t task) {
    return (char *)(task != NULL ? task : pxCurrentTCB)->name;
}

void task_sleep(TickType_t length) {
    portENTER_CRITICAL();
    pxCurrentTCB->wake = ticks + length;
    portYIELD();
    portEXIT_CRITICAL();
}

void task_block(void) {
    portENTER_CRITICAL();
    pxCurrentTCB->wake = FOREVER;
    portYIELD();
    portEXIT_CRITICAL();
}

/* Block with interrupts open. */
void task_sleep_open(void) {
    pxCurrentTCB->wake = FOREVER;
    portYIELD();
}

void task_wake(TaskHandle_t task) {
    task->wake = 0;
}

TickType_t task_ticks(void) {
    return ticks;
}

static TickType_t idle_ticks(void) {
    TickType_t first = FOREVER;
    planned_at = ticks;
    for (uint32_t index = 1; index < count; index++) {
        if (tasks[index].wake - ticks < first) {
            first = tasks[index].wake - ticks;
        }
    }
    return first;
}

static void idle(void *parameters) {
    (void)parameters;
    for (;;) {
        TickType_t expected = idle_ticks();
        if (expected >= 2 && expected < FOREVER / 2) {
            portSUPPRESS_TICKS_AND_SLEEP(expected);
        }
        portYIELD();
    }
}

void task_begin(void) {
    task_make("idle", idle, NULL);
}

void task_start(void) {
    vTaskSwitchContext();
    (void)xPortStartScheduler();
}
