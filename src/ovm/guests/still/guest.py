# SPDX-License-Identifier: Apache-2.0
"""still: the start at any level."""

from typing import Final, Never

from ovm.guests.lib import console, hrt
from ovm.guests.lib.start import begin
from ovm.guests.still import deprivileged, privileged
from ovm.metal import VirtAddr, asm_block, fn, naked, u32

# CPSR.M of a deprivileged guest, whatever its virtual mode.
USER_MODE: Final = 0x10


@naked
def processor_mode() -> u32:
    """Return the processor's real mode: MRS doesn't trap in User mode (ARM DDI0406C B9.3.8)."""
    asm_block("""
        mrs r0, cpsr
        and r0, r0, #0x1f
        bx lr
    """)


@fn
def main(page: VirtAddr) -> Never:
    """Run as the level requires."""
    if processor_mode() == USER_MODE:
        deprivileged.run(page)
    privileged.run(page)


@naked(section=".text.start", export="_start")
def start() -> Never:
    """Set the stack and continue in metal; r0 keeps the value from OVM."""
    asm_block(begin(main))


@fn(export="metal_panic")
def on_panic(code: u32) -> Never:
    """End the guest after a failed check."""
    if processor_mode() == USER_MODE:
        console.panicked(code)
    hrt.panicked(code)


ROOTS: Final = (start, on_panic)
