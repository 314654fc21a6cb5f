/* SPDX-License-Identifier: Apache-2.0 */
/* FreeRTOS on OVM, level SRT (or NRT): the port's half of portable.h.
 *
 * Settings of FreeRTOSConfig.h that only this port knows, each with a default:
 *
 *   configUSE_TASK_FPU_SUPPORT         0: none; 1: tasks that call vPortTaskUsesFPU; 2: all tasks (the default where the
 *                                      compiler may use floating point, otherwise 0)
 *   configNESTED_INTERRUPTS            virtual interrupts, a bit each, whose handlers others may interrupt (0)
 *   configINTERRUPT_STACK_BYTES        of the stack of handlers and of vTaskSwitchContext (4096)
 *   configNESTED_STACK_BYTES           of the stack of handlers that may be interrupted (4096) */
#ifndef PORTMACRO_H
#define PORTMACRO_H

#include <stddef.h>
#include <stdint.h>

#include "ovm_abi.h"

#define portCHAR char
#define portFLOAT float
#define portDOUBLE double
#define portLONG long
#define portSHORT short
#define portSTACK_TYPE uint32_t
#define portBASE_TYPE long

typedef portSTACK_TYPE StackType_t;
typedef long BaseType_t;
typedef unsigned long UBaseType_t;

#if configTICK_TYPE_WIDTH_IN_BITS == TICK_TYPE_WIDTH_16_BITS
typedef uint16_t TickType_t;
#define portMAX_DELAY ((TickType_t)0xffff)
#define portTICK_TYPE_IS_ATOMIC 1
#elif configTICK_TYPE_WIDTH_IN_BITS == TICK_TYPE_WIDTH_64_BITS
typedef uint64_t TickType_t;
#define portMAX_DELAY ((TickType_t)0xffffffffffffffffull)
#else
typedef uint32_t TickType_t;
#define portMAX_DELAY ((TickType_t)0xffffffffu)
#define portTICK_TYPE_IS_ATOMIC 1
#endif

#define portSTACK_GROWTH (-1)
#define portBYTE_ALIGNMENT 8
#define portTICK_PERIOD_MS ((TickType_t)1000 / configTICK_RATE_HZ)
#define portNORETURN __attribute__((noreturn))
#define portINLINE __inline
#define portFORCE_INLINE inline __attribute__((always_inline))
#define portMEMORY_BARRIER() __asm__ volatile("" ::: "memory")
#define portNOP() __asm__ volatile("nop")
#define portTASK_FUNCTION_PROTO(function, parameters) void function(void *parameters)
#define portTASK_FUNCTION(function, parameters) void function(void *parameters)

#ifndef configUSE_TASK_FPU_SUPPORT
#ifdef __SOFTFP__
#define configUSE_TASK_FPU_SUPPORT 0
#else
#define configUSE_TASK_FPU_SUPPORT 2
#endif
#endif
#ifndef configNESTED_INTERRUPTS
#define configNESTED_INTERRUPTS 0
#endif

/* The port's state; switch.S knows its layout. */
struct port {
    volatile struct ovm_vcpu_page *page;
    /* FRAME_FLOATING: the running task has floating-point registers; 0: it has none. */
    uint32_t floating;
    /* Critical sections in which the running task is. */
    uint32_t critical;
    /* Interrupts that are being handled. */
    uint32_t depth;
    /* Not 0: a handler wants another task to run. */
    uint32_t yield;
    uint32_t handlers_floating;
};
extern struct port port;

/* --- Interrupts: masking is a store to the vCPU page. --------------------------------------------------------- */

static portFORCE_INLINE void vPortMask(void) {
    port.page->irq_masked = 1;
    portMEMORY_BARRIER();
}

/* Open the mask. What became pending meanwhile is delivered by any hypercall: here by one that does nothing. */
static portFORCE_INLINE void vPortUnmask(void) {
    volatile struct ovm_vcpu_page *page = port.page;
    portMEMORY_BARRIER();
    page->irq_masked = 0;
    if ((page->irq_pending & page->irq_enabled) != 0) {
        register uint32_t function __asm__("r0") = OVM_NULL;
        __asm__ volatile(OVM_CONDUIT : "+r"(function) : : "r1", "r2", "r3", "r12", "cc", "memory");
    }
}

