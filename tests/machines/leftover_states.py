# SPDX-License-Identifier: Apache-2.0
"""The states themselves: by name, assembly that may use r0 to r9 and returns with the processor in Supervisor mode.

The list follows the registers of the Cortex-A9 (TRM 4.2), its private peripherals (MPCore TRM), the L2C-310 (DDI0246 3.3)
and the Zynq-7000 (UG585 appendix B). A state that `last` looks at is set at the very end, as nothing could follow it.
"""

PRELUDE = """
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
ldr r1, =0xFFFFFFF0
str r0, [r1]
ldr r1, =flag
mov r2, #0
str r2, [r1]
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
"""

# The last instructions before OVM: what no code of the other states could run in.
LAST = """
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
"""

_FLAT_MAP = """
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
"""

_INTERRUPTS = {
    "an active private interrupt": """
bl gic_open
ldr r0, =1 << 29
str r0, [r4, #0x100]
str r0, [r4, #0x200]
dsb
ldr r6, [r5, #0x0C]
""",
    "an active SGI": """
bl gic_open
ldr r0, =0x02000005
str r0, [r4, #0xF00]
dsb
ldr r6, [r5, #0x0C]
""",
    "an active shared interrupt of group 1": """
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
""",
    "interrupts that preempted each other": """
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
""",
    "pending SGIs": """
ldr r4, =ICD
ldr r0, =0x02000003
str r0, [r4, #0xF00]
ldr r0, =0x02000000
str r0, [r4, #0xF00]
ldr r0, =0x0003000E
str r0, [r4, #0xF00]
""",
    "pending private interrupts, enabled": """
ldr r4, =ICD
ldr r0, =0xF8000000
str r0, [r4, #0x100]
str r0, [r4, #0x200]
""",
    "every shared interrupt enabled, pending, as FIQ": """
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
""",
    "interrupts that rise instead of levels": """
ldr r4, =ICD
mvn r0, #0
str r0, [r4, #0xC08]
str r0, [r4, #0xC0C]
str r0, [r4, #0xC10]
str r0, [r4, #0xC14]
""",
    "binary points, priorities and mask of another": """
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
""",
}

_TIMERS = {
    "the private timer, running with its interrupt": """
ldr r4, =PRIVATE
ldr r0, =1000
str r0, [r4]
mov r0, #7
str r0, [r4, #8]
""",
    "the private watchdog, armed": """
ldr r4, =PRIVATE
ldr r0, =1000000
str r0, [r4, #0x20]
mov r0, #9
str r0, [r4, #0x28]
""",
    "the private watchdog as a timer": """
ldr r4, =PRIVATE
ldr r0, =5000
str r0, [r4, #0x20]
ldr r0, =0x307
str r0, [r4, #0x28]
""",
    "the system watchdog, armed": """
ldr r4, =SWDT
ldr r0, =0x00920040
str r0, [r4, #4]
ldr r0, =0x00ABC003
str r0, [r4]
ldr r0, =0x1999
str r0, [r4, #8]
""",
    "the global timer's comparator with auto-increment": """
ldr r4, =GLOBAL
ldr r0, =2000
str r0, [r4, #0x10]
mov r1, #0
str r1, [r4, #0x14]
str r0, [r4, #0x18]
mov r0, #0x0F
str r0, [r4, #8]
""",
    "a global timer that is slow and far on": """
ldr r4, =GLOBAL
mov r0, #0
str r0, [r4, #8]
mvn r0, #0
str r0, [r4]
str r0, [r4, #4]
ldr r0, =0x501
str r0, [r4, #8]
""",
    "triple timers with interrupts": """
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
""",
}

