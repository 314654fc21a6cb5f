# SPDX-License-Identifier: Apache-2.0
"""Records: what OVM tells the machine driver, one line each, between the guests' console lines.

`\\x1eKIND key=value ...\\n`; a value is decimal, 0x-hexadecimal or a bare word. A guest can't forge one: its console
never passes a byte below space (core.console).
"""

from typing import Final

from ovm.abi.config import Level
from ovm.core.config import GUESTS
from ovm.core.output import put
from ovm.core.vcpu import VCPUS
from ovm.metal import Ptr, array, fn, text, u8, u32, u64

RECORD_MARK: Final = 0x1E
NAME_BYTES: Final = 16
LONGEST_TEXT: Final = 64


@fn
def put_text(characters: Ptr[u8]) -> None:
    """Print NUL-terminated characters."""
    for index in u32.range(LONGEST_TEXT):
        byte = characters[index]
        if byte == 0:
            return
        put(u32(byte))


@fn
def put_name(guest: u32) -> None:
    """Print a guest's name."""
    for index in u32.range(NAME_BYTES):
        byte = GUESTS[guest].name[index]
        if byte == 0:
            return
        put(u32(byte))


@fn
def put_decimal(value: u32) -> None:
    """Print a number in decimal."""
    digits = array(u8, 10)
    count = u32(0)
    rest = value
    for index in u32.range(10):
        digits[index] = u8(rest % 10)
        rest = rest // 10
        count += 1
        if rest == 0:
            break
    for index in u32.range(count, bound=10):
        put(u32(digits[count - 1 - index]) + 0x30)


@fn
def put_hexadecimal(value: u64) -> None:
    """Print a number as 0x and its significant hexadecimal digits."""
    put(u32(0x30))
    put(u32(0x78))
    started = False
    for index in u32.range(16):
        digit = u32(value >> (60 - 4 * index)) & 0xF
        if digit != 0 or started or index == 15:
            started = True
            put(digit + 0x30 if digit < 10 else digit + 0x57)


@fn
def record_begin(kind: Ptr[u8]) -> None:
    """Begin a record."""
    put(u32(RECORD_MARK))
    put_text(kind)


@fn
def record_end() -> None:
    """End the record."""
    put(u32(0x0A))


@fn
def field_key(key: Ptr[u8]) -> None:
    """Print a key; its value must follow."""
    put(u32(0x20))
    put_text(key)
    put(u32(0x3D))


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
    put_hexadecimal(u64(value))


@fn
def field_long(key: Ptr[u8], value: u64) -> None:
    """Print a field of 64 bits in hexadecimal."""
    field_key(key)
    put_hexadecimal(value)


@fn
def field_guest(guest: u32) -> None:
    """Print the field that names a guest."""
    field_key(text("guest"))
    put_name(guest)


@fn
def field_level(guest: u32) -> None:
    """Print the field that gives a guest's level."""
    level = VCPUS[guest].level
    if level == Level.HRT:
        field_word(text("level"), text("hrt"))
    elif level == Level.SRT:
        field_word(text("level"), text("srt"))
    else:
        field_word(text("level"), text("nrt"))
