# SPDX-License-Identifier: Apache-2.0
"""Hypercalls by SMC, with hostile arguments, and lies in the page that OVM reads."""

from typing import Final

from ovm.abi.hypercalls import EXIT, NOT_SUPPORTED, TIME
from ovm.guests.lib.hrt import hrt_page
from ovm.guests.rogue_hrt.tally import count
from ovm.metal import asm_block, fn, naked, text, u32

_VENDOR: Final = 0x8600_0000
_PSCI: Final = 0x8400_0000
_CALLS: Final = 32


@naked
def call(function: u32, first: u32) -> u32:
    """Execute SMC with the argument in every register."""
    asm_block("""
        push {r4-r11, lr}
        mov r2, r1
        mov r3, r1
        mov r4, r1
        mov r5, r1
        mov r6, r1
        mov r7, r1
        smc #0
        pop {r4-r11, pc}
    """)


@fn
def _refused(function: u32, argument: u32) -> None:
    """Check that a call was refused: an HRT guest may ask for time and its end; all other calls are for deprivileged guests."""
    answer = call(function, argument)
    count(answer != NOT_SUPPORTED and answer != 0, text("call"), function)


@fn
def try_calls() -> None:
    """Make every call of both services except the end; then report false figures."""
    for number in u32.range(_CALLS):
        if _VENDOR + number != EXIT and _VENDOR + number != TIME:
            _refused(_VENDOR + number, 0x0010_0000)
            _refused(_VENDOR + number, 0xFFFF_FFFF)
        if number != 0:
            _refused(_PSCI + number, 0x0010_0000)
    page = hrt_page()
    valid = page.report_valid
    page.report_valid = 0xFFFF_FFFF
    page.report_valid = valid
