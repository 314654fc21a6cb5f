/* SPDX-License-Identifier: Apache-2.0 */
/* FreeRTOS on OVM: start, tasks' first frames, the tick, tickless idle, virtual interrupts, what ends the guest. */
#include "FreeRTOS.h"
#include "task.h"

#include "guest.h"
#include "layout.h"

#ifndef configINTERRUPT_STACK_BYTES
#define configINTERRUPT_STACK_BYTES 4096
#endif
#ifndef configNESTED_STACK_BYTES
#define configNESTED_STACK_BYTES 4096
#endif
#ifndef configPRE_SLEEP_PROCESSING
#define configPRE_SLEEP_PROCESSING(expected) ((void)(expected))
#endif
#ifndef configPOST_SLEEP_PROCESSING
#define configPOST_SLEEP_PROCESSING(expected) ((void)(expected))
#endif

enum {
    INTERRUPTS = 3,
    TIMER = 1u << OVM_INTERRUPT_TIMER,
    NESTED = (configNESTED_INTERRUPTS) & ~TIMER,
    /* Not 0: critical sections before the scheduler starts don't open the mask. */
    NOT_STARTED = 0x10000,
    FAULT_STATUS = 0x60,
};

#define SAME(number, structure, field) _Static_assert((number) == offsetof(structure, field), "layout.h: " #number)
SAME(PORT_PAGE, struct port, page);
SAME(PORT_FLOATING, struct port, floating);
SAME(PORT_CRITICAL, struct port, critical);
SAME(PORT_DEPTH, struct port, depth);
SAME(PORT_YIELD, struct port, yield);
SAME(PORT_HANDLERS_FLOATING, struct port, handlers_floating);
SAME(PAGE_IRQ_MASKED, struct ovm_vcpu_page, irq_masked);
SAME(PAGE_IRQ_PENDING, struct ovm_vcpu_page, irq_pending);
SAME(PAGE_IRQ_ENABLED, struct ovm_vcpu_page, irq_enabled);
SAME(PAGE_RETURN_R0, struct ovm_vcpu_page, return_r0);
SAME(PAGE_RETURN_PC, struct ovm_vcpu_page, return_pc);
SAME(PAGE_SPSR_USER, struct ovm_vcpu_page, spsr[OVM_BANK_USER]);
SAME(PAGE_SPSR_SVC, struct ovm_vcpu_page, spsr[OVM_BANK_SVC]);
SAME(PAGE_SPSR_IRQ, struct ovm_vcpu_page, spsr[OVM_BANK_IRQ]);
SAME(PAGE_SP_USER, struct ovm_vcpu_page, sp[OVM_BANK_USER]);
SAME(PAGE_SP_IRQ, struct ovm_vcpu_page, sp[OVM_BANK_IRQ]);
SAME(PAGE_LR_USER, struct ovm_vcpu_page, lr[OVM_BANK_USER]);
_Static_assert(CALL_NULL == OVM_NULL && CALL_RETURN == OVM_RETURN, "layout.h: calls");
_Static_assert(CALL_INTERRUPT_ACKNOWLEDGE == OVM_INTERRUPT_ACKNOWLEDGE, "layout.h: calls");

struct port port = {
    .critical = NOT_STARTED,
    .floating = configUSE_TASK_FPU_SUPPORT == 2 ? FRAME_FLOATING : 0,
    .handlers_floating = configUSE_TASK_FPU_SUPPORT != 0 ? FRAME_FLOATING : 0,
};

