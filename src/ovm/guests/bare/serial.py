# SPDX-License-Identifier: Apache-2.0
"""A serial port of the chip, driven as on a board without OVM (UG585 19, appendix B.33)."""

from typing import Final

from ovm.guests.lib.line import Line, end_line, put_hex, put_text
from ovm.metal import Ptr, Struct, VirtAddr, at, bound, fn, overlay, param, text, u8, u32

# The description gives the address of the port.
PORT: Final = param(0)
_RESET_BOTH: Final = 0x03
_TRANSMIT: Final = 0x14
_FULL: Final = 0x10
_MOST_POLLS: Final = 1_000_000
_MOST_BYTES: Final = 128


class Uart(Struct, volatile=True):
    """Registers of the port."""

    control: u32
    status: u32 = at(0x2C)
    fifo: u32


@fn
def _port() -> Uart:
    # SAFETY: the description gives the address.
    return overlay(Uart, VirtAddr(u32(PORT)))


@fn
def serial_start() -> None:
    """Let the port transmit, at the rate that the boot loader set."""
    _port().control = _RESET_BOTH
    _port().control = _TRANSMIT


@fn
def write_line(line: Line) -> None:
    """Print a line and empty it."""
    end_line(line)
    port = _port()
    for index in u32.range(line.used, bound=_MOST_BYTES):
        while port.status & _FULL != 0:
            bound(_MOST_POLLS)
        port.fifo = u32(line.bytes[index])
    line.used = 0


@fn
def say(characters: Ptr[u8]) -> None:
    """Print a line of plain text."""
    line = Line()
    put_text(line, characters)
    write_line(line)


@fn
def check(passed: bool, what: Ptr[u8], found: u32) -> None:
    """Print whether something is as after reset, and what was found."""
    line = Line()
    put_text(line, what)
    put_text(line, text(": ok") if passed else text(": WRONG "))
    if not passed:
        put_hex(line, found)
    write_line(line)
