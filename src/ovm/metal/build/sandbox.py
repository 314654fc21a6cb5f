# SPDX-License-Identifier: Apache-2.0
"""A mapping of 4 GiB that stands for the whole 32-bit address space of a metal program.

Metal compiled for this machine adds a 32-bit number to the start of this mapping at every access. Every
such number lies inside, so no metal program, however wrong, can touch the memory of the process around
it. Pages take up memory only once they are touched.

It behaves as the simulated memory of `ovm.metal.lang` does, so a scenario that reads and writes through
`Struct` views runs over compiled code unchanged.
"""

import ctypes
import mmap
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ovm.metal.lang import memory as simulated
from ovm.metal.lang.errors import SimulationError

SPACE_BYTES = 1 << 32
_SLACK_BYTES = 1 << 16  # an access at the very end reaches past it
_MAP_NORESERVE = 0x4000  # Linux; the mmap module of Python 3.11 does not name it
PAGE_BYTES = 4096
# Linux, Documentation/admin-guide/mm/pagemap.rst: an 8-byte entry for each page, bit 63 present, bit 62 swapped.
_PAGEMAP = Path("/proc/self/pagemap")
_ENTRY_BYTES = 8
_PRESENT_OR_SWAPPED = 3 << 62
_STRETCH = 4096
SHADOW_STACK_TOP = 0x1000_0000  # right below the statics: programs may use the memory above these


class SandboxMemory(simulated.Memory):
    """The memory of one compiled program."""

    def __init__(self) -> None:
        super().__init__(simulated.Image())
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _MAP_NORESERVE
        self._space = mmap.mmap(-1, SPACE_BYTES + _SLACK_BYTES, flags=flags)
        self._anchor = ctypes.c_char.from_buffer(self._space)

    @property
    def base(self) -> int:
        """Return the address, in this process, of the program's address 0."""
        return ctypes.addressof(self._anchor)

    def clear(self) -> None:
        """Make every byte zero and give the memory back."""
        self._space.madvise(mmap.MADV_DONTNEED)

    def touched(self) -> list[int]:
        """Return the numbers of the pages that have been touched, in order: all other pages hold zeros."""
        with _PAGEMAP.open("rb", buffering=0) as file:
            file.seek(self.base // PAGE_BYTES * _ENTRY_BYTES)
            entries = file.read(SPACE_BYTES // PAGE_BYTES * _ENTRY_BYTES)
        found: list[int] = []
        for start in range(0, len(entries), _STRETCH):
            stretch = entries[start : start + _STRETCH]
            if not stretch.strip(b"\0"):
                continue
            first = start // _ENTRY_BYTES
            words = memoryview(stretch).cast("Q")
            found += [first + index for index, word in enumerate(words) if word & _PRESENT_OR_SWAPPED]
        return found

    def release(self, page: int) -> None:
        """Make a page zero and give its memory back."""
        self._space.madvise(mmap.MADV_DONTNEED, page * PAGE_BYTES, PAGE_BYTES)

    def read(self, address: int, size: int) -> bytes:
        """Return plain bytes."""
        return self._space[address : address + size]

    def write(self, address: int, data: bytes) -> None:
        """Store plain bytes."""
        self._space[address : address + len(data)] = bytes(data)

    def allow_code(self, address: int, size: int) -> bool:
        """Let the processor execute code that the program writes there; return False if the host refuses, or is no x86-64.

        Such code is not confined to this mapping: it has to be trusted like the program that writes it.
        """
        if platform.machine() != "x86_64":
            return False
        protect = ctypes.CDLL(None, use_errno=True).mprotect
        protect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
        return bool(protect(self.base + address, size, mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC) == 0)

    def attach(self, start: int, size: int, device: simulated.Device) -> None:
        """Refuse: compiled code reads and writes memory itself, without asking a model."""
        raise SimulationError("a device model cannot stand in the memory of a compiled program")

    @contextmanager
    def current(self) -> Iterator[None]:
        """Let struct views and pointers of `ovm.metal` see this memory."""
        simulated.push(self)
        try:
            yield
        finally:
            simulated.pop(self)
