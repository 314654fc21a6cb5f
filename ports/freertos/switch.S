/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual exception vectors, interrupt entry and exit, context switch.
 *
 * Tasks run in virtual System mode, interrupts come in virtual IRQ mode on a stack of their own. A switched-out task's
 * registers are a frame on its stack, to which the first word of its TCB points. There are two kinds, told apart by the flags in
 * the first word:
 *
 *   made by a call of vPortYield        made by an interrupt
 *     flags, critical nesting             flags, PSR, pc, lr
 *     [FPSCR, padding, d8-d15]            r0-r12
 *     r3-r11, pc                          [FPSCR, d0-d31]
 *
 * A task that yields needs the registers alone that a call preserves, and comes back without a trap. One that was interrupted
 * needs all, and the hypercall RETURN. Nothing here runs with interrupts open except vPortNested. */
#include "layout.h"

    .syntax unified
    .arm
    .fpu    neon

/* --- Vectors ------------------------------------------------------------------------------------------------- */

    .section .vectors, "ax"
    .balign 32
    .global port_vectors
port_vectors:
    b       .
    b       undefined
    b       supervisor_call
    b       prefetch_abort
    b       data_abort
    b       .
    b       interrupt
    b       .

undefined:
    mov     r0, #1
    b       fault
supervisor_call:
    mov     r0, #2
    b       fault
prefetch_abort:
    mov     r0, #3
    b       fault
data_abort:
    mov     r0, #4
fault:
    mov     r1, lr
    ldr     sp, =port_interrupt_stack_top
    b       port_fault

/* --- Interrupts ---------------------------------------------------------------------------------------------- */

/* Save the interrupted code's registers below its own stack pointer, handle what is pending, go on with a task. */
    .type   interrupt, %function
