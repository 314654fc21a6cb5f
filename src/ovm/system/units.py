# SPDX-License-Identifier: Apache-2.0
"""Sizes and addresses in the notation of descriptions and messages."""

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB

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