/* One byte behind each stack has a name, which switch.S loads. */
#define STACK(name, bytes)                                                        \
    struct name {                                                                 \
        uint8_t memory[bytes];                                                    \
        uint8_t top[8];                                                           \
    };                                                                            \
    static struct name name __attribute__((aligned(8), used));                    \
    __asm__(".globl " #name "_top\n.set " #name "_top, " #name " + " TEXT(bytes))
#define TEXT(number) TEXT_OF(number)
#define TEXT_OF(number) #number

STACK(port_interrupt_stack, configINTERRUPT_STACK_BYTES);
STACK(port_nested_stack, configNESTED_STACK_BYTES);

/* switch.S */
extern const uint32_t port_vectors[];
void port_task_entry(void);
_Noreturn void port_start_first(void);
void port_clear_fpscr(void);

int main(void);

/* Called by `_start`, by way of guest_start. */
int guest_main(struct ovm_vcpu_page *page) {
    port.page = page;
    return main();
}

/* --- The tick -------------------------------------------------------------------------------------------------- */

/* The n-th tick from now, n = 0, 1, ..., is due at next + n * whole + (fraction + n * rest) / rate, in ticks of the board's
 * timer: so a frequency that isn't a multiple of the tick's rate loses nothing. */
static struct {
    uint64_t next;
    uint32_t whole;
    uint32_t rest;
    uint32_t fraction;
} tick;

enum { RATE = configTICK_RATE_HZ };

static uint64_t tick_due(uint64_t count) {
    return tick.next + count * tick.whole + (tick.fraction + count * tick.rest) / RATE;
}

/* Let `count` ticks be over: the next one is what was number `count`. */
static void tick_skip(uint64_t count) {
    tick.next = tick_due(count);
    tick.fraction = (uint32_t)((tick.fraction + count * tick.rest) % RATE);
}

static void tick_begin(void) {
    tick.whole = port.page->timer_hz / RATE;
    tick.rest = port.page->timer_hz % RATE;
    tick.next = ovm_time();
    tick_skip(1);
    ovm_timer_set(tick.next);
}

/* Handle the timer's interrupt. A guest that comes late finds the timer due again at once, until it has caught up. */
static void tick_handle(void) {
    tick.next += tick.whole;
    tick.fraction += tick.rest;
    if (tick.fraction >= RATE) {
        tick.fraction -= RATE;
        tick.next += 1;
    }
    ovm_timer_set(tick.next);
    if (xTaskIncrementTick() != pdFALSE) {
        port.yield = 1;
    }
}

void vPortWait(void) {
    (void)ovm_wait();
}

#if defined(configUSE_TICKLESS_IDLE) && configUSE_TICKLESS_IDLE != 0
/* Return the number of ticks that are due. */
static uint64_t ticks_due(uint64_t now) {
    if (now < tick.next) {
        return 0;
    }
    uint64_t count = (now - tick.next) / (tick.whole + 1);
    while (tick_due(count) <= now) {
        count += 1;
    }
    return count;
}

/* Sleep until tick number `expected`, or an earlier interrupt. The scheduler is suspended; the idle task calls this. */
void vPortSuppressTicksAndSleep(TickType_t expected) {
    vPortMask();
    if (eTaskConfirmSleepModeStatus() == eAbortSleep) {
        vPortUnmask();
        return;
    }
    ovm_timer_set(tick_due((uint64_t)expected - 1));
    TickType_t wanted = expected;
    configPRE_SLEEP_PROCESSING(wanted);
    if (wanted != 0) {
        (void)ovm_wait();
    }
    configPOST_SLEEP_PROCESSING(expected);
    uint64_t over = ticks_due(ovm_time());
    /* A tick that is pending is counted when its interrupt comes, and so is the last one: it wakes tasks. */
    if ((port.page->irq_pending & TIMER) != 0) {
        over -= over != 0;
    }
    if (over >= expected) {
        over = (uint64_t)expected - 1;
    }
    tick_skip(over);
    vTaskStepTick((TickType_t)over);
    ovm_timer_set(tick.next);
    vPortUnmask();
}
#endif

/* --- Interrupts ------------------------------------------------------------------------------------------------ */

static PortHandler_t handlers[INTERRUPTS];

void vPortSetHandler(uint32_t number, PortHandler_t handler) {
    configASSERT(number < INTERRUPTS && number != OVM_INTERRUPT_TIMER);
    uint32_t before = ulPortMask();
    handlers[number] = handler;
    if (handler != NULL) {
        port.page->irq_enabled |= 1u << number;
    } else {
        port.page->irq_enabled &= ~(1u << number);
    }
    vPortRestoreMask(before);
}

static void dispatch(uint32_t bits) {
    for (uint32_t number = 0; number < INTERRUPTS; number++) {
        if ((bits >> number & 1) != 0 && handlers[number] != NULL) {
            handlers[number](number);
        }
    }
}

/* Handle interrupts, a bit each, with all of them masked; return those that want to be handled with the others open. */
uint32_t port_interrupts(uint32_t bits) {
    if ((bits & TIMER) != 0) {
        tick_handle();
    }
    dispatch(bits & ~(TIMER | NESTED));
    uint32_t later = bits & NESTED;
    if (later != 0) {
        /* They can't interrupt themselves: one stack is enough. */
        port.page->irq_enabled &= ~(uint32_t)NESTED;
    }
    return later;
}

/* Handle interrupts that others may interrupt; return with all masked. */
void port_nested(uint32_t bits) {
    dispatch(bits);
    vPortMask();
    for (uint32_t number = 0; number < INTERRUPTS; number++) {
        if ((NESTED >> number & 1) != 0 && handlers[number] != NULL) {
            port.page->irq_enabled |= 1u << number;
        }
    }
}

/* --- Tasks ------------------------------------------------------------------------------------------------------- */

StackType_t *pxPortInitialiseStack(StackType_t *top, TaskFunction_t code, void *parameters) {
    StackType_t *frame = (StackType_t *)((uintptr_t)top & ~(uintptr_t)7) - FRAME_WORDS;
    uint32_t flags = configUSE_TASK_FPU_SUPPORT == 2 ? FRAME_FLOATING : 0;
    StackType_t *registers = frame;
    if (flags != 0) {
        frame -= FRAME_FLOATING_WORDS;
        for (uint32_t index = 0; index < FRAME_FLOATING_WORDS; index++) {
            frame[2 + index] = 0;
        }
    }
    registers[FRAME_R4] = (StackType_t)(uintptr_t)code;
    registers[FRAME_R5] = (StackType_t)(uintptr_t)parameters;
    registers[FRAME_PC] = (StackType_t)(uintptr_t)port_task_entry;
    frame[0] = flags;
    frame[1] = 0;
    return frame;
}

#if configUSE_TASK_FPU_SUPPORT == 1
void vPortTaskUsesFPU(void) {
    port_clear_fpscr();
    port.floating = FRAME_FLOATING;
}
#endif

BaseType_t xPortStartScheduler(void) {
    vPortMask();
    ovm_register_write(OVM_VIRTUAL_VBAR, (uint32_t)(uintptr_t)port_vectors);
    port.page->irq_enabled |= TIMER;
    tick_begin();
    port_start_first();
}

void vPortEndScheduler(void) {
    guest_exit(0);
}

/* --- What ends the guest ------------------------------------------------------------------------------------------- */

static _Noreturn void end(const char *what, const char *of, uint32_t number) {
    vPortMask();
    print("freertos: ");
    print(what);
    print(of);
    print(", ");
    print_hexadecimal(number);
    print("\n");
    guest_exit(FAULT_STATUS);
}

/* An exception that no correct application takes; `link` is lr as the exception set it. */
_Noreturn void port_fault(uint32_t vector, uint32_t link) {
    static const char *const NAMES[] = {"", "undefined instruction", "supervisor call", "prefetch abort", "data abort"};
    end("exception: ", NAMES[vector], link);
}

_Noreturn void port_task_returned(void) {
    end("a task returned: ", pcTaskGetName(NULL), 0);
}

/* For configASSERT: #define configASSERT(x) do { if (!(x)) vPortAssertFailed(__FILE__, __LINE__); } while (0) */
_Noreturn void vPortAssertFailed(const char *file, uint32_t line) {
    end("assertion failed: ", file, line);
}

/* Defaults of the kernel's hooks. */
__attribute__((weak)) void vApplicationStackOverflowHook(TaskHandle_t task, char *name) {
    end("stack overflow: ", name, (uint32_t)(uintptr_t)task);
}

__attribute__((weak)) void vApplicationMallocFailedHook(void) {
    end("out of memory", "", 0);
}
