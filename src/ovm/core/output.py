# SPDX-License-Identifier: Apache-2.0
"""Output that waits for the one UART: a queue of whole lines for each guest and one for OVM itself.

No code waits for the UART: lines go into the queue of the guest that they are about, and housekeeping and idle turns give the
UART a few bytes at a time, a line of each queue in turn. So a guest fills only its own queue, and its next line waits for at
most one line of every other. Lines of text are sent behind their guest's name, which is not in the queue.

OVM waits for the UART only at the end of the run (core.finish).
"""

from typing import Final

from ovm.abi.config import NAME_BYTES
from ovm.core.clock import alarm_waits
from ovm.core.config import UART, UART_CADENCE
from ovm.core.guest import GUESTS
from ovm.core.limits import MAX_GUESTS
from ovm.core.uart.cadence import cadence_busy, cadence_put, cadence_received, cadence_room, cadence_start, cadence_take
from ovm.core.uart.pl011 import pl011_busy, pl011_put, pl011_received, pl011_room, pl011_start, pl011_take
from ovm.metal import Array, Ptr, Struct, array, ctz, fn, static, u8, u32, unroll

QUEUE_BYTES: Final = 4096
# OVM's own queue, for records that are about no guest.
OVM_QUEUE: Final = MAX_GUESTS
# Bytes that the UART gets at one time, if it has room for them. Housekeeping a thousand times a second moves 16,000 bytes a
# second this way; 115,200 baud are 11,520.
STEP_BYTES: Final = 16
# Longest wait for the UART at the end of the run, in reads of its status.
POLLS: Final = 1_000_000

# Words with a bit for each queue.
WORD_SHIFT: Final = 5
WORD_MASK: Final = (1 << WORD_SHIFT) - 1
WAITING_WORDS: Final = (OVM_QUEUE >> WORD_SHIFT) + 1

NEWLINE: Final = 0x0A
RECORD_MARK: Final = 0x1E
# Values of Output.prefix: the index in the name plus one while the name is sent, then its end, then the line itself.
PREFIX_CLOSE: Final = NAME_BYTES + 1
PREFIX_SPACE: Final = NAME_BYTES + 2
PREFIX_DONE: Final = u32(NAME_BYTES + 3)
# Steps that all queues need, with a name in front of each byte.
FLUSH_STEPS: Final = (OVM_QUEUE + 1) * QUEUE_BYTES * (NAME_BYTES + 4) // STEP_BYTES


class Queue(Struct):
    """Whole lines to be sent. The indices run freely: the writer moves head, the UART side moves tail."""

    head: u32
    tail: u32
    ring: Array[u8] = array(u8, QUEUE_BYTES)


class Output(Struct):
    """The line that is being sent."""

    # The queue whose line is being sent, or was sent last; and the progress of the name in front of it.
    source: u32
    inside_line: bool
    prefix: u32
    # A bit for each queue that isn't empty.
    waiting: Array[u32] = array(u32, WAITING_WORDS)


QUEUES = static(array(Queue, MAX_GUESTS + 1))
OUTPUT = static(Output)


@fn
def uart_start() -> None:
    """Start the UART's transmitter."""
    if UART == UART_CADENCE:
        cadence_start()
    else:
        pl011_start()


@fn
def uart_room() -> bool:
    """Return whether the UART takes STEP_BYTES bytes."""
    if UART == UART_CADENCE:
        return cadence_room()
    else:
        return pl011_room()


@fn
def uart_busy() -> bool:
    """Return whether the UART is still sending."""
    if UART == UART_CADENCE:
        return cadence_busy()
    else:
        return pl011_busy()


@fn
def uart_put(byte: u32) -> None:
    """Give the UART a byte, for which it must have room."""
    if UART == UART_CADENCE:
        cadence_put(byte)
    else:
        pl011_put(byte)


@fn
def uart_received() -> bool:
    """Return whether the UART has received a byte."""
    if UART == UART_CADENCE:
        return cadence_received()
    else:
        return pl011_received()


@fn
def uart_take() -> u32:
    """Take a byte that the UART has received; there must be one."""
    if UART == UART_CADENCE:
        return cadence_take()
    else:
        return pl011_take()


@fn
def queue_used(index: u32) -> u32:
    """Return the number of bytes in a queue."""
    return QUEUES[index].head - QUEUES[index].tail


