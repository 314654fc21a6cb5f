/* SPDX-License-Identifier: Apache-2.0 */
/* Each function of FreeRTOS's port layer, with the stand-in kernel.
 *
 * argument[0]: 0 checks everything; 1 to 4 ends in one of the ways that the port reports. Another guest rings the doorbell.
 * Reports CHECKS_PASSED and CHECKS_FAILED. */
#include "task.h"

#include "guest.h"

enum { ALL, RETURNING, UNDEFINED, ASSERTING, OVERFLOWING };
enum { KEEPERS = 3, YIELDING = 2, ROUNDS = 3, STEPS = 20, NAP = 5, LONG_NAP = 60, BELLS = 5 };

uint32_t registers_kept(uint32_t seed, uint32_t rounds, uint32_t yields);
void registers_spoil(void);
void vApplicationStackOverflowHook(TaskHandle_t task, char *name);

static uint32_t passed, failed;
static volatile uint32_t kept[KEEPERS], lost;
static volatile uint32_t hooks, hooks_outside, nested_hooks;
static volatile uint32_t bells, bells_wrong;
static TaskHandle_t helper_task, bell_task;
static volatile uint32_t helper_runs, helper_saw_mask, helper_saw_hooks, bell_wakes, spins;

static void check(const char *what, int holds) {
    if (holds) {
        passed++;
        return;
    }
    failed++;
    print("failed: ");
    print(what);
    print("\n");
}

static uint32_t masked(void) {
    return guest_page->irq_masked != 0;
}

/* The least and the most by which a tick was handled after the time of tick 0, in ticks of the board's timer. */
static uint64_t earliest = ~0ull, latest;

/* In the tick's interrupt. */
void task_tick_hook(void) {
    uint64_t late = ovm_time() - (uint64_t)task_ticks() * guest_page->timer_hz / configTICK_RATE_HZ;
    earliest = late < earliest ? late : earliest;
    latest = late > latest ? late : latest;
    hooks += 1;
    hooks_outside += !xPortIsInsideInterrupt() || !masked();
    nested_hooks += port.depth == 2;
    registers_spoil();
}

/* The doorbell's handler: others may interrupt it, and it waits until the tick has. */
static void bell(uint32_t number) {
    uint32_t before = hooks;
    bells_wrong += number != OVM_INTERRUPT_DOORBELL || masked() || !xPortIsInsideInterrupt();
    for (uint32_t seed = 0; hooks - before < 2; seed += 0x00c00001) {
        bells_wrong += !registers_kept(seed, 1, 0);
    }
    registers_spoil();
    bells += 1;
    uint32_t mask = portSET_INTERRUPT_MASK_FROM_ISR();
    bells_wrong += !masked() || mask != 0;
    portCLEAR_INTERRUPT_MASK_FROM_ISR(mask);
    bells_wrong += masked();
    task_wake(bell_task);
    portYIELD_FROM_ISR(pdTRUE);
}

static void on_bell(void *parameters) {
    (void)parameters;
    for (;;) {
        task_block();
        bell_wakes += 1;
    }
}

static uint32_t all_kept(void) {
    return kept[0] > STEPS && kept[1] > STEPS && kept[2] > STEPS;
}

/* Tasks of one priority that fill every register; the last one yields, the others are interrupted. */
static void keep(void *parameters) {
    uint32_t index = (uint32_t)(uintptr_t)parameters;
    vPortTaskUsesFPU();
    for (uint32_t seed = index * 0x00c00000 + 1;; seed += 0x02000000) {
        if (registers_kept(seed, ROUNDS, index == YIELDING)) {
            kept[index] += 1;
        } else {
            lost += 1;
        }
        if (all_kept()) {
            task_sleep(LONG_NAP);
        }
    }
}

/* One between them that has no floating point. */
static void spin(void *parameters) {
    (void)parameters;
    for (;;) {
        spins += 1;
        if (all_kept()) {
            task_sleep(LONG_NAP);
        }
    }
}

static void help(void *parameters) {
    check("a task's parameter", parameters == (void *)0x12345678);
    for (;;) {
        task_block();
        helper_runs += 1;
        helper_saw_mask += masked();
        task_sleep_open();
        helper_saw_hooks = hooks;
    }
}

