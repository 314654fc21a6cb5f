# SPDX-License-Identifier: Apache-2.0
"""An asynchronous external abort that was pending when OVM began: taken here, or it would hit the first guest.

A buffered store of the boot loader may fail long after it was made, and a loader that runs with A set never hears of it
(ARM B1.9.7). So do its dirty lines, when OVM's boot cleans them out to nowhere.
"""

from ovm.arm.control import SCR_EA
from ovm.metal import asm_block, naked, u32


@naked
def loader_abort_take() -> u32:
    """Take the abort that is pending; its DFSR, or 0 if there is none. Before MVBAR leaves the vectors of reset.

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
