/* SPDX-License-Identifier: Apache-2.0 */
/* FreeRTOS's standard demo suites, all at once, and two tasks that look after every register.
 *
 * A line every five seconds names the suites that found an error or stand still. argument[0] is the number of seconds (default 20).
 * Reports CHECKS_PASSED and CHECKS_FAILED: a suite at a line. */
#include "FreeRTOS.h"
#include "task.h"
#include "timers.h"

#include "AbortDelay.h"
#include "BlockQ.h"
#include "EventGroupsDemo.h"
#include "GenQTest.h"
#include "IntQueue.h"
#include "IntSemTest.h"
#include "MessageBufferAMP.h"
#include "MessageBufferDemo.h"
#include "PollQ.h"
#include "QPeek.h"
#include "QueueOverwrite.h"
#include "QueueSet.h"
#include "QueueSetPolling.h"
#include "StaticAllocation.h"
#include "StreamBufferDemo.h"
#include "StreamBufferInterrupt.h"
#include "TaskNotify.h"
#include "TaskNotifyArray.h"
#include "TimerDemo.h"
#include "blocktim.h"
#include "countsem.h"
#include "death.h"
#include "dynamic.h"
#include "flop.h"
#include "integer.h"
#include "recmutex.h"
#include "semtest.h"

#include "guest.h"

enum {
    DEFAULT_SECONDS = 20,
    PERIOD_MS = 5000,
    TIMER_MS = 50,
    KEEPERS = 2,
    ROUNDS = 20,
    CHECK_PRIORITY = configMAX_PRIORITIES - 1,
};

uint32_t registers_kept(uint32_t seed, uint32_t rounds, uint32_t yields);

static volatile uint32_t kept[KEEPERS];

static void keep(void *parameter) {
    uint32_t index = (uint32_t)(uintptr_t)parameter;
    vPortTaskUsesFPU();
    for (uint32_t seed = index * 0x00c00000u + 1; registers_kept(seed, ROUNDS, index) != 0; seed += 2 * 0x01000000u) {
        kept[index] += 1;
    }
    vTaskDelete(NULL);
}

static BaseType_t registers_are_kept(void) {
    static uint32_t before[KEEPERS];
    BaseType_t right = pdTRUE;
    for (uint32_t index = 0; index < KEEPERS; index++) {
        right = right && kept[index] != before[index];
        before[index] = kept[index];
    }
    return right;
}

static BaseType_t timers_run(void) {
    return xAreTimerDemoTasksStillRunning(pdMS_TO_TICKS(PERIOD_MS));
}

static const struct {
    const char *name;
    BaseType_t (*runs)(void);
} SUITES[] = {
    {"AbortDelay", xAreAbortDelayTestTasksStillRunning},
    {"BlockQ", xAreBlockingQueuesStillRunning},
    {"EventGroupsDemo", xAreEventGroupTasksStillRunning},
    {"GenQTest", xAreGenericQueueTasksStillRunning},
    {"IntQueue", xAreIntQueueTasksStillRunning},
    {"IntSemTest", xAreInterruptSemaphoreTasksStillRunning},
    {"MessageBufferAMP", xAreMessageBufferAMPTasksStillRunning},
    {"MessageBufferDemo", xAreMessageBufferTasksStillRunning},
    {"PollQ", xArePollingQueuesStillRunning},
    {"QPeek", xAreQueuePeekTasksStillRunning},
    {"QueueOverwrite", xIsQueueOverwriteTaskStillRunning},
    {"QueueSet", xAreQueueSetTasksStillRunning},
    {"QueueSetPolling", xAreQueueSetPollTasksStillRunning},
    {"StaticAllocation", xAreStaticAllocationTasksStillRunning},
    {"StreamBufferDemo", xAreStreamBufferTasksStillRunning},
    {"StreamBufferInterrupt", xIsInterruptStreamBufferDemoStillRunning},
    {"TaskNotify", xAreTaskNotificationTasksStillRunning},
    {"TaskNotifyArray", xAreTaskNotificationArrayTasksStillRunning},
    {"TimerDemo", timers_run},
    {"blocktim", xAreBlockTimeTestTasksStillRunning},
    {"countsem", xAreCountingSemaphoreTasksStillRunning},
    {"death", xIsCreateTaskStillRunning},
    {"dynamic", xAreDynamicPriorityTasksStillRunning},
    {"flop", xAreMathsTaskStillRunning},
    {"integer", xAreIntegerMathsTaskStillRunning},
    {"recmutex", xAreRecursiveMutexTasksStillRunning},
    {"registers", registers_are_kept},
    {"semtest", xAreSemaphoreTasksStillRunning},
};

