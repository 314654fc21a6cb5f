/* SPDX-License-Identifier: Apache-2.0 */
    .syntax unified
    .arch armv7-a
    .arch_extension sec
    .fpu neon
    .text

    .macro arm name
    .arm
    .balign 4
    .global \name
    .type \name, %function
\name:
    .endm

    .macro thumb name
    .thumb
    .balign 4
    .global \name
    .type \name, %function
    .thumb_func
\name:
    .endm

    arm probe_svc_arm
    svc     #0
    bx      lr

    thumb probe_svc_thumb
    svc     #0
    bx      lr

    arm probe_smc_arm
    smc     #0
    bx      lr

    thumb probe_smc_thumb
    smc     #0
    bx      lr

    /* Reads MIDR if r0 is not 0. The block ends by making its own condition false: if the emulation left the block one
     * instruction too long, the unconditional addition behind it would not happen. */
    thumb probe_it_block
    mov     r1, r0
    movs    r0, #7
    movs    r2, #0
    cmp     r1, #0
    ittt    ne
    mrcne   p15, 0, r0, c0, c0, 0
    addne   r2, r2, #1
    cmpne   r1, r1
    add.w   r2, r2, #1
    cbz     r1, 1f
    cmp     r2, #2
    it      ne
    movne   r0, #0
1:  bx      lr

    /* The guest's own supervisor call: its handler adds one to r0. The call is made in Supervisor mode, so lr goes. */
    thumb probe_own_svc_thumb
    mov     r3, lr
    svc     #1
    bx      r3

    /* The handlers below skip the instruction and leave what they are in r0. */
    thumb probe_undefined_thumb
    movs    r0, #0
    udf     #3
    bx      lr

    arm probe_breakpoint
    mov     r0, #0
    bkpt    #5
    bx      lr

    /* To System mode and back by emulated exception returns; sp and lr are those of another bank there. */
    arm probe_system_mode
    mov     r2, lr
    mov     r3, sp
    mrs     r1, spsr
    mov     r0, #0x1F
    orr     r0, r0, #0x80
    msr     spsr_fsxc, r0
    adr     r0, 1f
    movs    pc, r0
1:  mov     lr, #0x55
    ldr     r0, =0x84000000
    svc     #0
    cmp     r0, #2
    movne   r0, #1
    bne     2f
    /* A supervisor call of System mode brings Supervisor mode back. */
    mov     r0, #0
    svc     #2
2:  mov     sp, r3
    bx      r2

    arm probe_fpu_on
    mrc     p15, 0, r0, c1, c0, 2
    orr     r0, r0, #0x00F00000
    mcr     p15, 0, r0, c1, c0, 2
    mov     r0, #0x40000000
    vmsr    fpexc, r0
    bx      lr

    arm probe_fpu_load
    vldmia  r0!, {d0-d15}
    vldmia  r0!, {d16-d31}
    bx      lr

    arm probe_fpu_store
    vstmia  r0!, {d0-d15}
    vstmia  r0!, {d16-d31}
    bx      lr

    .arm
    .balign 32
    .global probe_vectors
probe_vectors:
    b       .
    b       undefined
    b       supervisor_call
    b       prefetch_abort
    b       .
    b       .
    b       .
    b       .

undefined:
    mov     r0, #1
    movs    pc, lr

supervisor_call:
    /* Number 2 stays in Supervisor mode, behind the call. */
    push    {r1}
    mrs     r1, spsr
    and     r1, r1, #0x1F
    cmp     r1, #0x1F
    pop     {r1}
    bxeq    lr
    add     r0, r0, #1
    movs    pc, lr

prefetch_abort:
    mov     r0, #2
    movs    pc, lr
