# SPDX-License-Identifier: Apache-2.0
"""The guests' consoles: whole lines, each behind its guest's name, on the one UART.

A guest's bytes collect in its line buffer until it ends the line, so lines of different guests never mix. Bytes that
don't print become question marks; a line that is too long is cut with a backslash and continues in the next one.

Ended lines wait in the guest's own queue (core.output), so how much one guest prints never decides whether another's
line is taken. With its queue full an NRT guest waits; an SRT guest never does: its lines are dropped and counted until half of
the queue's text has been sent, and a record at the place of the gap gives their number.
"""

from typing import Final

from ovm.abi.config import GuestState, Level
from ovm.abi.uart import UNFINISHED
from ovm.core.config import CONFIG, INPUT
from ovm.core.cpu import this_cpu
from ovm.core.guest import GUESTS
from ovm.core.limits import MAX_GUESTS
from ovm.core.output import NEWLINE, QUEUE_BYTES, queue_append, queue_used
from ovm.core.record import field_number, record_about, record_end
from ovm.core.vcpu import VCPUS, Vcpu, runs_here, vcpu_of
from ovm.metal import Array, Struct, array, first, fn, static, text, u8, u32

LINE_BYTES: Final = 120
# Text fills a queue up to here. The rest is for the records of the guest's end, which are never lost.
RECORDS_BYTES: Final = 1024
TEXT_BYTES: Final = QUEUE_BYTES - RECORDS_BYTES
# The most that one CONSOLE_WRITE may add: the line that it ends, and a line for each of its other bytes, or a line that is cut.
WRITE_ROOM: Final = LINE_BYTES + 32
# Below it, guests that waited continue, and lines that follow dropped ones are taken again.
TEXT_LOW_BYTES: Final = TEXT_BYTES // 2

CARRIAGE_RETURN: Final = 0x0D
TAB: Final = 0x09
# What a console with input passes on, besides what prints: BEL, BS, TAB, CR, ESC, and all from 0x80 on (UTF-8).
# No byte of a guest becomes UNFINISHED or the mark of a record.
TERMINAL_CONTROLS: Final = 1 << 7 | 1 << 8 | 1 << TAB | 1 << CARRIAGE_RETURN | 1 << 27


class Line(Struct):
    """A line that a guest hasn't ended yet, and the counts of what was dropped since its last line that was taken."""

    length: u32
    dropped_lines: u32
    dropped_bytes: u32
    # Room behind the longest line for its end.
    characters: Array[u8] = array(u8, 124)


LINES = static(array(Line, MAX_GUESTS))


@fn
def console_room(guest: u32) -> u32:
    """Return the bytes of text for which the guest's queue has room."""
    used = queue_used(guest)
    return TEXT_BYTES - used if used < TEXT_BYTES else 0


@fn(inline=False)
def _tell_dropped(guest: u32) -> None:
    """Print how many lines and bytes were dropped here."""
    line = LINES[guest]
    record_about(guest, text("dropped"))
    field_number(text("lines"), line.dropped_lines)
    field_number(text("bytes"), line.dropped_bytes)
    record_end()
    line.dropped_lines = 0
    line.dropped_bytes = 0


@fn
def _takes_line(guest: u32) -> bool:
    """Return whether the guest's line goes into its queue."""
    line = LINES[guest]
    if line.dropped_lines == 0:
        return console_room(guest) >= line.length + 2
    if queue_used(guest) > TEXT_LOW_BYTES:
        return False
    _tell_dropped(guest)
    return True


@fn
def _drop_line(guest: u32) -> None:
    line = LINES[guest]
    line.dropped_lines += 1
    line.dropped_bytes += line.length
    vcpu_of(guest).counters.dropped_lines += 1


@fn
def console_end_line(guest: u32, cut: bool) -> None:
    """Print the guest's line, or drop it."""
    line = LINES[guest]
    if _takes_line(guest):
        if cut:
            line.characters[line.length] = 0x5C
            line.length += 1
        line.characters[line.length] = NEWLINE
        queue_append(guest, first(line.characters), line.length + 1)
    else:
        _drop_line(guest)
    line.length = 0


@fn
def console_show(guest: u32) -> None:
    """Print what there is of the guest's unfinished line, if its queue has room."""
    line = LINES[guest]
    if line.dropped_lines != 0 or console_room(guest) < line.length + 2:
        return
    line.characters[line.length] = UNFINISHED
    line.characters[line.length + 1] = NEWLINE
    queue_append(guest, first(line.characters), line.length + 2)
    line.length = 0


@fn
def _printed(guest: u32, byte: u32) -> u32:
    """Return the byte that stands for a guest's byte; 0 if none does."""
    known = byte > 0x7F or (byte < 0x20 and TERMINAL_CONTROLS >> byte & 1 != 0)
    if INPUT and known and GUESTS[guest].config.flags.input:
        return byte
    if byte == CARRIAGE_RETURN:
        return 0
    if byte == TAB:
        return 0x20
    return 0x3F if byte < 0x20 or byte > 0x7E else byte


@fn
def console_put(guest: u32, byte: u32) -> None:
    """Take one byte of a guest's console."""
    if byte == NEWLINE:
        console_end_line(guest, False)
        return
    printed = _printed(guest, byte)
    if printed == 0:
        return
    line = LINES[guest]
    if line.length == LINE_BYTES:
        console_end_line(guest, True)
    line.characters[line.length] = u8(printed)
    line.length += 1


@fn
def console_close(guest: u32) -> None:
    """Print the guest's unfinished line, and the last count of dropped lines."""
    if LINES[guest].length != 0:
        console_end_line(guest, False)
    if LINES[guest].dropped_lines != 0:
        _tell_dropped(guest)


@fn
def console_hold(vcpu: Vcpu) -> bool:
    """Let an NRT guest wait if its queue is short of room; return whether it has to."""
    if vcpu.level != Level.NRT or console_room(vcpu.guest) >= WRITE_ROOM:
        return False
    vcpu.waits_console = True
    vcpu.state = GuestState.WAITING
    this_cpu().reschedule = True
    return True


@fn
def console_release() -> None:
    """Let the guests that waited for room continue, if there is enough."""
    for index in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        vcpu = VCPUS[index]
        if runs_here(vcpu) and vcpu.waits_console and queue_used(index) <= TEXT_LOW_BYTES:
            vcpu.waits_console = False
            if vcpu.state == GuestState.WAITING:
                vcpu.state = GuestState.READY
                this_cpu().reschedule = True
