# SPDX-License-Identifier: Apache-2.0
"""Code for CPU 0, which runs there in Non-secure PL1 when a guest traps and the gate page has `detour` instead of its stubs.

It ruins state of CPU 0 that both worlds share, or that OVM doesn't set again at each exit.
"""

from typing import Final

from ovm.metal import Struct, asm_block, naked, static, symbol, u32

_MAP: Final = "ovm.guests.rogue_hrt.access.MAP"
_USURPER: Final = "ovm.guests.rogue_hrt.usurp.USURPER"


class Usurper(Struct):
    """The data of `usurp`: the state of its noise, whether it calls OVM, where OVM reads a trap's pc and PSR."""

    noise: u32
    calls: u32
    trap: u32


USURPER = static(Usurper)


@naked
def spin() -> None:
    """Run a stub that never ends."""
    asm_block("""
        b .
    """)


@naked
def detour() -> None:
    """Map the lower half of addresses to itself, keep the upper one, where this runs, and continue in the guest's own memory.

    With TTBCR.N = 1 the lower half is TTBR0's, the upper one TTBR1's (ARM DDI0406C B3.5.4).
    """
    asm_block(f"""
        mrc   p15, 0, r0, c2, c0, 0
        mcr   p15, 0, r0, c2, c0, 1
        ldr   r0, 1f
        mcr   p15, 0, r0, c2, c0, 0
        mov   r0, #1
        mcr   p15, 0, r0, c2, c0, 2
        mvn   r0, #0
        mcr   p15, 0, r0, c3, c0, 0
        isb
        mcr   p15, 0, r0, c8, c7, 0
        dsb
        isb
        ldr   pc, 2f
    1:  .word {_MAP} + 0x4a
    2:  .word {symbol(usurp)}
        .word 0
    """)


# MMU and thread registers, performance monitors.
_RUIN_CP15: Final = """
        mov   r2, #0
        mcr   p15, 0, r2, c2, c0, 2
        isb
        mcr   p15, 0, r2, c8, c7, 0
        dsb
        isb
        mcr   p15, 0, r2, c1, c0, 2
        mcr   p15, 0, r2, c10, c2, 0
        mcr   p15, 0, r2, c10, c2, 1
        mvn   r3, #0
        mcr   p15, 0, r3, c13, c0, 2
        mcr   p15, 0, r3, c13, c0, 3
        mcr   p15, 0, r3, c13, c0, 4
        mcr   p15, 0, r2, c9, c12, 0
        mcr   p15, 0, r3, c9, c12, 2
        mcr   p15, 0, r3, c9, c14, 0
        mcr   p15, 0, r3, c9, c14, 1
        isb
"""
# The GIC, by 3: and 4:, and the stack pointers of all modes.
_RUIN_INTERRUPTS: Final = """
        ldr   r4, 3f
        mov   r5, #1
        str   r5, [r4, #0x100]
        mov   r5, #0xF0
        str   r5, [r4, #0x104]
        add   r4, r4, #0x1000
        ldr   r5, 4f
        str   r5, [r4, #0x828]
        str   r3, [r4, #0x104]
        str   r3, [r4, #0x204]
        dsb
        cps   #0x11
        mov   sp, r2
        mov   lr, r3
        cps   #0x12
        mov   sp, r3
        cps   #0x13
        mov   sp, r3
        cps   #0x17
        mov   sp, r3
        cps   #0x1B
        mov   sp, r3
        cps   #0x1F
"""
# The next noise, r7, goes into the fault registers, the trap's pc and PSR (r9) and the registers of a call.
_MAKE_NOISE: Final = """
        movw  r12, #:lower16:1664525
        movt  r12, #:upper16:1664525
        cps   #0x13
        mul   r7, r7, r12
        add   r7, r7, #0x3C0
        add   r7, r7, #0x1F
        mcr   p15, 0, r7, c5, c0, 0
        mcr   p15, 0, r7, c5, c0, 1
        eor   r11, r7, r7, ror #13
        mcr   p15, 0, r11, c6, c0, 0
        mcr   p15, 0, r11, c6, c0, 2
        str   r11, [r9]
        eor   r11, r11, r7, ror #7
        str   r11, [r9, #4]
        str   r7, [r6]
        mov   r0, #0x86000000
        add   r0, r0, #8
        add   r0, r0, r7, lsr #28
        mov   r1, r11
        mov   r2, r7
        and   r11, r11, #0x3C
        ldr   r10, 8f
        dsb
        add   pc, r10, r11
"""


@naked
def usurp() -> None:
    """Run at PL1 on CPU 0, with everything mapped to itself: ruin its state; then spin in System mode, or call OVM with noise.

    Group 1 is opened in the GIC's interface and a shared interrupt aimed here, pending, so an IRQ never ends. OVM
    tells the stubs apart by the lowest byte of the address behind the SMC.
    """
    asm_block(f"""
        {_RUIN_CP15}
        {_RUIN_INTERRUPTS}
        ldr   r6, 5f
        ldm   r6, {{r7-r9}}
        cmp   r8, #0
    1:  beq   1b
        {_MAKE_NOISE}
    3:  .word 0xF8F00000
    4:  .word 0x01010101
    5:  .word {_USURPER}
    8:  .word 9f
        .balign 256
    9:  .rept 16
        smc #0
        .endr
    """)