_CACHES = {
    "level 2 off, in every way set up otherwise": """
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
""",
    "level 2 on": """
ldr r4, =L2C
ldr r0, =0xFFFF
str r0, [r4, #0x77C]
1: ldr r1, [r4, #0x77C]
tst r1, #0xFF
bne 1b
mov r0, #1
str r0, [r4, #0x100]
dsb
""",
    "level 2 with all ways locked": """
ldr r4, =L2C
mov r0, #0xFF
add r2, r4, #0x900
add r3, r4, #0x940
1: str r0, [r2], #4
cmp r2, r3
bne 1b
mov r0, #1
str r0, [r4, #0x950]
""",
    "MMU and caches on, dirty lines in free memory": _FLAT_MAP
    + """
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
""",
    "lock entries of the TLB that map OVM and a guest elsewhere": """
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
""",
    "walks that go to lock entries": """
ldr r0, =0x10000001
mcr p15, 0, r0, c10, c0, 0
""",
}

_PROCESSOR = {
    "SCTLR: high vectors, round robin, alignment checks, SWP": """
mrc p15, 0, r0, c1, c0, 0
ldr r1, =0x6402
orr r0, r0, r1
mcr p15, 0, r0, c1, c0, 0
isb
""",
    "exceptions in Thumb state and big-endian": """
mrc p15, 0, r0, c1, c0, 0
orr r0, r0, #0x42000000
mcr p15, 0, r0, c1, c0, 0
isb
""",
    "TEX remap and the access flag": """
mrc p15, 0, r0, c1, c0, 0
orr r0, r0, #0x30000000
mcr p15, 0, r0, c1, c0, 0
isb
mvn r0, #0
mcr p15, 0, r0, c10, c2, 0
mcr p15, 0, r0, c10, c2, 1
""",
    "vectors of another": """
ldr r0, =FREE
mcr p15, 0, r0, c12, c0, 0
mcr p15, 0, r0, c12, c0, 1
""",
    "translation registers of another": """
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
""",
    "every register of the Non-secure world": """
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
""",
    "SCR with everything routed and AW, FW": """
ldr r0, =0x3E
mcr p15, 0, r0, c1, c1, 0
isb
""",
    "NSACR with all rights": """
ldr r0, =0x00060C00
mcr p15, 0, r0, c1, c1, 2
""",
    "floating point on, rounding to zero, registers full": """
mov r0, #0xF00000
mcr p15, 0, r0, c1, c0, 2
isb
mov r0, #0x40000000
vmsr fpexc, r0
ldr r0, =0x03C00000
vmsr fpscr, r0
vmov.i32 q0, #0xFF
vmov q15, q0
""",
    "floating point without the upper registers": """
ldr r0, =0xC0F00000
mcr p15, 0, r0, c1, c0, 2
isb
""",
    "ACTLR: exclusive caches, one way, no coherency": """
ldr r0, =0x182
mcr p15, 0, r0, c1, c0, 1
isb
""",
    "performance monitors counting for User mode": """
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
""",
    "virtual interrupts pending": """
ldr r0, =0x1C0
mcr p15, 0, r0, c1, c1, 3
mcr p15, 0, r0, c12, c1, 1
""",
    "secure debug in User mode": "mov r0, #3\nmcr p15, 0, r0, c1, c1, 1",
    "ThumbEE and Jazelle open": """
mov r0, #0
mcr p14, 6, r0, c0, c0, 0
ldr r0, =FREE
mcr p14, 6, r0, c1, c0, 0
mov r0, #3
mcr p14, 7, r0, c1, c0, 0
""",
    "thread registers and PAR of another": """
mvn r0, #0
mcr p15, 0, r0, c13, c0, 2
mcr p15, 0, r0, c13, c0, 3
mcr p15, 0, r0, c13, c0, 4
mcr p15, 0, r0, c7, c4, 0
mov r0, #1
mcr p15, 2, r0, c0, c0, 0
""",
    "a reservation, and an event": """
ldr r0, =FREE
ldrex r1, [r0]
sev
""",
    "registers of every mode full": """
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
""",
    "an external abort pending": """
mrc p15, 0, r0, c1, c0, 0
tst r0, #1
bne 2f
"""
    + _FLAT_MAP
    + """
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
""",
}

