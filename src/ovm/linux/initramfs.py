# SPDX-License-Identifier: Apache-2.0
"""Patch the modules of an initramfs: cpio archives (newc), compressed or not, one behind the other.

The result is not compressed: a guest's kernel would spend its own time on that, and the image is in memory anyway
(Documentation/driver-api/early-userspace/buffer-format.rst).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ovm.linux.compression import decompress, method_of
from ovm.linux.errors import LinuxError
from ovm.linux.module import PatchedModule, patch_module
from ovm.linux.sensitive import Table

_MAGIC = b"070701"
_MAGIC_WITH_SUM = b"070702"
_HEADER_BYTES = 110
_FIELDS = 13
_SIZE, _NAME_SIZE, _SUM = 6, 11, 12
TRAILER = b"TRAILER!!!"
_BLOCK = 512
_MODULE_SUFFIXES = (b".ko", b".ko.xz", b".ko.gz", b".ko.zst")


@dataclass(frozen=True)
class Entry:
    """A file of an archive; `fields` are the numbers of its header."""

    magic: bytes
    fields: tuple[int, ...]
    name: bytes
    content: bytes


@dataclass(frozen=True)
class PatchedInitramfs:
    """A patched initramfs, not compressed, and what was done to each module that changed."""

    archive: bytes
    modules: dict[str, PatchedModule]
    unchanged: int


def patch_initramfs(file: bytes, table: Table, *, swap_thread_registers: bool = False) -> PatchedInitramfs:
    """Return an initramfs with its modules patched; words new to `table` are added to it."""
    modules: dict[str, PatchedModule] = {}
    unchanged = 0
    written = bytearray()
    for entry in entries(file):
        if entry.name.endswith(_MODULE_SUFFIXES) and entry.content:
            name = entry.name.decode(errors="replace")
            try:
                module = patch_module(entry.content, table, swap_thread_registers=swap_thread_registers)
            except LinuxError as error:
                raise LinuxError(f"{name} of the initramfs: {error.problem}", error.fix) from error
            if module.changed:
                modules[name] = module
                entry = replace(entry, content=module.file)
            else:
                unchanged += 1
        written += packed(entry)
        if entry.name == TRAILER:
            written += bytes(-len(written) % _BLOCK)
    return PatchedInitramfs(bytes(written), modules, unchanged)


def entries(file: bytes) -> Iterator[Entry]:
    """Yield the entries of all archives of an initramfs, trailers too."""
    while file := file.lstrip(b"\0"):
        method = method_of(file)
        if method is not None:
            content, file = decompress(method, file)
            yield from entries(content)
        elif file.startswith((_MAGIC, _MAGIC_WITH_SUM)):
            at = 0
            while True:
                entry, at = _entry(file, at)
                yield entry
                if entry.name == TRAILER:
                    break
            file = file[at:]
        else:
            raise LinuxError(f"an initramfs has {file[:6]!r} where an archive (cpio newc) or a compressed one begins")


def _entry(archive: bytes, at: int) -> tuple[Entry, int]:
    """Return the entry at `at`, and where the next one begins."""
    header = archive[at : at + _HEADER_BYTES]
    if len(header) < _HEADER_BYTES or header[:6] not in (_MAGIC, _MAGIC_WITH_SUM):
        raise LinuxError(f"an archive of an initramfs is damaged or cut off at {at:#x}")
    try:
        fields = tuple(int(header[6 + 8 * number : 14 + 8 * number], 16) for number in range(_FIELDS))
    except ValueError as error:
        raise LinuxError(f"an archive of an initramfs has a damaged header at {at:#x}") from error
    name_end = at + _HEADER_BYTES + fields[_NAME_SIZE]
    start = _aligned(name_end)
    end = start + fields[_SIZE]
    if end > len(archive):
        raise LinuxError(f"an archive of an initramfs is cut off in the entry at {at:#x}")
    name = archive[at + _HEADER_BYTES : name_end].rstrip(b"\0")
    return Entry(header[:6], fields, name, archive[start:end]), _aligned(end)


def packed(entry: Entry) -> bytes:
    """Return an entry as an archive has it."""
    fields = list(entry.fields)
    fields[_SIZE] = len(entry.content)
    fields[_NAME_SIZE] = len(entry.name) + 1
    if entry.magic == _MAGIC_WITH_SUM:
        fields[_SUM] = sum(entry.content) & 0xFFFF_FFFF
    header = entry.magic + b"".join(b"%08X" % field for field in fields)
    head = struct.pack(f"{_aligned(len(header) + len(entry.name) + 1)}s", header + entry.name)
    return head + entry.content + bytes(-len(entry.content) % 4)


def _aligned(place: int) -> int:
    return place + 3 & -4
