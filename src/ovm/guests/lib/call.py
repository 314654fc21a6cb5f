# SPDX-License-Identifier: Apache-2.0
"""Hypercalls of a deprivileged guest.

`SVC #0` with the function identifier in r0 (`ovm.abi.hypercalls`). OVM preserves r4-r11, sp and lr; the procedure call
standard doesn't preserve r0-r3 and r12 anyway, so a plain call of these functions costs one instruction more than the SVC.
"""

from ovm.metal import Ptr, asm_block, naked, u32


@naked
def call(function: u32, first: u32, second: u32, third: u32) -> u32:
    """Make a hypercall with up to three arguments; return its r0."""
    asm_block("""
        svc #0
        bx lr
    """)


@naked
def call_results(function: u32, argument: u32, results: Ptr[u32]) -> u32:
    """Make a hypercall with one argument; store its r1-r3 in `results[0]` to `results[2]` and return its r0."""
    asm_block("""
        push {r4, lr}
        mov r4, r2
        svc #0
        stmia r4, {r1-r3}
        pop {r4, pc}
    """)


@naked
def call_words(function: u32, argument: u32, words: Ptr[u32]) -> u32:
    """Make a hypercall with one argument and the six words at `words` in r2-r7."""
    asm_block("""
        push {r4-r7}
        mov r12, r2
        ldmia r12, {r2-r7}
        svc #0
        pop {r4-r7}
        bx lr
    """)