_BOARD = {
    "SCU: speculative fills, standby, power states, all open": """
ldr r4, =SCU
ldr r0, [r4]
orr r0, r0, #0x79
str r0, [r4]
ldr r0, =0x0302
str r0, [r4, #8]
ldr r0, =0xFFF
str r0, [r4, #0x54]
""",
    "DDR that begins at 1 MiB, on-chip memory at 0": """
bl unlock
mov r0, #0x18
str r0, [r8, #0x910]
ldr r4, =SCU
ldr r0, =0x00100000
str r0, [r4, #0x40]
""",
    "on-chip memory open to everybody, the SLCR unlocked": """
bl unlock
mvn r0, #0
str r0, [r8, #0x400]
str r0, [r8, #0x408]
str r0, [r8, #0x430]
""",
    "the DMA controller in an endless loop that writes": """
ldr r4, =DMAC
ldr r0, =dma_program
ldr r1, =0x00A00000
str r1, [r4, #0xD08]
str r0, [r4, #0xD0C]
mov r1, #0
str r1, [r4, #0xD04]
""",
    "the console's UART in loopback, with its interrupts": """
ldr r4, =UART1
ldr r0, =0x220
str r0, [r4, #4]
mov r0, #0x28
str r0, [r4, #0]
ldr r0, =0x1FFF
str r0, [r4, #8]
mov r0, #0x20
str r0, [r4, #0x24]
""",
}

_CPU1 = {
    "CPU 1 waiting in DDR": "ldr r0, =cpu1_waits\nbl cpu1_go",
    "CPU 1 busy, writing": "ldr r0, =cpu1_writes\nbl cpu1_go",
    "CPU 1 with its caches on, coherent": "ldr r0, =cpu1_coherent\nbl cpu1_go",
    "CPU 1 with timers and watchdog running": "ldr r0, =cpu1_timers\nbl cpu1_go",
    "CPU 1 with interrupts active and pending": "ldr r0, =cpu1_interrupts\nbl cpu1_go",
    "CPU 1 in reset": "bl unlock\nmov r0, #0x02\nstr r0, [r8, #0x244]",
    "CPU 1 without a clock": "bl unlock\nmov r0, #0x20\nstr r0, [r8, #0x244]",
}

_AT_LAST = {
    "big-endian data": "ldr r0, =endian\nmov r1, #1\nstr r1, [r0]",
    "no exception masked": "ldr r0, =masks\nmov r1, #0x1C0\nstr r1, [r0]",
    "System mode": "ldr r0, =mode\nmov r1, #0x1F\nstr r1, [r0]",
    "Monitor mode": "ldr r0, =mode\nmov r1, #0x16\nstr r1, [r0]",
    "FIQ mode": "ldr r0, =mode\nmov r1, #0x11\nstr r1, [r0]",
}

# What OVM can't undo, and says so.
REFUSED = {"SCU closed to CPU 0": "ldr r4, =SCU\nmov r0, #0x0E\nstr r0, [r4, #0x50]"}

STATES = _INTERRUPTS | _TIMERS | _CACHES | _PROCESSOR | _BOARD | _CPU1 | _AT_LAST

# States that no loader could be in together: with exceptions let in, its own handlers would have to serve them; and its
# MMU maps OVM to itself, by descriptors in the order that SCTLR.EE names.
RAISING = {*_INTERRUPTS, *_TIMERS, "an external abort pending", "CPU 1 with interrupts active and pending"}
TOGETHER = (
    ({"no exception masked", "vectors of another", "SCR with everything routed and AW, FW"}, RAISING),
    (
        {
            "lock entries of the TLB that map OVM and a guest elsewhere",
            "exceptions in Thumb state and big-endian",
            "TEX remap and the access flag",
        },
        {"MMU and caches on, dirty lines in free memory", "an external abort pending"},
    ),
)


def possible(chosen: list[str]) -> list[str]:
    """The same without those that exclude one before them."""
    kept: list[str] = []
    for name in chosen:
        rivals = {
            each for one, other in TOGETHER for each in ((other if name in one else set()) | (one if name in other else set()))
        }
        of_cpu1 = name.startswith("CPU 1") and any(each.startswith("CPU 1") for each in kept)
        if not of_cpu1 and not rivals & set(kept):
            kept.append(name)
    return kept


# What CPU 1 does, and the DMA controller's program.
ROUTINES = """
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
"""
