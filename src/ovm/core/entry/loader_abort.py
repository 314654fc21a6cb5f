# SPDX-License-Identifier: Apache-2.0
"""An asynchronous external abort that was pending when OVM began: it is taken here, because otherwise it would hit the first
guest.

A buffered store of the boot loader may fail long after it was made, and a loader that runs with A set never learns of it (ARM
B1.9.7). The same holds for its dirty lines, if OVM's boot cleans them to an address without memory.
"""

from ovm.arm.control import SCR_EA
from ovm.metal import asm_block, naked, u32


@naked
def loader_abort_take() -> u32:
    """Take the abort that is pending; return its DFSR, or 0 if there is none. Call it before MVBAR leaves the vectors of reset.

    Entry into Monitor mode sets A again, and overwrites lr (ARM B1.8.1).
    """
    asm_block(f"""
        mov   r3, lr
        mov   r0, #0
        mov   r1, #{SCR_EA}
        mcr   p15, 0, r1, c1, c1, 0
        isb
        dsb
        cpsie a
        isb
        nop
        cpsid a
        b     1f
        .global ovm_abort_taken
    ovm_abort_taken:
        mrc   p15, 0, r0, c5, c0, 0
    1:  mov   r1, #0
        mcr   p15, 0, r1, c1, c1, 0
        isb
        bx    r3
    """)