static portFORCE_INLINE uint32_t ulPortMask(void) {
    uint32_t before = port.page->irq_masked;
    vPortMask();
    return before;
}

static portFORCE_INLINE void vPortRestoreMask(uint32_t before) {
    if (before == 0) {
        vPortUnmask();
    }
}

static portFORCE_INLINE void vPortEnterCritical(void) {
    vPortMask();
    port.critical += 1;
}

static portFORCE_INLINE void vPortExitCritical(void) {
    port.critical -= 1;
    if (port.critical == 0) {
        vPortUnmask();
    }
}

#define portDISABLE_INTERRUPTS() vPortMask()
#define portENABLE_INTERRUPTS() vPortUnmask()
#define portENTER_CRITICAL() vPortEnterCritical()
#define portEXIT_CRITICAL() vPortExitCritical()
#define portSET_INTERRUPT_MASK_FROM_ISR() ulPortMask()
#define portCLEAR_INTERRUPT_MASK_FROM_ISR(before) vPortRestoreMask(before)
#define portASSERT_IF_IN_ISR() configASSERT(port.depth == 0)

static portFORCE_INLINE BaseType_t xPortIsInsideInterrupt(void) {
    return port.depth != 0;
}

/* Handle a virtual interrupt (OVM_INTERRUPT_...; the timer is the port's) with `handler(number)`, and enable it. A handler may
 * call what ends in FromISR. Call this from a task or before the scheduler starts. */
typedef void (*PortHandler_t)(uint32_t number);
void vPortSetHandler(uint32_t number, PortHandler_t handler);

/* --- Tasks ----------------------------------------------------------------------------------------------------- */

void vPortYield(void);
#define portYIELD() vPortYield()
#define portEND_SWITCHING_ISR(wanted) \
    do {                              \
        if ((wanted) != 0) {          \
            port.yield = 1;           \
        }                             \
    } while (0)
#define portYIELD_FROM_ISR(wanted) portEND_SWITCHING_ISR(wanted)

#if configUSE_TASK_FPU_SUPPORT == 1
void vPortTaskUsesFPU(void);
#else
#define vPortTaskUsesFPU() ((void)0)
#endif
#define portTASK_USES_FLOATING_POINT() vPortTaskUsesFPU()

#ifndef configUSE_PORT_OPTIMISED_TASK_SELECTION
#define configUSE_PORT_OPTIMISED_TASK_SELECTION 1
#endif
#if configUSE_PORT_OPTIMISED_TASK_SELECTION == 1
#define portRECORD_READY_PRIORITY(priority, ready) ((ready) |= 1ul << (priority))
#define portRESET_READY_PRIORITY(priority, ready) ((ready) &= ~(1ul << (priority)))
#define portGET_HIGHEST_PRIORITY(top, ready) ((top) = 31ul - (uint32_t)__builtin_clz(ready))
#endif

/* --- Time -------------------------------------------------------------------------------------------------------- */

/* Sleep until an interrupt: for the idle hook of an application without tickless idle. Without it the idle task uses up the
 * guest's budget. */
void vPortWait(void);

#if defined(configUSE_TICKLESS_IDLE) && configUSE_TICKLESS_IDLE != 0
void vPortSuppressTicksAndSleep(TickType_t expected);
#define portSUPPRESS_TICKS_AND_SLEEP(expected) vPortSuppressTicksAndSleep(expected)
#endif

/* Run-time statistics count the board's timer, by a hypercall at each switch. A count of 32 bits would wrap in seconds. */
#if defined(configGENERATE_RUN_TIME_STATS) && configGENERATE_RUN_TIME_STATS == 1
#ifndef configRUN_TIME_COUNTER_TYPE
#define configRUN_TIME_COUNTER_TYPE uint64_t
#endif
#ifndef portCONFIGURE_TIMER_FOR_RUN_TIME_STATS
#define portCONFIGURE_TIMER_FOR_RUN_TIME_STATS() ((void)0)
#endif
#ifndef portGET_RUN_TIME_COUNTER_VALUE
#define portGET_RUN_TIME_COUNTER_VALUE() ((configRUN_TIME_COUNTER_TYPE)ovm_time())
#endif
#endif

#endif
