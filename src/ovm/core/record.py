# SPDX-License-Identifier: Apache-2.0
"""Records from OVM to the machine driver, one line each, between the guests' console lines.

`\\x1eKIND key=value ...\\n`; a value is decimal, 0x-hexadecimal or a bare word. A guest can't forge one: its console
never passes a byte below space (core.console). A record about a guest waits in the guest's queue, behind the guest's own output.
"""

from typing import Final

from ovm.abi.config import NAME_BYTES, Level
from ovm.core.config import SCHEDULED_CPUS
from ovm.core.cpu import this_cpu_number
from ovm.core.guest import GUESTS
from ovm.core.output import (
    NEWLINE,
    OVM_QUEUE,
    QUEUE_BYTES,
    QUEUES,
    RECORD_MARK,
    queue_extend,
    queue_room,
)
from ovm.metal import Ptr, Struct, array, clz, first, fn, static, text, u8, u32, u64

LONGEST_TEXT: Final = 64


# Digits of the largest word.
DECIMAL_DIGITS: Final = 10
HEX_DIGITS: Final = 8


class Record(Struct):
    """The record that is being written, behind its queue, which it joins when it is complete.

    The number of records without room.
    """

    queue: u32
    # Its next byte, and the end of the room for it; both run freely, as the queue's indices do.
    at: u32
    end: u32
    lost: u32


RECORDS = static(array(Record, SCHEDULED_CPUS))


@fn(inline=True)
def _record() -> Record:
    """Return the record that the CPU that executes writes."""
    return RECORDS[this_cpu_number()]


@fn(inline=False)
def put(byte: u32) -> None:
    """Print a character of a record."""
    at = _record().at
    if at != _record().end:
        QUEUES[_record().queue].ring[at % QUEUE_BYTES] = u8(byte)
        _record().at = at + 1


@fn(inline=False)
def _put_characters(characters: Ptr[u8], longest: u32) -> None:
    """Print NUL-terminated characters, at most this many."""
    ring = first(QUEUES[_record().queue].ring)
    at = _record().at
    for index in u32.range(min(_record().end - at, longest), bound=LONGEST_TEXT):
        byte = characters[index]
        if byte == 0:
            break
        ring[at % QUEUE_BYTES] = byte
        at += 1
    _record().at = at


@fn
def put_text(characters: Ptr[u8]) -> None:
    """Print NUL-terminated characters."""
    _put_characters(characters, LONGEST_TEXT)


@fn
def put_name(guest: u32) -> None:
    """Print a guest's name."""
    _put_characters(first(GUESTS[guest].config.name), NAME_BYTES)


@fn
def put_decimal(value: u32) -> None:
    """Print a number in decimal."""
    digits = array(u8, DECIMAL_DIGITS)
    count = u32(0)
    rest = value
    for index in u32.range(DECIMAL_DIGITS):
        digits[index] = u8(rest % 10)
        rest = rest // 10
        count += 1
        if rest == 0:
            break
    for index in u32.range(count, bound=DECIMAL_DIGITS):
        put(u32(digits[count - 1 - index]) + 0x30)


@fn(inline=False)
def _put_digits(value: u32, count: u32) -> None:
    """Print the lowest `count` hexadecimal digits."""
    ring = first(QUEUES[_record().queue].ring)
    at = _record().at
    left = value << (32 - 4 * count)
    for _ in u32.range(min(count, _record().end - at), bound=HEX_DIGITS):
        digit = left >> 28
        ring[at % QUEUE_BYTES] = u8(digit + 0x30 if digit < 10 else digit + 0x57)
        left = left << 4
        at += 1
    _record().at = at


@fn(inline=False)
def put_hexadecimal(value: u32) -> None:
    """Print a number as 0x and its significant hexadecimal digits."""
    put(0x30)
    put(0x78)
    _put_digits(value, max((35 - clz(value)) >> 2, 1))


@fn
def _record_open(queue: u32, kind: Ptr[u8]) -> None:
    """Begin a record; one that a failure of OVM itself has interrupted is dropped."""
    record_resume(queue, 0)
    put(RECORD_MARK)
    put_text(kind)


@fn
def record_begin(kind: Ptr[u8]) -> None:
    """Begin a record about OVM."""
    _record_open(OVM_QUEUE, kind)


@fn
def record_about(guest: u32, kind: Ptr[u8]) -> None:
    """Begin a record about a guest, and name it."""
    _record_open(guest, kind)
    field_guest(guest)


@fn
def record_pause() -> u32:
    """Leave the record incomplete, to be continued in another stay; return its length."""
    return _record().at - QUEUES[_record().queue].head


@fn
def record_resume(queue: u32, length: u32) -> None:
    """Continue an incomplete record of that length: nothing else has been written to its queue since."""
    _record().queue = queue
    _record().at = QUEUES[queue].head + length
    _record().end = QUEUES[queue].head + queue_room(queue)


@fn(inline=False)
def record_end() -> None:
    """End the record: it joins its queue whole, or is dropped and counted."""
    put(NEWLINE)
    if _record().at == _record().end:
        _record().lost += 1
    else:
        queue_extend(_record().queue, _record().at)


@fn
def field_key(key: Ptr[u8]) -> None:
    """Print a key; its value must follow."""
    put(0x20)
    put_text(key)
    put(0x3D)


@fn
def field_word(key: Ptr[u8], value: Ptr[u8]) -> None:
    """Print a field whose value is a word."""
    field_key(key)
    put_text(value)


@fn
def field_number(key: Ptr[u8], value: u32) -> None:
    """Print a field in decimal."""
    field_key(key)
    put_decimal(value)


@fn
def field_address(key: Ptr[u8], value: u32) -> None:
    """Print a field in hexadecimal."""
    field_key(key)
    put_hexadecimal(value)


@fn
def field_long(key: Ptr[u8], value: u64) -> None:
    """Print a field of 64 bits in hexadecimal."""
    field_key(key)
    high = u32(value >> 32)
    if high == 0:
        put_hexadecimal(u32(value))
    else:
        put_hexadecimal(high)
        _put_digits(u32(value), 8)


@fn
def field_guest(guest: u32) -> None:
    """Print the field that names a guest."""
    field_key(text("guest"))
    put_name(guest)


@fn
def field_level(guest: u32) -> None:
    """Print the field that gives a guest's level."""
    level = GUESTS[guest].config.level
    if level == Level.HRT:
        field_word(text("level"), text("hrt"))
    elif level == Level.SRT:
        field_word(text("level"), text("srt"))
    else:
        field_word(text("level"), text("nrt"))