@fn
def queue_extend(index: u32, head: u32) -> None:
    """Add to a queue the whole lines that have been written behind its last byte, up to `head`."""
    QUEUES[index].head = head
    OUTPUT.waiting[index >> WORD_SHIFT] |= 1 << (index & WORD_MASK)


@fn(inline=False)
def queue_append(index: u32, characters: Ptr[u8], length: u32) -> None:
    """Append a whole line, for which there must be room."""
    queue = QUEUES[index]
    head = queue.head
    for at in u32.range(QUEUE_BYTES):
        if at == length:
            break
        queue.ring[(head + at) % QUEUE_BYTES] = characters[at]
    queue_extend(index, head + length)


@fn
def queue_room(index: u32) -> u32:
    """Return the number of bytes for which a queue has room."""
    return QUEUE_BYTES - queue_used(index)


@fn(inline=True)
def output_waits() -> bool:
    """Tell whether some queue isn't empty."""
    waiting = u32(0)
    for word in unroll(range(WAITING_WORDS)):
        waiting |= OUTPUT.waiting[word]
    return waiting != 0


@fn(inline=True)
def _next_source() -> u32:
    """Return the next queue behind the last one that isn't empty, in turn."""
    word = OUTPUT.source >> WORD_SHIFT
    later = OUTPUT.waiting[word] & (0xFFFF_FFFE << (OUTPUT.source & WORD_MASK))
    for _ in u32.range(WAITING_WORDS):
        if later != 0:
            break
        word = word + 1 if word + 1 < WAITING_WORDS else u32(0)
        later = OUTPUT.waiting[word]
    return (word << WORD_SHIFT) + ctz(later)


@fn
def _begin_line() -> None:
    """Choose the next queue that has a line. OVM's own goes first: its few lines say which build runs, and how runs end."""
    own = OUTPUT.waiting[OVM_QUEUE >> WORD_SHIFT] >> (OVM_QUEUE & WORD_MASK)
    source = u32(OVM_QUEUE) if own != 0 else _next_source()
    queue = QUEUES[source]
    OUTPUT.source = source
    OUTPUT.inside_line = True
    is_bare = source == OVM_QUEUE or queue.ring[queue.tail % QUEUE_BYTES] == RECORD_MARK
    OUTPUT.prefix = PREFIX_DONE if is_bare else 0


@fn
def _prefix_byte() -> u32:
    """Return the next byte of `[name] `."""
    at = OUTPUT.prefix
    OUTPUT.prefix += 1
    if at == 0:
        return 0x5B
    if at == PREFIX_SPACE:
        return 0x20
    byte = u32(GUESTS[OUTPUT.source].config.name[at - 1]) if at < PREFIX_CLOSE else u32(0)
    if byte == 0:
        OUTPUT.prefix = PREFIX_SPACE
        return 0x5D
    return byte


@fn
def _line_byte() -> u32:
    """Return the next byte of the line that is being sent."""
    queue = QUEUES[OUTPUT.source]
    byte = u32(queue.ring[queue.tail % QUEUE_BYTES])
    queue.tail += 1
    if byte == NEWLINE:
        OUTPUT.inside_line = False
        if queue.tail == queue.head:
            OUTPUT.waiting[OUTPUT.source >> WORD_SHIFT] &= ~(1 << (OUTPUT.source & WORD_MASK))
    return byte


@fn
def output_drain(gives_way: bool) -> None:
    """Give the UART one step's bytes, if it takes them: at least one, and fewer than all if the alarm waits."""
    if not output_waits() or not uart_room():
        return
    for _ in u32.range(STEP_BYTES):
        if not OUTPUT.inside_line:
            _begin_line()
        uart_put(_prefix_byte() if OUTPUT.prefix < PREFIX_DONE else _line_byte())
        if not output_waits() or (gives_way and alarm_waits()):
            return


@fn
def _room_comes() -> bool:
    for _ in u32.range(POLLS):
        if uart_room():
            break
    return uart_room()


@fn
def output_flush() -> None:
    """Wait until every queue has been sent, by polling the UART: for an end at which there may be no alarm."""
    for _ in u32.range(FLUSH_STEPS):
        if not output_waits() or not _room_comes():
            break
        output_drain(False)
    for _ in u32.range(POLLS):
        if not uart_busy():
            return