static void check_critical(void) {
    check("a task starts with interrupts open", !masked() && !xPortIsInsideInterrupt());
    portENTER_CRITICAL();
    portENTER_CRITICAL();
    portEXIT_CRITICAL();
    check("an inner critical section leaves them masked", masked());
    portEXIT_CRITICAL();
    check("the outer one opens them", !masked());
    portENTER_CRITICAL();
    task_wake(helper_task);
    portYIELD();
    check("a section goes on after a yield", masked() && port.critical == 1);
    portEXIT_CRITICAL();
    check("another task ran, with interrupts open", helper_runs == 1 && helper_saw_mask == 0);
    uint32_t outer = portSET_INTERRUPT_MASK_FROM_ISR();
    uint32_t inner = portSET_INTERRUPT_MASK_FROM_ISR();
    portCLEAR_INTERRUPT_MASK_FROM_ISR(inner);
    check("an inner mask", masked());
    portCLEAR_INTERRUPT_MASK_FROM_ISR(outer);
    check("the outer mask", !masked());
}

/* A tick that becomes pending while interrupts are masked comes when they open. */
static void check_pending(void) {
    portENTER_CRITICAL();
    uint32_t before = hooks;
    while ((guest_page->irq_pending & 1u << OVM_INTERRUPT_TIMER) == 0) {
        __asm__ volatile("" ::: "memory");
    }
    check("no interrupt in a critical section", hooks == before);
    portEXIT_CRITICAL();
    check("it comes when the section ends", hooks > before);
    portENTER_CRITICAL();
    while ((guest_page->irq_pending & 1u << OVM_INTERRUPT_TIMER) == 0) {
        __asm__ volatile("" ::: "memory");
    }
    before = hooks;
    task_wake(helper_task);
    portYIELD();
    check("or when a task goes on that has none", helper_saw_hooks == before + 1);
    portEXIT_CRITICAL();
}

static void check_time(void) {
    uint64_t begin = portGET_RUN_TIME_COUNTER_VALUE();
    TickType_t first = task_ticks();
    uint32_t before = hooks;
    for (uint32_t step = 0; step < STEPS; step++) {
        task_sleep(step % 2 == 0 ? NAP : LONG_NAP);
    }
    uint64_t length = portGET_RUN_TIME_COUNTER_VALUE() - begin;
    uint64_t expected = length * configTICK_RATE_HZ / guest_page->timer_hz;
    TickType_t counted = task_ticks() - first;
    check("ticks are those of the board's timer", counted >= expected - 1 && counted <= expected + 1);
    check("ticks are as many as were slept", counted >= STEPS / 2 * (NAP + LONG_NAP));
    check("idle ticks interrupt nobody", hooks - before < counted / 2);
    print("ticks ");
    print_unsigned(counted);
    print(", interrupts ");
    print_unsigned(hooks - before);
    print("\n");
}

static void end(void *parameters) {
    (void)parameters;
    switch (guest_page->argument[0]) {
    case RETURNING:
        return;
    case UNDEFINED:
        __asm__ volatile("udf #0");
        break;
    case ASSERTING:
        configASSERT(guest_page->argument[0] == ALL);
        break;
    default:
        vApplicationStackOverflowHook(NULL, "deep");
        break;
    }
}

static void check_all(void *parameters) {
    (void)parameters;
    check_critical();
    check_pending();
    while (!all_kept()) {
        task_sleep(2);
    }
    check("every task's registers", lost == 0 && spins != 0);
    check_time();
    vPortSetHandler(OVM_INTERRUPT_DOORBELL, bell);
    while (bells < BELLS) {
        task_sleep(NAP);
    }
    vPortSetHandler(OVM_INTERRUPT_DOORBELL, NULL);
    check("handlers that can be interrupted", bells_wrong == 0 && nested_hooks >= 2 * BELLS);
    /* A ring from before the handler was there may fall together with the next one. */
    check("a handler wakes a task", bell_wakes >= BELLS - 1);
    check("the tick's handler", hooks_outside == 0);
    check("registers, with nested interrupts", lost == 0);
    check("no tick is early or late", latest - earliest < (uint64_t)guest_page->timer_hz / configTICK_RATE_HZ * 9 / 10);
    ovm_report(OVM_REPORT_CHECKS_PASSED, passed);
    ovm_report(OVM_REPORT_CHECKS_FAILED, failed);
    print(failed == 0 ? "every part of the port is right\n" : "the port is wrong\n");
    vPortEndScheduler();
}

int main(void) {
    task_begin();
    task_make("interrupted", keep, (void *)0);
    task_make("too", keep, (void *)1);
    task_make("yields", keep, (void *)YIELDING);
    task_make("spins", spin, NULL);
    if (guest_page->argument[0] != ALL) {
        task_make("ends", end, NULL);
        task_start();
    }
    task_make("checks", check_all, NULL);
    helper_task = task_make("helper", help, (void *)0x12345678);
    bell_task = task_make("bell", on_bell, NULL);
    task_start();
    return 1;
}
