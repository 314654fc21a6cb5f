# SPDX-License-Identifier: Apache-2.0
"""The page that an HRT guest shares with OVM: console, figures, end.

The guest only ever stores to it; OVM's other core reads it. Neither waits for the other: a line that finds the
console full is lost, because a control loop must not wait for a UART.
"""

from typing import Final, Never

from ovm.abi.vcpu_page import HrtPage
from ovm.guests.lib.line import Line, end_line, put_text
from ovm.metal import Ptr, VirtAddr, address, dmb, first, fn, forever, overlay, pointer, static, u8, u32, u64, wfi

_MOST_BYTES: Final = 128  # of a line
# The console is a ring of bytes; byte number i lies at i modulo this.
CONSOLE_BYTES: Final = 4096

PAGE = static(VirtAddr)


@fn
def use_page(page: VirtAddr) -> None:
    """Store the page's address, which r0 held at the start."""
    PAGE.value = page


@fn(inline=True)
def hrt_page() -> HrtPage:
    """Return the page."""
    # SAFETY: OVM gave the address at the start; the page stays where it is.
    return overlay(HrtPage, PAGE.value)


@fn
def write_line(line: Line) -> None:
    """Print a line and empty it; a line for which there is no room is lost."""
    end_line(line)
    page = hrt_page()
    head = page.console_head
    # SAFETY: the console array has CONSOLE_BYTES bytes; every index into it is taken modulo that.
    ring = pointer(u8, address(first(page.console)))
    if CONSOLE_BYTES - (head - page.console_tail) >= line.used:
        for at in u32.range(line.used, bound=_MOST_BYTES):
            ring[(head + at) % CONSOLE_BYTES] = line.bytes[at]
        # ORDER: the bytes are there before the index says so.
        dmb()
        page.console_head = head + line.used
    line.used = 0


@fn
def say(characters: Ptr[u8]) -> None:
    """Print a line of plain text."""
    line = Line()
    put_text(line, characters)
    write_line(line)


@fn
def report(key: u32, value: u32) -> None:
    """Report a figure to OVM for the run's summary."""
    page = hrt_page()
    page.report[key] = value
    dmb()
    page.report_valid = page.report_valid | (1 << key)


@fn
def argument(index: u32, otherwise: u32) -> u32:
    """Return a number that the description gives this guest; `otherwise` if there is none."""
    value = hrt_page().argument[index]
    return value if value != 0 else otherwise


@fn
def nanoseconds(ticks: u64) -> u32:
    """Convert timer ticks to nanoseconds."""
    return u32(ticks * 1000 // u64(hrt_page().ticks_per_us))


@fn
def leave(status: u32) -> Never:
    """End this guest; 0 is success. The core stays parked."""
    hrt_page().exit_status = status
    # ORDER: the status, and all that was printed, before the end.
    dmb()
    hrt_page().finished = 1
    while forever():
        wfi()


@fn
def panicked(code: u32) -> Never:
    """End the guest with the code of a failed check of metal code.

    Nothing is printed, since this code must not fail a check itself.
    """
    leave(code)


@fn(export="metal_panic")
def on_panic(code: u32) -> Never:
    """End the guest after a failed check; a root of its image."""
    panicked(code)
