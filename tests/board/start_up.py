# SPDX-License-Identifier: Apache-2.0
"""The begin of assembly programs for both cores: the pieces that several tests need."""

ENTRY = 0x20_0000
# r10 is the core's number, and Z tells core 0 from core 1.
CORE_NUMBER = """
        mrc   p15, 0, r10, c0, c0, 5
        ands  r10, r10, #3
"""
# Level 2 has its latencies, and is on.
LEVEL2_ON = """
        ldr   r0, =0xF8F02000
        ldr   r1, =0x111
        str   r1, [r0, #0x108]
        ldr   r1, =0x121
        str   r1, [r0, #0x10C]
        mov   r1, #1
        str   r1, [r0, #0x100]
"""
# Core 1 leaves the BootROM's loop for ENTRY.
WAKE_SECOND = f"""
        ldr   r0, =0xFFFFFFF0
        ldr   r1, ={ENTRY}
        str   r1, [r0]
        dsb
        sev
"""
