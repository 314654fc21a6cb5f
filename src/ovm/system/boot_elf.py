# SPDX-License-Identifier: Apache-2.0
"""Write the boot image: one ELF executable whose segments lie at physical addresses.

It holds OVM, every guest's image and every file region, so a loader that understands ELF (QEMU's `-kernel`, a
debugger, a first-stage boot loader) needs nothing else. Format: System V ABI, chapters 4 and 5; ELF for the Arm
Architecture.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

_HEADER = struct.Struct("<16sHHIIIIIHHHHHH")
_PROGRAM_HEADER = struct.Struct("<IIIIIIII")
_IDENT = b"\x7fELF" + bytes((1, 1, 1)) + bytes(9)
_ET_EXEC, _EM_ARM, _EV_CURRENT, _PT_LOAD = 2, 40, 1, 1
_EF_ARM_EABI_VER5 = 0x0500_0000
_ALIGNMENT = 4096


@dataclass(frozen=True)
class Load:
    """Bytes to be loaded at a physical address, then zeroes up to `memory_size`."""

    name: str
    physical: int
    data: bytes
    memory_size: int


def boot_elf(loads: Sequence[Load], entry: int) -> bytes:
    """The ELF executable that loads `loads` and starts at `entry`."""
    ordered = sorted(loads, key=lambda each: each.physical)
    for before, after in zip(ordered, ordered[1:], strict=False):
        if before.physical + before.memory_size > after.physical:
            raise ValueError(f"{before.name} and {after.name} overlap at {after.physical:#x}")
    header = _HEADER.pack(
        _IDENT, _ET_EXEC, _EM_ARM, _EV_CURRENT, entry, _HEADER.size, 0, _EF_ARM_EABI_VER5,
        _HEADER.size, _PROGRAM_HEADER.size, len(ordered), 0, 0, 0,
    )  # fmt: skip
    out = bytearray(header.ljust(_HEADER.size + len(ordered) * _PROGRAM_HEADER.size, b"\0"))
    for index, each in enumerate(ordered):
        # A loader may map the file: offsets are congruent to addresses.
        out += bytes((each.physical - len(out)) % _ALIGNMENT)
        fields = (_PT_LOAD, len(out), each.physical, each.physical, len(each.data), each.memory_size, 7, _ALIGNMENT)
        _PROGRAM_HEADER.pack_into(out, _HEADER.size + index * _PROGRAM_HEADER.size, *fields)
        out += each.data
    return bytes(out)