enum { SUITE_COUNT = sizeof SUITES / sizeof SUITES[0] };

static void check(void *parameter) {
    (void)parameter;
    uint32_t seconds = guest_page->argument[0] != 0 ? guest_page->argument[0] : DEFAULT_SECONDS;
    uint32_t passed = 0;
    uint32_t failed = 0;
    TickType_t last = xTaskGetTickCount();
    for (uint32_t second = PERIOD_MS / 1000; second <= seconds; second += PERIOD_MS / 1000) {
        vTaskDelayUntil(&last, pdMS_TO_TICKS(PERIOD_MS));
        print("second ");
        print_unsigned(second);
        print(":");
        uint32_t before = failed;
        for (uint32_t index = 0; index < SUITE_COUNT; index++) {
            if (SUITES[index].runs() == pdTRUE) {
                passed += 1;
                continue;
            }
            failed += 1;
            print(" ");
            print(SUITES[index].name);
        }
        print(failed == before ? " all suites run\n" : " failed\n");
    }
    ovm_report(OVM_REPORT_CHECKS_PASSED, passed);
    ovm_report(OVM_REPORT_CHECKS_FAILED, failed);
    vTaskEndScheduler();
}

/* Each suite's part in the tick's interrupt. IntQueue wants two timers of their own rates, from handlers. */
void vApplicationTickHook(void) {
    static uint32_t count;
    count += 1;
    vTimerPeriodicISRTests();
    vQueueOverwritePeriodicISRDemo();
    vPeriodicEventGroupsProcessing();
    xNotifyTaskFromISR();
    xNotifyArrayTaskFromISR();
    vInterruptSemaphorePeriodicTest();
    vPeriodicStreamBufferProcessing();
    vBasicStreamBufferSendFromISR();
    vQueueSetAccessQueueSetFromISR();
    vQueueSetPollingInterruptAccess();
    portYIELD_FROM_ISR(xFirstTimerHandler());
    if (count % 2 == 0) {
        portYIELD_FROM_ISR(xSecondTimerHandler());
    }
}

int main(void) {
    vStartInterruptQueueTasks();
    vStartDynamicPriorityTasks();
    vStartBlockingQueueTasks(tskIDLE_PRIORITY + 2);
    vCreateBlockTimeTasks();
    vStartCountingSemaphoreTasks();
    vStartGenericQueueTasks(tskIDLE_PRIORITY);
    vStartRecursiveMutexTasks();
    vStartSemaphoreTasks(tskIDLE_PRIORITY + 1);
    vStartMathTasks(tskIDLE_PRIORITY);
    vStartIntegerMathTasks(tskIDLE_PRIORITY);
    vStartPolledQueueTasks(tskIDLE_PRIORITY + 2);
    vStartQueuePeekTasks();
    vStartTimerDemoTask(TIMER_MS);
    vStartQueueOverwriteTask(tskIDLE_PRIORITY);
    vStartEventGroupTasks();
    vStartTaskNotifyTask();
    vStartTaskNotifyArrayTask();
    vStartInterruptSemaphoreTasks();
    vStartStaticallyAllocatedTasks();
    vCreateAbortDelayTasks();
    vStartMessageBufferTasks(configMINIMAL_STACK_SIZE * 2);
    vStartMessageBufferAMPTasks(configMINIMAL_STACK_SIZE * 2);
    vStartStreamBufferTasks();
    vStartStreamBufferInterruptDemo();
    vStartQueueSetTasks();
    vStartQueueSetPollingTask();
    for (uintptr_t index = 0; index < KEEPERS; index++) {
        xTaskCreate(keep, "keep", configMINIMAL_STACK_SIZE, (void *)index, tskIDLE_PRIORITY, NULL);
    }
    xTaskCreate(check, "check", configMINIMAL_STACK_SIZE, NULL, CHECK_PRIORITY, NULL);
    /* Last: it counts the tasks that there are. */
    vCreateSuicidalTasks(tskIDLE_PRIORITY + 3);
    print("suites: ");
    print_unsigned(SUITE_COUNT);
    print("\n");
    vTaskStartScheduler();
    print("too little memory\n");
    return 1;
}
