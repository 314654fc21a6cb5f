# SPDX-License-Identifier: Apache-2.0
"""A 4 GiB mapping that stands for the whole 32-bit address space of a metal program.

Metal compiled for this machine adds a 32-bit number to the start of this mapping at every access. Every
such number lies inside, so no metal program, however wrong, can touch the memory of the process around
it. Pages take up memory only once they are touched.

It answers as the simulated memory of `ovm.metal.lang` does, so a scenario that reads and writes through
`Struct` views runs over compiled code unchanged.
"""

import ctypes
import mmap
from collections.abc import Iterator
from contextlib import contextmanager

from ovm.metal.lang import memory as simulated
from ovm.metal.lang.errors import SimulationError

SPACE_BYTES = 1 << 32
_SLACK_BYTES = 1 << 16  # an access at the very end reaches past it
_MAP_NORESERVE = 0x4000  # Linux; the mmap module of Python 3.11 does not name it
SHADOW_STACK_TOP = 0x1000_0000  # right below the statics: programs may use what lies above these


class SandboxMemory(simulated.Memory):
    """The memory of one compiled program."""

    def __init__(self) -> None:
        super().__init__(simulated.Image())
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _MAP_NORESERVE
        self._space = mmap.mmap(-1, SPACE_BYTES + _SLACK_BYTES, flags=flags)
        self._anchor = ctypes.c_char.from_buffer(self._space)

    @property
    def base(self) -> int:
        """The address, in this process, of the program's address 0."""
        return ctypes.addressof(self._anchor)

    def clear(self) -> None:
        """Make every byte zero and give the memory back."""
        self._space.madvise(mmap.MADV_DONTNEED)

    def read(self, address: int, size: int) -> bytes:
        """Return plain bytes."""
        return self._space[address : address + size]

    def write(self, address: int, data: bytes) -> None:
        """Store plain bytes."""
        self._space[address : address + len(data)] = bytes(data)

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
