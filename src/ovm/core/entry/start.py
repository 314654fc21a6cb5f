# SPDX-License-Identifier: Apache-2.0
"""Reset of both CPUs.

All CPUs begin here at once, in secure Supervisor mode with A, I and F set (QEMU and the virtual board; on Zynq the
BootROM sends CPU 1 here). Each goes to Monitor mode, where OVM stays for the whole run, and invalidates its caches, branch
predictor and TLB.

It goes there by an SMC: with NMFI, as on Zynq, CPS can't set F (ARM B1.8.3), and a loader may have cleared it, but entry
into Monitor mode sets A, I and F always (ARM B1.8.1). Until then the loader's MMU and vectors stay, so that the loader still
serves a FIQ which comes before. A loader that ran with its data cache on has lines there that memory lacks, so they are
cleaned. After a real reset the cache is off and holds noise, which must not reach memory.

Instructions are cached from then on. CPU 0 stops what a loader left running before a watchdog can expire, clears memory
and boots; CPU 1 waits for a word that CPU 0 writes before it turns its own caches on, so that CPU 1 sees it with its
caches off.

A CPU 1 that has begun before was reset by its guest's watchdog. It tells CPU 0 by an SGI and sleeps for ever, without a stack:
level 2 still holds lines of its stack, with the guest's registers in them. A push with the caches off goes past
such a line, and a pop with the caches on reads it.
"""

from typing import Final

from ovm.arm.assembly import vector_table
from ovm.arm.control import SCTLR_C, SCTLR_I
from ovm.core.boot import RELEASED, boot_primary, boot_quiet
from ovm.core.boot_hard import boot_secondary
from ovm.core.caches import LINE_SHIFT, WAY_SHIFT
from ovm.core.config import BOOT_CPU
from ovm.core.cpu import HARD_CPU_NUMBER, STACK_0_TOP, STACK_1_TOP
from ovm.core.gic import SGI_RESET, SOFTWARE_INTERRUPT
from ovm.metal import asm_block, naked, symbol

# Words of core.boot, as the assembly names them.
RELEASE: Final = "ovm.core.boot.RELEASE"
BEGUN: Final = "ovm.core.boot.BEGUN"
# The SCU's register by which it forgets a CPU's tags, from CBAR on (MPCore TRM 2.2.6).
SCU_INVALIDATE: Final = 0x0C


@naked(export="_start")
def start() -> None:
    """Begin. SCTLR: big-endian and Thumb exception entry off, then MMU, caches, branch prediction, high vectors."""
    asm_block(f"""
        .global ovm_reset
    ovm_reset:
        cpsid aif
        clrex
        mov   r0, #0
        mcr   p15, 0, r0, c1, c1, 0
        isb
        mrc   p15, 0, r5, c1, c0, 0
        bic   r4, r5, #0x42000000
        bic   r4, r4, #0x1000
        mcr   p15, 0, r4, c1, c0, 0
        isb
        movw  r1, #:lower16:ovm_reset_vectors
        movt  r1, #:upper16:ovm_reset_vectors
        mcr   p15, 0, r1, c12, c0, 1
        isb
        smc   #0
        {vector_table(label="ovm_reset_vectors", supervisor_call="5f", data_abort="ovm_abort_taken")}
    5:  bic   r4, r4, #0x0007
        bic   r4, r4, #0x2800
        mcr   p15, 0, r4, c1, c0, 0
        isb
        tst   r5, #{SCTLR_C}
        beq   8f
        mcr   p15, 2, r0, c0, c0, 0
        isb
        mrc   p15, 1, r1, c0, c0, 0
        ubfx  r1, r1, #13, #15
    6:  lsl   r2, r1, #{LINE_SHIFT}
    7:  mcr   p15, 0, r2, c7, c14, 2
        adds  r2, r2, #{1 << WAY_SHIFT}
        bcc   7b
        subs  r1, r1, #1
        bpl   6b
    8:  dsb
        mcr   p15, 0, r0, c7, c5, 0
        mcr   p15, 0, r0, c7, c5, 6
        mcr   p15, 0, r0, c8, c7, 0
        dsb
        isb
        orr   r4, r4, #{SCTLR_I}
        mcr   p15, 0, r4, c1, c0, 0
        isb
        mrc   p15, 0, r4, c0, c0, 5
        and   r4, r4, #3
        eors  r4, r4, #{BOOT_CPU}
        bne   2f
        movw  sp, #:lower16:({STACK_0_TOP})
        movt  sp, #:upper16:({STACK_0_TOP})
        bl    {symbol(boot_quiet)}
        .weak __bss_start
        .weak __bss_end
        movw  r1, #:lower16:__bss_start
        movt  r1, #:upper16:__bss_start
        movw  r2, #:lower16:__bss_end
        movt  r2, #:upper16:__bss_end
    1:  cmp   r1, r2
        strlo r0, [r1], #4
        blo   1b
        bl    {symbol(boot_primary)}
        b     ovm_monitor_exit
    2:  cmp   r4, #1
        bne   4f
        movw  r1, #:lower16:{RELEASE}
        movt  r1, #:upper16:{RELEASE}
        movw  r2, #{RELEASED & 0xFFFF}
        movt  r2, #{RELEASED >> 16}
    3:  ldr   r3, [r1]
        cmp   r3, r2
        wfene
        bne   3b
        movw  r1, #:lower16:{BEGUN}
        movt  r1, #:upper16:{BEGUN}
        ldr   r3, [r1]
        cmp   r3, #0
        bne   9f
        str   r2, [r1]
        dsb
        movw  sp, #:lower16:({STACK_1_TOP})
        movt  sp, #:upper16:({STACK_1_TOP})
        b     {symbol(boot_secondary)}
    9:  mrc   p15, 4, r0, c15, c0, 0
        mov   r1, #{0xF << 4 * HARD_CPU_NUMBER}
        str   r1, [r0, #{SCU_INVALIDATE}]
        movw  r1, #{SGI_RESET}
        movt  r1, #{1 << BOOT_CPU}
        add   r0, r0, #{SOFTWARE_INTERRUPT}
        dsb
        str   r1, [r0]
    4:  wfi
        b     4b
    """)
