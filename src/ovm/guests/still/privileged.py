# SPDX-License-Identifier: Apache-2.0
"""still at HRT, where it sleeps in WFI on a core of its own."""

from typing import Final, Never

from ovm.abi.hypercalls import REPORT_CHECKS_FAILED, REPORT_CHECKS_PASSED
from ovm.guests.lib.devices import periphbase, start_periodic, take_timer_interrupt
from ovm.guests.lib.hrt import argument, hrt_page, report, use_page, write_line
from ovm.guests.lib.line import Line
from ovm.guests.still.pattern import Area, fill, free_area, put_filled, put_verdict, verify
from ovm.metal import VirtAddr, fn, forever, static, u32, wfi

AREA = static(Area)
_EVERYTHING: Final = 0x3F_FFFF


@fn
def look(passed: u32) -> u32:
    """Check the memory, print if it has changed, report; return the number of good checks so far."""
    if verify(AREA):
        report(REPORT_CHECKS_PASSED, passed + 1)
        return passed + 1
    report(REPORT_CHECKS_FAILED, AREA.changed)
    line = Line()
    put_verdict(line, AREA)
    write_line(line)
    return passed


@fn
def run(page: VirtAddr) -> Never:
    """Fill the memory, then sleep; if checks are wanted, the timer wakes the core each second, though its interrupt is masked."""
    use_page(page)
    own = hrt_page()
    free_area(AREA, own.ram_base + own.ram_bytes, argument(0, _EVERYTHING) * 1024)
    fill(AREA)
    line = Line()
    put_filled(line, AREA)
    write_line(line)
    devices = periphbase()
    between = argument(1, 0)
    if between != 0:
        start_periodic(devices, own.ticks_per_us * 1_000_000)
    passed = u32(0)
    seconds = u32(0)
    while forever():
        wfi()
        if take_timer_interrupt(devices):
            seconds += 1
            if seconds == between:
                passed = look(passed)
                seconds = u32(0)
