/* SPDX-License-Identifier: Apache-2.0 */
/* What a boot loader may leave behind: each state after a line `@ STATE name`; read by leftover_states.py. */

@ PART prelude
.syntax unified
.arch_extension sec
.cpu cortex-a9
.fpu neon
.text
.equ SLCR, 0xF8000000
.equ TTC, 0xF8001000
.equ DMAC, 0xF8003000
.equ SWDT, 0xF8005000
.equ UART1, 0xE0001000
.equ SCU, 0xF8F00000
.equ ICC, 0xF8F00100
.equ GLOBAL, 0xF8F00200
.equ PRIVATE, 0xF8F00600
.equ ICD, 0xF8F01000
.equ L2C, 0xF8F02000
.equ FREE, 0x31000000
.global _start
_start:
b begin
unlock:
ldr r8, =SLCR
ldr r9, =0xDF0D
str r9, [r8, #8]
bx lr
@ Let the GIC signal everything, so that it can be acknowledged. Not an interrupt is taken: I and F are set.
gic_open:
ldr r4, =ICD
ldr r5, =ICC
mov r0, #3
str r0, [r4]
mov r0, #0xF8
str r0, [r5, #4]
mov r0, #7
str r0, [r5]
bx lr
@ Let CPU 1 do what is at r0, and wait until it says that it has begun.
cpu1_go:
ldr r1, =flag
mov r2, #0
str r2, [r1]
ldr r3, =0xFFFFFFF0
str r0, [r3]
dsb
sev
1: ldr r2, [r1]
cmp r2, #0
beq 1b
bx lr
cpu1_began:
ldr r1, =flag
mov r2, #1
str r2, [r1]
dsb
bx lr
.balign 8
flag: .word 0
endian: .word 0
masks: .word 0
mode: .word 0
.ltorg
.balign 32
begin:

@ PART last
last:
mov r7, lr
ldr r0, =mode
ldr r1, [r0]
ldr r0, =masks
ldr r2, [r0]
ldr r0, =endian
ldr r3, [r0]
mrs r4, cpsr
bic r4, r4, r2
cmp r1, #0
bicne r4, r4, #0x1F
orrne r4, r4, r1
msr cpsr_cx, r4
cmp r3, #0
beq 1f
setend be
1: bx r7
.ltorg

@ PART routines
cpu1_waits:
bl cpu1_began
1: wfe
b 1b
cpu1_writes:
bl cpu1_began
ldr r3, =FREE
1: str r2, [r3]
add r2, r2, #1
b 1b
cpu1_coherent:
mov r0, #0x41
mcr p15, 0, r0, c1, c0, 1
mrc p15, 0, r3, c1, c0, 0
ldr r2, =0x1800
orr r3, r3, r2
mcr p15, 0, r3, c1, c0, 0
isb
bl cpu1_began
1: b 1b
cpu1_timers:
ldr r4, =PRIVATE
ldr r0, =3000
str r0, [r4]
mov r1, #7
str r1, [r4, #8]
ldr r0, =2000000
str r0, [r4, #0x20]
mov r1, #9
str r1, [r4, #0x28]
ldr r4, =GLOBAL
ldr r0, =2000
str r0, [r4, #0x10]
str r0, [r4, #0x18]
mov r0, #0x0F
str r0, [r4, #8]
bl cpu1_began
1: b 1b
cpu1_interrupts:
bl gic_open
ldr r0, =1 << 29
str r0, [r4, #0x100]
str r0, [r4, #0x200]
dsb
ldr r6, [r5, #0x0C]
ldr r0, =0x02000009
str r0, [r4, #0xF00]
ldr r0, =0x02000004
str r0, [r4, #0xF00]
bl cpu1_began
1: wfi
b 1b
.ltorg
.balign 4
dma_program: @ DMAMOV DAR, FREE; DMALPFE-like loop of DMASTZ, DMAWMB; DMAKILL is the only end
.byte 0xBC, 0x02, 0x00, 0x00, 0x80, 0x31
.byte 0xBC, 0x01, 0x17, 0x40, 0x01, 0x00
.byte 0x0C
.byte 0x13
.byte 0x28, 0x02
.balign 16384
table: .space 16384

@ PART flat map
ldr r0, =table
mov r1, #0
ldr r2, =0x00005C0E
1: orr r3, r2, r1, lsl #20
cmp r1, #0x400
bichs r3, r3, #0x5000
bichs r3, r3, #0x0008
str r3, [r0, r1, lsl #2]
add r1, r1, #1
cmp r1, #4096
bne 1b
mcr p15, 0, r0, c2, c0, 0
mov r3, #1
mcr p15, 0, r3, c3, c0, 0
mov r3, #0
mcr p15, 0, r3, c2, c0, 2
mcr p15, 0, r3, c8, c7, 0
dsb
isb

@ STATE an active private interrupt
bl gic_open
ldr r0, =1 << 29
str r0, [r4, #0x100]
str r0, [r4, #0x200]
dsb
ldr r6, [r5, #0x0C]

@ STATE an active SGI
bl gic_open
ldr r0, =0x02000005
str r0, [r4, #0xF00]
dsb
ldr r6, [r5, #0x0C]

@ STATE an active shared interrupt of group 1
bl gic_open
ldr r0, =0x00040000
str r0, [r4, #0x88]
str r0, [r4, #0x108]
mov r0, #0x01
strb r0, [r4, #0x852]
mov r0, #0xA0
strb r0, [r4, #0x452]
ldr r0, =0x00040000
str r0, [r4, #0x208]
dsb
ldr r6, [r5, #0x0C]

@ STATE interrupts that preempted each other
bl gic_open
mov r0, #0x80
strb r0, [r4, #0x41D]
mov r0, #0x20
strb r0, [r4, #0x41E]
ldr r0, =1 << 29
str r0, [r4, #0x100]
str r0, [r4, #0x200]
dsb
ldr r6, [r5, #0x0C]
ldr r0, =1 << 30
str r0, [r4, #0x100]
str r0, [r4, #0x200]
dsb
ldr r7, [r5, #0x0C]

@ STATE pending SGIs
ldr r4, =ICD
ldr r0, =0x02000003
str r0, [r4, #0xF00]
ldr r0, =0x02000000
str r0, [r4, #0xF00]
ldr r0, =0x0003000E
str r0, [r4, #0xF00]

@ STATE pending private interrupts, enabled
ldr r4, =ICD
ldr r0, =0xF8000000
str r0, [r4, #0x100]
str r0, [r4, #0x200]

@ STATE every shared interrupt enabled, pending, as FIQ
ldr r4, =ICD
mvn r0, #0
str r0, [r4, #0x104]
str r0, [r4, #0x108]
str r0, [r4, #0x204]
str r0, [r4, #0x208]
ldr r1, =0x01010101
mov r2, #0x820
1: str r1, [r4, r2]
add r2, r2, #4
cmp r2, #0x860
bne 1b
mov r0, #1
str r0, [r4]
ldr r5, =ICC
mov r0, #0xF8
str r0, [r5, #4]
mov r0, #0x1F
str r0, [r5]

@ STATE interrupts that rise instead of levels
ldr r4, =ICD
mvn r0, #0
str r0, [r4, #0xC08]
str r0, [r4, #0xC0C]
str r0, [r4, #0xC10]
str r0, [r4, #0xC14]

@ STATE binary points, priorities and mask of another
ldr r4, =ICD
ldr r5, =ICC
mov r0, #7
str r0, [r5, #0x08]
str r0, [r5, #0x1C]
mov r0, #0x10
str r0, [r5, #0x04]
ldr r1, =0x10101010
mov r2, #0x400
1: str r1, [r4, r2]
add r2, r2, #4
cmp r2, #0x460
bne 1b

@ STATE the private timer, running with its interrupt
ldr r4, =PRIVATE
ldr r0, =1000
str r0, [r4]
mov r0, #7
str r0, [r4, #8]

@ STATE the private watchdog, armed
ldr r4, =PRIVATE
ldr r0, =1000000
str r0, [r4, #0x20]
mov r0, #9
str r0, [r4, #0x28]

@ STATE the private watchdog as a timer
ldr r4, =PRIVATE
ldr r0, =5000
str r0, [r4, #0x20]
ldr r0, =0x307
str r0, [r4, #0x28]

@ STATE the system watchdog, armed
ldr r4, =SWDT
ldr r0, =0x00920040
str r0, [r4, #4]
ldr r0, =0x00ABC003
str r0, [r4]
ldr r0, =0x1999
str r0, [r4, #8]

@ STATE the global timer's comparator with auto-increment
ldr r4, =GLOBAL
ldr r0, =2000
str r0, [r4, #0x10]
mov r1, #0
str r1, [r4, #0x14]
str r0, [r4, #0x18]
mov r0, #0x0F
str r0, [r4, #8]

@ STATE a global timer that is slow and far on
ldr r4, =GLOBAL
mov r0, #0
str r0, [r4, #8]
mvn r0, #0
str r0, [r4]
str r0, [r4, #4]
ldr r0, =0x501
str r0, [r4, #8]

@ STATE triple timers with interrupts
ldr r4, =TTC
mov r3, #2
2: mov r2, #0
1: add r5, r4, r2
mov r0, #0x40
str r0, [r5, #0x24]
mov r0, #0x3F
str r0, [r5, #0x60]
mov r0, #0x02
str r0, [r5, #0x0C]
add r2, r2, #4
cmp r2, #12
bne 1b
add r4, r4, #0x1000
subs r3, r3, #1
bne 2b

@ STATE level 2 off, in every way set up otherwise
ldr r4, =L2C
ldr r0, =0x0E071000
str r0, [r4, #0x104]
ldr r0, =0x777
str r0, [r4, #0x108]
str r0, [r4, #0x10C]
mov r0, #7
str r0, [r4, #0x200]
mov r0, #0x1FC
str r0, [r4, #0x214]
ldr r0, =0x7000001F
str r0, [r4, #0xF60]
mov r0, #3
str r0, [r4, #0xF40]
str r0, [r4, #0xF80]

@ STATE level 2's address filter elsewhere
ldr r4, =L2C
mov r0, #0
str r0, [r4, #0xC00]
ldr r0, =0x80000000
str r0, [r4, #0xC04]

@ STATE level 2 on
ldr r4, =L2C
ldr r0, =0xFFFF
str r0, [r4, #0x77C]
1: ldr r1, [r4, #0x77C]
tst r1, #0xFF
bne 1b
mov r0, #1
str r0, [r4, #0x100]
dsb

@ STATE level 2 with all ways locked
ldr r4, =L2C
mov r0, #0xFF
add r2, r4, #0x900
add r3, r4, #0x940
1: str r0, [r2], #4
cmp r2, r3
bne 1b
mov r0, #1
str r0, [r4, #0x950]

@ STATE MMU and caches on, dirty lines in free memory
@ INCLUDE flat map

mrc p15, 0, r3, c1, c0, 0
ldr r2, =0x1805
orr r3, r3, r2
mcr p15, 0, r3, c1, c0, 0
isb
ldr r0, =FREE
mov r1, #512
1: str r1, [r0], #32
subs r1, r1, #1
bne 1b
dsb

@ STATE lock entries of the TLB that map OVM and a guest elsewhere
mov r2, #0
1: mcr p15, 5, r2, c15, c4, 4
ldr r0, =0x10000600
cmp r2, #1
ldrhi r0, =0x00100200
mcr p15, 5, r0, c15, c5, 2
ldr r0, =0x80F
mcr p15, 5, r0, c15, c7, 2
ldr r0, =0x310000C7
mcr p15, 5, r0, c15, c6, 2
add r2, r2, #1
cmp r2, #4
bne 1b
dsb

@ STATE walks that go to lock entries
ldr r0, =0x10000001
mcr p15, 0, r0, c10, c0, 0

@ STATE SCTLR: high vectors, round robin, alignment checks, SWP
mrc p15, 0, r0, c1, c0, 0
ldr r1, =0x6402
orr r0, r0, r1
mcr p15, 0, r0, c1, c0, 0
isb

@ STATE exceptions in Thumb state and big-endian
mrc p15, 0, r0, c1, c0, 0
orr r0, r0, #0x42000000
mcr p15, 0, r0, c1, c0, 0
isb

@ STATE TEX remap and the access flag
mrc p15, 0, r0, c1, c0, 0
orr r0, r0, #0x30000000
mcr p15, 0, r0, c1, c0, 0
isb
mvn r0, #0
mcr p15, 0, r0, c10, c2, 0
mcr p15, 0, r0, c10, c2, 1

@ STATE vectors of another
ldr r0, =FREE
mcr p15, 0, r0, c12, c0, 0
mcr p15, 0, r0, c12, c0, 1

@ STATE translation registers of another
mrc p15, 0, r0, c1, c0, 0
tst r0, #1
bne 1f
mov r0, #0x37
mcr p15, 0, r0, c2, c0, 2
ldr r0, =FREE
mcr p15, 0, r0, c2, c0, 1
ldr r0, =0xAAAAAAAA
mcr p15, 0, r0, c3, c0, 0
1: ldr r0, =0x1234AB
mcr p15, 0, r0, c13, c0, 1

@ STATE every register of the Non-secure world
mrs r7, cpsr
cps #0x16
mov r0, #1
mcr p15, 0, r0, c1, c1, 0
isb
ldr r0, =0x72C5207A
mcr p15, 0, r0, c1, c0, 0
ldr r0, =0x37
mcr p15, 0, r0, c2, c0, 2
ldr r0, =FREE
mcr p15, 0, r0, c2, c0, 0
mcr p15, 0, r0, c2, c0, 1
mcr p15, 0, r0, c12, c0, 0
mvn r0, #0
mcr p15, 0, r0, c3, c0, 0
mcr p15, 0, r0, c5, c0, 0
mcr p15, 0, r0, c5, c0, 1
mcr p15, 0, r0, c6, c0, 0
mcr p15, 0, r0, c6, c0, 2
mcr p15, 0, r0, c7, c4, 0
mcr p15, 0, r0, c10, c2, 0
mcr p15, 0, r0, c10, c2, 1
mcr p15, 0, r0, c13, c0, 1
mcr p15, 0, r0, c13, c0, 2
mcr p15, 0, r0, c13, c0, 3
mcr p15, 0, r0, c13, c0, 4
mov r0, #0
mcr p15, 0, r0, c1, c1, 0
isb
msr cpsr_c, r7

@ STATE SCR with everything routed and AW, FW
ldr r0, =0x3E
mcr p15, 0, r0, c1, c1, 0
isb

@ STATE NSACR with all rights
ldr r0, =0x00060C00
mcr p15, 0, r0, c1, c1, 2

@ STATE floating point on, rounding to zero, registers full
mov r0, #0xF00000
mcr p15, 0, r0, c1, c0, 2
isb
mov r0, #0x40000000
vmsr fpexc, r0
ldr r0, =0x03C00000
vmsr fpscr, r0
vmov.i32 q0, #0xFF
vmov q15, q0

@ STATE floating point without the upper registers
ldr r0, =0xC0F00000
mcr p15, 0, r0, c1, c0, 2
isb

@ STATE ACTLR: exclusive caches, one way, no coherency
ldr r0, =0x182
mcr p15, 0, r0, c1, c0, 1
isb

@ STATE performance monitors counting for User mode
mov r0, #1
mcr p15, 0, r0, c9, c14, 0
mvn r0, #0
mcr p15, 0, r0, c9, c14, 1
mcr p15, 0, r0, c9, c12, 1
mov r1, #0
1: mcr p15, 0, r1, c9, c12, 5
mov r0, #0x11
mcr p15, 0, r0, c9, c13, 1
mvn r0, #100
mcr p15, 0, r0, c9, c13, 2
add r1, r1, #1
cmp r1, #6
bne 1b
mov r0, #1
mcr p15, 0, r0, c9, c12, 0

@ STATE virtual interrupts pending
ldr r0, =0x1C0
mcr p15, 0, r0, c1, c1, 3
mcr p15, 0, r0, c12, c1, 1

@ STATE secure debug in User mode
mov r0, #3
mcr p15, 0, r0, c1, c1, 1

@ STATE ThumbEE and Jazelle open
mov r0, #0
mcr p14, 6, r0, c0, c0, 0
ldr r0, =FREE
mcr p14, 6, r0, c1, c0, 0
mov r0, #3
mcr p14, 7, r0, c1, c0, 0

@ STATE thread registers and PAR of another
mvn r0, #0
mcr p15, 0, r0, c13, c0, 2
mcr p15, 0, r0, c13, c0, 3
mcr p15, 0, r0, c13, c0, 4
mcr p15, 0, r0, c7, c4, 0
mov r0, #1
mcr p15, 2, r0, c0, c0, 0

@ STATE a reservation, and an event
ldr r0, =FREE
ldrex r1, [r0]
sev

@ STATE registers of every mode full
mrs r7, cpsr
mvn r6, #0
cps #0x17
mov sp, r6
mov lr, r6
msr spsr_fsxc, r6
cps #0x1B
mov sp, r6
mov lr, r6
msr spsr_fsxc, r6
cps #0x12
mov sp, r6
mov lr, r6
msr spsr_fsxc, r6
cps #0x11
mov r8, r6
mov r9, r6
mov r10, r6
mov sp, r6
mov lr, r6
msr spsr_fsxc, r6
cps #0x1F
mov sp, r6
mov lr, r6
cps #0x16
mov sp, r6
mov lr, r6
msr spsr_fsxc, r6
msr cpsr_c, r7

@ STATE an external abort pending
mrc p15, 0, r0, c1, c0, 0
tst r0, #1
bne 2f

@ INCLUDE flat map

ldr r0, =table
ldr r3, =0x50001C02
ldr r1, =0x500
str r3, [r0, r1, lsl #2]
dsb
mrc p15, 0, r3, c1, c0, 0
orr r3, r3, #1
mcr p15, 0, r3, c1, c0, 0
isb
ldr r1, =0x50000000
str r3, [r1]
dsb
mrc p15, 0, r3, c1, c0, 0
bic r3, r3, #1
mcr p15, 0, r3, c1, c0, 0
isb
2:

@ STATE SCU: speculative fills, standby, power states, all open
ldr r4, =SCU
ldr r0, [r4]
orr r0, r0, #0x79
str r0, [r4]
ldr r0, =0x0302
str r0, [r4, #8]
ldr r0, =0xFFF
str r0, [r4, #0x54]

@ STATE DDR that begins at 1 MiB, on-chip memory at 0
bl unlock
mov r0, #0x18
str r0, [r8, #0x910]
ldr r4, =SCU
ldr r0, =0x00100000
str r0, [r4, #0x40]

@ STATE on-chip memory open to everybody, the SLCR unlocked
bl unlock
mvn r0, #0
str r0, [r8, #0x400]
str r0, [r8, #0x408]
str r0, [r8, #0x430]

@ STATE the DMA controller in an endless loop that writes
ldr r4, =DMAC
ldr r0, =dma_program
ldr r1, =0x00A00000
str r1, [r4, #0xD08]
str r0, [r4, #0xD0C]
mov r1, #0
str r1, [r4, #0xD04]

@ STATE the console's UART in loopback, with its interrupts
ldr r4, =UART1
ldr r0, =0x220
str r0, [r4, #4]
mov r0, #0x28
str r0, [r4, #0]
ldr r0, =0x1FFF
str r0, [r4, #8]
mov r0, #0x20
str r0, [r4, #0x24]

@ STATE CPU 1 waiting in DDR
ldr r0, =cpu1_waits
bl cpu1_go

@ STATE CPU 1 busy, writing
ldr r0, =cpu1_writes
bl cpu1_go

@ STATE CPU 1 with its caches on, coherent
ldr r0, =cpu1_coherent
bl cpu1_go

@ STATE CPU 1 with timers and watchdog running
ldr r0, =cpu1_timers
bl cpu1_go

@ STATE CPU 1 with interrupts active and pending
ldr r0, =cpu1_interrupts
bl cpu1_go

@ STATE CPU 1 in reset
bl unlock
mov r0, #0x02
str r0, [r8, #0x244]

@ STATE CPU 1 without a clock
bl unlock
mov r0, #0x20
str r0, [r8, #0x244]

@ STATE big-endian data
ldr r0, =endian
mov r1, #1
str r1, [r0]

@ STATE no exception masked
ldr r0, =masks
mov r1, #0x1C0
str r1, [r0]

@ STATE System mode
ldr r0, =mode
mov r1, #0x1F
str r1, [r0]

@ STATE Monitor mode
ldr r0, =mode
mov r1, #0x16
str r1, [r0]

@ STATE FIQ mode
ldr r0, =mode
mov r1, #0x11
str r1, [r0]

@ REFUSED SCU closed to CPU 0
ldr r4, =SCU
mov r0, #0x0E
str r0, [r4, #0x50]

@ REFUSED a CPU clock divided by 3
bl unlock
ldr r0, =0x1F000300
str r0, [r8, #0x120]
