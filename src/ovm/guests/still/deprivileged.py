# SPDX-License-Identifier: Apache-2.0
"""still at SRT and NRT, where it sleeps in the hypercall WAIT."""

from typing import Final, Never

from ovm.abi.hypercalls import INTERRUPT_STOP, INTERRUPT_TIMER, REPORT_CHECKS_FAILED, REPORT_CHECKS_PASSED
from ovm.guests.lib.console import leave, write_line
from ovm.guests.lib.line import Line
from ovm.guests.lib.vcpu import (
    acknowledge,
    argument,
    now,
    report,
    set_timer,
    ticks_of_microseconds,
    use_page,
    vcpu_page,
    wait,
)
from ovm.guests.still.pattern import Area, fill, free_area, put_filled, put_verdict, verify
from ovm.metal import VirtAddr, fn, forever, static, u32, u64

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
def stop() -> Never:
    """Check for the last time and end."""
    line = Line()
    verify(AREA)
    put_verdict(line, AREA)
    write_line(line)
    leave(min(AREA.changed, 1))


@fn
def run(page: VirtAddr) -> Never:
    """Fill the memory, then sleep until a check is due or OVM asks it to stop; interrupts need no handler for that."""
    use_page(page)
    own = vcpu_page()
    free_area(AREA, own.ram_base + own.ram_bytes, argument(0, _EVERYTHING) * 1024)
    fill(AREA)
    line = Line()
    put_filled(line, AREA)
    write_line(line)
    own.irq_masked = 1
    own.irq_enabled = 1 << INTERRUPT_STOP | 1 << INTERRUPT_TIMER
    between = ticks_of_microseconds(1_000_000) * u64(argument(1, 0))
    passed = u32(0)
    while forever():
        if between != 0:
            set_timer(now() + between)
        wait()
        pending = acknowledge()
        if pending & (1 << INTERRUPT_STOP) != 0:
            stop()
        if pending & (1 << INTERRUPT_TIMER) != 0:
            passed = look(passed)