interrupt:
    push    {r0-r3}
    ldr     r0, =port
    ldm     r0, {r1, r2}
    ldr     r3, [r1, #PAGE_SP_USER]
    cmp     r2, #0
    beq     1f
    vstmdb  r3!, {d16-d31}
    vstmdb  r3!, {d0-d15}
    vmrs    r2, fpscr
    str     r2, [r3, #-4]!
    mov     r2, #FRAME_FLOATING
1:  stmdb   r3!, {r4-r12}
    mov     r4, r0
    mov     r5, r1
    mov     r7, r3
    orr     r8, r2, #FRAME_INTERRUPTED
    pop     {r0-r3}
    stmdb   r7!, {r0-r3}
    ldr     r9, [r5, #PAGE_SPSR_IRQ]
    sub     r10, lr, #4
    ldr     r11, [r5, #PAGE_LR_USER]
    stmdb   r7!, {r8-r11}
    ldr     r0, [r4, #PORT_DEPTH]
    add     r0, r0, #1
    str     r0, [r4, #PORT_DEPTH]
    ldr     r0, =CALL_INTERRUPT_ACKNOWLEDGE
    svc     #0
    mov     r0, r1
    bl      port_interrupts
    cmp     r0, #0
    bne     nest
    bl      port_leave
    ldm     r7, {r8-r11}
    tst     r8, #FRAME_INTERRUPTED
    beq     to_yielded

/* Go on with the interrupted code whose frame is at r7, from virtual IRQ mode. */
    and     r0, r8, #FRAME_FLOATING
    mov     r1, #0
    strd    r0, r1, [r4, #PORT_FLOATING]
    str     r9, [r5, #PAGE_SPSR_IRQ]
    str     r10, [r5, #PAGE_RETURN_PC]
    str     r11, [r5, #PAGE_LR_USER]
    ldr     r1, [r7, #16]!
    str     r1, [r5, #PAGE_RETURN_R0]
    add     r1, r7, #52
    cmp     r0, #0
    beq     2f
    ldr     r0, [r1], #4
    vmsr    fpscr, r0
    vldmia  r1!, {d0-d15}
    vldmia  r1!, {d16-d31}
2:  str     r1, [r5, #PAGE_SP_USER]
    ldmib   r7, {r1-r12}
    ldr     r0, =CALL_RETURN
    svc     #0

/* Go on with the task whose frame, made by a yield, is at r7: by way of `resume`, in System mode. */
to_yielded:
    str     r7, [r5, #PAGE_SP_USER]
    mov     r0, #PSR_SYSTEM_MASKED
    str     r0, [r5, #PAGE_SPSR_IRQ]
    ldr     r0, =resume
    str     r0, [r5, #PAGE_RETURN_PC]
    ldr     r0, =CALL_RETURN
    svc     #0

/* Let handlers that may be interrupted run in System mode, on a stack of their own. r0: their interrupts. */
nest:
    str     r0, [r5, #PAGE_RETURN_R0]
    ldr     r0, [r4, #PORT_HANDLERS_FLOATING]
    str     r0, [r4, #PORT_FLOATING]
    ldr     r0, =port_nested_stack_top
    str     r0, [r5, #PAGE_SP_USER]
    mov     r0, #PSR_SYSTEM
    str     r0, [r5, #PAGE_SPSR_IRQ]
    ldr     r0, =nested
    str     r0, [r5, #PAGE_RETURN_PC]
    ldr     r0, =CALL_RETURN
    svc     #0
nested:
    bl      port_nested
    bl      port_leave
    mov     sp, r7
    b       resume

/* One level of interrupts ends. r4: port; r7: the frame of what was interrupted, or afterwards of the task to go on with. */
    .type   port_leave, %function
port_leave:
    ldr     r0, [r4, #PORT_DEPTH]
    subs    r0, r0, #1
    str     r0, [r4, #PORT_DEPTH]
    bxne    lr
    ldr     r1, [r4, #PORT_YIELD]
    cmp     r1, #0
    bxeq    lr
    str     r0, [r4, #PORT_YIELD]
    mov     r9, lr
    ldr     r8, =pxCurrentTCB
    ldr     r0, [r8]
    str     r7, [r0]
    bl      vTaskSwitchContext
    ldr     r0, [r8]
    ldr     r7, [r0]
    bx      r9

/* --- Tasks --------------------------------------------------------------------------------------------------- */

    .text

/* Give up the CPU: called by a task, in System mode. */
    .global vPortYield
    .type   vPortYield, %function
vPortYield:
    push    {r3-r11, lr}
    ldr     r4, =port
    ldm     r4, {r5-r7}
    mov     r0, #1
    str     r0, [r5, #PAGE_IRQ_MASKED]
    cmp     r6, #0
    beq     1f
    vmrs    r0, fpscr
    vpush   {d8-d15}
    push    {r0, r1}
1:  push    {r6, r7}
    ldr     r8, =pxCurrentTCB
    ldr     r0, [r8]
    str     sp, [r0]
    bl      vTaskSwitchContext
    ldr     r0, [r8]
    ldr     sp, [r0]

/* Go on with the code whose frame is at sp, in System mode with interrupts masked. r4: port, r5: page. */
    .type   resume, %function
resume:
    pop     {r6, r7}
    tst     r6, #FRAME_INTERRUPTED
    bne     resume_interrupted
    strd    r6, r7, [r4, #PORT_FLOATING]
    cmp     r6, #0
    beq     2f
    pop     {r0, r1}
    vpop    {d8-d15}
    vmsr    fpscr, r0
2:  cmp     r7, #0
    bne     3f
    str     r7, [r5, #PAGE_IRQ_MASKED]
    ldr     r0, [r5, #PAGE_IRQ_PENDING]
    ldr     r1, [r5, #PAGE_IRQ_ENABLED]
    tst     r0, r1
    bne     4f
3:  pop     {r3-r11, pc}
4:  ldr     r0, =CALL_NULL
    svc     #0
    pop     {r3-r11, pc}

resume_interrupted:
    and     r6, r6, #FRAME_FLOATING
    mov     r0, #0
    str     r6, [r4, #PORT_FLOATING]
    str     r0, [r4, #PORT_CRITICAL]
    str     r7, [r5, #PAGE_SPSR_USER]
    pop     {r0, lr}
    str     r0, [r5, #PAGE_RETURN_PC]
    pop     {r0}
    str     r0, [r5, #PAGE_RETURN_R0]
    cmp     r6, #0
    bne     5f
    pop     {r1-r12}
    ldr     r0, =CALL_RETURN
    svc     #0
5:  add     r0, sp, #48
    ldr     r1, [r0], #4
    vmsr    fpscr, r1
    vldmia  r0!, {d0-d15}
    vldmia  r0!, {d16-d31}
    pop     {r1-r12}
    add     sp, sp, #260
    ldr     r0, =CALL_RETURN
    svc     #0

/* Where a new task starts: `resume` leaves its function in r4 and its parameter in r5. */
    .global port_task_entry
    .type   port_task_entry, %function
port_task_entry:
    mov     r0, r5
    mov     lr, #0
    blx     r4
    b       port_task_returned

/* Leave the start-up code, in Supervisor mode, for the first task. */
    .global port_start_first
    .type   port_start_first, %function
port_start_first:
    ldr     r4, =port
    ldr     r5, [r4]
    ldr     r0, =pxCurrentTCB
    ldr     r0, [r0]
    ldr     r0, [r0]
    str     r0, [r5, #PAGE_SP_USER]
    ldr     r0, =port_interrupt_stack_top
    str     r0, [r5, #PAGE_SP_IRQ]
    mov     r0, #PSR_SYSTEM_MASKED
    str     r0, [r5, #PAGE_SPSR_SVC]
    ldr     r0, =resume
    str     r0, [r5, #PAGE_RETURN_PC]
    ldr     r0, =CALL_RETURN
    svc     #0

/* Round to nearest, no flags, as a new task has it. */
    .global port_clear_fpscr
    .type   port_clear_fpscr, %function
port_clear_fpscr:
    mov     r0, #0
    vmsr    fpscr, r0
    bx      lr
