# SPDX-License-Identifier: Apache-2.0
"""Sizes and addresses in the notation of descriptions and messages."""

import re

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB

_UNITS = {"": 1, "B": 1, "KIB": KIB, "MIB": MIB, "GIB": GIB}
_SIZE = re.compile(r"\s*([0-9][0-9_]{0,19})\s*([A-Za-z]{0,3})\s*")


def parse_size(text: str) -> int | None:
    """Return a size such as `"16MiB"` in bytes; None if it isn't a size."""
    match = _SIZE.fullmatch(text)
    if not match or match[2].upper() not in _UNITS:
        return None
    return int(match[1].replace("_", "")) * _UNITS[match[2].upper()]


def size_text(count: int) -> str:
    """Return `count` bytes in the largest unit that divides it."""
    for unit, scale in (("GiB", GIB), ("MiB", MIB), ("KiB", KIB)):
        if count and count % scale == 0:
            return f"{count // scale} {unit}"
    return f"{count} bytes"


def kib_text(count: int) -> str:
    """Return `count` bytes in KiB, rounded up."""
    return f"{-(-count // KIB)} KiB"


def address_text(address: int) -> str:
    """Return an address, as `0x6010_0000`."""
    digits = f"{address:08x}"
    return f"0x{digits[:-4]}_{digits[-4:]}"


def range_text(start: int, length: int) -> str:
    """Return a range, as `0x6010_0000-0x601f_ffff`, both ends included."""
    return f"{address_text(start)}-{address_text(start + max(length, 1) - 1)}"


def align_up(value: int, alignment: int) -> int:
    """Return the next multiple of `alignment`."""
    return -(-value // alignment) * alignment
