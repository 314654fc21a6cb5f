# SPDX-License-Identifier: Apache-2.0
"""The guests' consoles: whole lines, each behind its guest's name, on the one UART.

A guest's bytes collect in its line buffer until it ends the line, so lines of different guests never mix. Bytes that
don't print become question marks; a line that is too long is cut with a backslash and goes on in the next one.
"""

from typing import Final

from ovm.abi.config import MAX_GUESTS, GuestState, Level
from ovm.core.config import CONFIG
from ovm.core.cpu import CPUS
from ovm.core.output import RING_BYTES, output_room, put
from ovm.core.record import put_name
from ovm.core.vcpu import VCPUS, Vcpu
from ovm.metal import Array, Struct, array, fn, static, u8, u32

LINE_BYTES: Final = 120
# A guest that prints waits below the first much room, and goes on above the second. Guests with a reservation keep
# printing in room that the others' floods can't reach, so they never wait because of those.
LEAST_ROOM: Final = 8192
ROOM_TO_GO_ON: Final = RING_BYTES - 2048
RESERVED_LEAST_ROOM: Final = 4096

NEWLINE: Final = 0x0A
CARRIAGE_RETURN: Final = 0x0D
TAB: Final = 0x09


class Line(Struct):
    """A line that a guest hasn't ended yet."""

    length: u32
    characters: Array[u8] = array(u8, 120)


LINES = static(array(Line, MAX_GUESTS))


@fn
def console_end_line(guest: u32, cut: bool) -> None:
    """Print the guest's line."""
    line = LINES[guest]
    put(u32(0x5B))
    put_name(guest)
    put(u32(0x5D))
    put(u32(0x20))
    for index in u32.range(line.length, bound=LINE_BYTES):
        put(u32(line.characters[index]))
    if cut:
        put(u32(0x5C))
    put(u32(NEWLINE))
    line.length = u32(0)


@fn
def console_put(guest: u32, byte: u32) -> None:
    """Take one byte of a guest's console."""
    if byte == NEWLINE:
        console_end_line(guest, False)
        return
    if byte == CARRIAGE_RETURN:
        return
    printed = byte
    if byte == TAB:
        printed = u32(0x20)
    elif byte < 0x20 or byte > 0x7E:
        printed = u32(0x3F)
    line = LINES[guest]
    if line.length == LINE_BYTES:
        console_end_line(guest, True)
    line.characters[line.length] = u8(printed)
    line.length += 1


@fn
def console_close(guest: u32) -> None:
    """Print what the guest left without ending its line."""
    if LINES[guest].length != 0:
        console_end_line(guest, False)


@fn
def console_hold(vcpu: Vcpu) -> bool:
    """Let the guest wait if the ring is short of room; whether it has to."""
    least = u32(RESERVED_LEAST_ROOM) if vcpu.level == Level.SRT else u32(LEAST_ROOM)
    if output_room() >= least:
        return False
    vcpu.waits_console = True
    vcpu.state = GuestState.WAITING
    CPUS[0].reschedule = True
    return True


@fn
def console_release() -> None:
    """Let the guests that waited for room go on, once there is enough."""
    if output_room() < ROOM_TO_GO_ON:
        return
    for index in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        vcpu = VCPUS[index]
        if vcpu.waits_console:
            vcpu.waits_console = False
            if vcpu.state == GuestState.WAITING:
                vcpu.state = GuestState.READY
                CPUS[0].reschedule = True
