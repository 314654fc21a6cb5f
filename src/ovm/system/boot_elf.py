# SPDX-License-Identifier: Apache-2.0
"""The boot image: one ELF executable whose segments lie at physical addresses.

It holds OVM, every guest's image and every file region, so a loader that understands ELF (QEMU's `-kernel`, a
debugger, a first-stage boot loader) needs nothing else. Loaders use segments or, as U-Boot's `bootelf` does by default,
sections: both say the same. Format: System V ABI, chapters 4 and 5; ELF for the Arm Architecture.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

_HEADER = struct.Struct("<16sHHIIIIIHHHHHH")
_PROGRAM_HEADER = struct.Struct("<IIIIIIII")
_SECTION_HEADER = struct.Struct("<IIIIIIIIII")
_IDENT = b"\x7fELF" + bytes((1, 1, 1)) + bytes(9)
_ET_EXEC, _EM_ARM, _EV_CURRENT, _PT_LOAD = 2, 40, 1, 1
_EF_ARM_EABI_VER5 = 0x0500_0000
_SHT_PROGBITS, _SHT_STRTAB = 1, 3
_SHF_ALL = 7  # writable, loaded, executable
_ALIGNMENT = 4096


@dataclass(frozen=True)
class Load:
    """Bytes to be loaded at a physical address, then zeroes up to `memory_size`."""

    name: str
    physical: int
    data: bytes
    memory_size: int


def boot_elf(loads: Sequence[Load], entry: int) -> bytes:
    """Return the ELF executable that loads `loads` and starts at `entry`."""
    ordered = sorted(loads, key=lambda each: each.physical)
    for before, after in zip(ordered, ordered[1:], strict=False):
        if before.physical + before.memory_size > after.physical:
            raise ValueError(f"{before.name} and {after.name} overlap at {after.physical:#x}")
    out = bytearray(_HEADER.size + len(ordered) * _PROGRAM_HEADER.size)
    sections: list[tuple[Load, int]] = []
    for index, each in enumerate(ordered):
        # A loader may map the file: offsets are congruent to addresses.
        out += bytes((each.physical - len(out)) % _ALIGNMENT)
        fields = (_PT_LOAD, len(out), each.physical, each.physical, len(each.data), each.memory_size, 7, _ALIGNMENT)
        _PROGRAM_HEADER.pack_into(out, _HEADER.size + index * _PROGRAM_HEADER.size, *fields)
        if each.data:
            sections.append((each, len(out)))
        out += each.data
    out += bytes(-len(out) % 4)
    names, headers = _sections(sections, len(out))
    _HEADER.pack_into(
        out, 0, _IDENT, _ET_EXEC, _EM_ARM, _EV_CURRENT, entry, _HEADER.size, len(out) + len(names), _EF_ARM_EABI_VER5,
        _HEADER.size, _PROGRAM_HEADER.size, len(ordered), _SECTION_HEADER.size, len(sections) + 2, len(sections) + 1,
    )  # fmt: skip
    return bytes(out + names + headers)


def _sections(loads: Sequence[tuple[Load, int]], at: int) -> tuple[bytes, bytes]:
    """Return sections' names, at `at` in the file, and headers: an empty one, one for each load with bytes, the names'."""
    names, headers = bytearray(1), bytearray(_SECTION_HEADER.size)
    for load, offset in loads:
        fields = (len(names), _SHT_PROGBITS, _SHF_ALL, load.physical, offset, len(load.data), 0, 0, 1, 0)
        headers += _SECTION_HEADER.pack(*fields)
        names += load.name.encode("ascii") + b"\0"
    own = len(names)
    names += b".shstrtab\0"
    names += bytes(-len(names) % 4)
    headers += _SECTION_HEADER.pack(own, _SHT_STRTAB, 0, 0, at, len(names), 0, 0, 1, 0)
    return bytes(names), bytes(headers)
