# SPDX-License-Identifier: Apache-2.0
"""Input from the one UART to the guests' consoles, in builds in which a guest has input.

The byte SELECT and one that gives a guest's number behind it choose whose input follows. Housekeeping takes a few bytes at a
time, so nobody at the other end of the line decides how much of OVM's time input takes (docs/decisions/0020). Each guest has a
buffer of its own. What it takes out of that is told to the driver, which sends no more than there is room for; bytes without
room are dropped and counted. Unfinished lines of the guest that has the input, such as prompts, are shown too.
"""

from collections.abc import Callable
from typing import Final

from ovm.abi.config import GuestState
from ovm.abi.hypercalls import INTERRUPT_CONSOLE
from ovm.abi.uart import FIRST_NUMBER, SELECT
from ovm.core.clock import alarm_waits
from ovm.core.config import CONFIG
from ovm.core.console import LINES, console_show
from ovm.core.guest import GUESTS
from ovm.core.limits import MAX_GUESTS
from ovm.core.output import queue_room, uart_received, uart_take
from ovm.core.record import field_number, record_about, record_end
from ovm.core.vcpu import Vcpu, vcpu_of
from ovm.core.virtual.interrupt import interrupt_raise
from ovm.metal import Array, Struct, array, fn, static, text, u8, u32, unroll

BUFFER_BYTES: Final = 256
# Bytes taken from the UART at one time. A thousand times a second, 115,200 baud bring 12 of them.
STEP_BYTES: Final = 16
# Room for the record that tells the driver.
TOLD_BYTES: Final = 96

# Functions that are told that a guest's buffer is no longer empty. A virtual device adds its own when it is imported.
ARRIVALS: Final[list[Callable[[Vcpu], None]]] = []


class Buffer(Struct):
    """A guest's input. The indices run freely: the UART's side moves head, the guest tail."""

    head: u32
    tail: u32
    # Bytes without room.
    lost: u32
    # What the driver was told last.
    told_tail: u32
    told_lost: u32
    bytes: Array[u8] = array(u8, BUFFER_BYTES)


class Focus(Struct):
    """The guest that has the input."""

    # The guest's number plus one; 0: nobody's.
    chosen: u32
    # SELECT was the last byte; the driver is to be told of the guest that has been chosen.
    selects: bool
    asked: bool
    # Its unfinished line's length at the last look.
    line_length: u32


BUFFERS = static(array(Buffer, MAX_GUESTS))
FOCUS = static(Focus)


@fn
def input_count(guest: u32) -> u32:
    """Return the number of bytes that wait for the guest."""
    return BUFFERS[guest].head - BUFFERS[guest].tail


@fn
def input_take(guest: u32) -> u32:
    """Take the guest's next byte; there must be one."""
    buffer = BUFFERS[guest]
    byte = u32(buffer.bytes[buffer.tail % BUFFER_BYTES])
    buffer.tail += 1
    return byte


@fn
def _give(guest: u32, byte: u32) -> None:
    """Put a byte into the guest's buffer, and tell the guest if it was empty."""
    buffer = BUFFERS[guest]
    vcpu = vcpu_of(guest)
    alive = vcpu.state == GuestState.READY or vcpu.state == GuestState.WAITING
    if not alive or input_count(guest) == BUFFER_BYTES:
        buffer.lost += 1
        return
    buffer.bytes[buffer.head % BUFFER_BYTES] = u8(byte)
    buffer.head += 1
    if input_count(guest) == 1:
        interrupt_raise(vcpu, INTERRUPT_CONSOLE)
        for arrived in unroll(tuple(ARRIVALS)):
            arrived(vcpu)


@fn
def _choose(number: u32) -> None:
    """Give the input to the guest of that number, if it takes any; else to nobody."""
    FOCUS.chosen = 0
    if number < CONFIG.guest_count and GUESTS[number].config.flags.input:
        FOCUS.chosen = number + 1
        FOCUS.asked = True


@fn
def _feed(byte: u32) -> None:
    """Take a byte that came in."""
    if FOCUS.selects and byte != SELECT:
        FOCUS.selects = False
        _choose(byte - FIRST_NUMBER)
    elif byte == SELECT and not FOCUS.selects:
        FOCUS.selects = True
    else:
        FOCUS.selects = False
        if FOCUS.chosen != 0:
            _give(FOCUS.chosen - 1, byte)


@fn(inline=False)
def _tell(guest: u32) -> None:
    """Tell the driver how much the guest has taken, if that is new and its queue has room for it."""
    buffer = BUFFERS[guest]
    is_new = FOCUS.asked or buffer.tail != buffer.told_tail or buffer.lost != buffer.told_lost
    if not is_new or queue_room(guest) < TOLD_BYTES:
        return
    record_about(guest, text("input"))
    field_number(text("size"), BUFFER_BYTES)
    field_number(text("given"), buffer.head)
    field_number(text("taken"), buffer.tail)
    field_number(text("lost"), buffer.lost)
    record_end()
    buffer.told_tail = buffer.tail
    buffer.told_lost = buffer.lost
    FOCUS.asked = False


@fn(inline=False)
def input_poll() -> None:
    """Take a step's bytes from the UART, fewer if the alarm waits; then tell the driver and show an unfinished line."""
    for _ in u32.range(STEP_BYTES):
        if not uart_received():
            break
        _feed(uart_take())
        if alarm_waits():
            return
    if FOCUS.chosen == 0:
        return
    guest = FOCUS.chosen - 1
    _tell(guest)
    length = LINES[guest].length
    if length != 0 and length == FOCUS.line_length:
        console_show(guest)
    FOCUS.line_length = LINES[guest].length
