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

    /* CPACR denies (ARM B1.11.1): the handler leaves 1. CPACR is as it was afterwards. */
    arm probe_fpu_denied
    mrc     p15, 0, r1, c1, c0, 2
    mov     r0, #0
    mcr     p15, 0, r0, c1, c0, 2
    isb
    vadd.f32 s0, s0, s0
    mcr     p15, 0, r1, c1, c0, 2
    bx      lr

    arm probe_fpu_identity
    vmrs    r0, fpsid
    vmrs    r1, mvfr0
    vmrs    r2, mvfr1
    cmp     r1, #0
    cmpne   r2, #0
    moveq   r0, #0
    bx      lr

    /* SCTLR.A (ARM A3.2.1) set, spun over, used, cleared, not used: 3 from the handler, then the word at an odd address. */
    arm probe_alignment
    mov     r3, r0
    mrc     p15, 0, r1, c1, c0, 0
    orr     r2, r1, #2
    mcr     p15, 0, r2, c1, c0, 0
    isb
    mov     r2, #0x80000
1:  subs    r2, r2, #1
    bne     1b
    ldr     r0, [r3, #1]
    mcr     p15, 0, r1, c1, c0, 0
    isb
    cmp     r0, #3
    bxne    lr
    ldr     r0, [r3, #1]
    bx      lr

    /* SCTLR.SW (A9 4.3.9): without it SWP is undefined, with it r0's word and 5 are exchanged. */
    arm probe_swap
    mov     r3, r0
    mov     r2, #5
    mov     r0, #0
    .inst   0xE1030092              @ swp r0, r2, [r3]
    cmp     r0, #1
    bxne    lr
    mrc     p15, 0, r1, c1, c0, 0
    orr     r0, r1, #0x400
    mcr     p15, 0, r0, c1, c0, 0
    isb
    .inst   0xE1030092
    mcr     p15, 0, r1, c1, c0, 0
    isb
    bx      lr

    /* Loads and stores of the User bank are in the byte order of CPSR.E (ARM B9.3.6, B2.4.3): r0's word to the next one. */
    arm probe_byte_order
    setend  be
    ldmia   r0, {r1}^
    setend  le
    mov     r2, r1
    add     r0, r0, #4
    setend  be
    stmia   r0, {r2}^
    setend  le
    mov     r0, r1
    bx      lr

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
    b       data_abort
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

data_abort:
    mov     r0, #3
    subs    pc, lr, #4
