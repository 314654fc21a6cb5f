# SPDX-License-Identifier: Apache-2.0
"""Simulated memory: one flat, little-endian, 32-bit address space.

Statics, locals and constant text of metal code under CPython live here, so that pointers, overlays and layouts
behave as on the machine. Pages exist once they are touched. A page starts as the *image* says, which holds the
initial bytes of every static, and is zero elsewhere. Device models own ranges: an access inside one becomes a call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from weakref import WeakSet

PAGE_BYTES = 4096
STATICS_START = 0x1000_0000
STATICS_END = 0x6000_0000
LOCALS_START = 0x6000_0000
LOCALS_END = 0x7000_0000


class Device(Protocol):
    """A model of a device, seen through its registers."""

    def read(self, offset: int, size: int) -> int:
        """Return `size` bytes at `offset` as a little-endian number."""
        ...

    def write(self, offset: int, size: int, value: int) -> None:
        """Store `size` bytes at `offset`."""
        ...


@dataclass(frozen=True)
class Mapping:
    """The range in which a device answers."""

    start: int
    size: int
    device: Device


class Image:
    """The initial bytes of memory, and where the next static goes."""

    def __init__(self) -> None:
        self.pages: dict[int, bytearray] = {}
        #: The memories that began as this image.
        self.memories: WeakSet[Memory] = WeakSet()
        self.next_static = STATICS_START

    def reserve(self, size: int, align: int) -> int:
        """Return the address of a fresh range for a static."""
        start = -(-self.next_static // align) * align
        if start + size > STATICS_END:
            raise MemoryError("the statics do not fit in simulated memory")
        self.next_static = start + max(size, 1)
        return start

    def write(self, address: int, data: bytes) -> None:
        """Set initial bytes."""
        for offset, byte in enumerate(data):
            number, within = divmod(address + offset, PAGE_BYTES)
            self.pages.setdefault(number, bytearray(PAGE_BYTES))[within] = byte


class Memory:
    """Bytes by address."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self._pages: dict[int, bytearray] = {}
        self._devices: list[Mapping] = []
        self.next_local = LOCALS_START
        image.memories.add(self)

    def attach(self, start: int, size: int, device: Device) -> None:
        """Let `device` answer every access within the range."""
        self._devices.append(Mapping(start, size, device))

    def load(self, address: int, size: int) -> int:
        """Return `size` bytes at `address` as an unsigned number."""
        mapping = self._device(address) if self._devices else None
        if mapping:
            return mapping.device.read(address - mapping.start, size) & ((1 << (8 * size)) - 1)
        return int.from_bytes(self.read(address, size), "little")

    def store(self, address: int, size: int, value: int) -> None:
        """Store an unsigned number as `size` bytes at `address`."""
        mapping = self._device(address) if self._devices else None
        if mapping:
            mapping.device.write(address - mapping.start, size, value)
        else:
            self.write(address, value.to_bytes(size, "little"))

    def read(self, address: int, size: int) -> bytes:
        """Return plain bytes; device models are not asked."""
        within = address % PAGE_BYTES
        if within + size <= PAGE_BYTES:
            return bytes(self._page(address)[within : within + size])
        here = PAGE_BYTES - within
        following = (address + here) & 0xFFFF_FFFF
        return self.read(address, here) + self.read(following, size - here)

    def write(self, address: int, data: bytes) -> None:
        """Store plain bytes; device models are not asked."""
        within = address % PAGE_BYTES
        here = min(len(data), PAGE_BYTES - within)
        self._page(address)[within : within + here] = data[:here]
        if here < len(data):
            self.write((address + here) & 0xFFFF_FFFF, data[here:])

    def local(self, size: int, align: int) -> int:
        """Return the address of a zeroed local of the running call."""
        start = -(-self.next_local // align) * align
        if start + size > LOCALS_END:
            raise MemoryError("the locals do not fit in simulated memory")
        self.next_local = start + max(size, 1)
        self.write(start, bytes(size))
        return start

    def _page(self, address: int) -> bytearray:
        number = (address & 0xFFFF_FFFF) // PAGE_BYTES
        page = self._pages.get(number)
        if page is None:
            page = bytearray(self._image.pages.get(number, bytes(PAGE_BYTES)))
            self._pages[number] = page
        return page

    def _device(self, address: int) -> Mapping | None:
        for mapping in self._devices:
            if mapping.start <= address < mapping.start + mapping.size:
                return mapping
        return None


IMAGE = Image()
_STACK = [Memory(IMAGE)]


def current() -> Memory:
    """Return the current memory of metal code."""
    return _STACK[-1]


def push(memory: Memory) -> None:
    """Make `memory` current."""
    _STACK.append(memory)


def pop(memory: Memory) -> None:
    """Go back to the memory before `memory`."""
    _STACK.remove(memory)


def place_static(size: int, align: int, initial: bytes | None) -> int:
    """Reserve a static's address in every memory and give it its initial bytes."""
    address = IMAGE.reserve(size, align)
    if initial:
        IMAGE.write(address, initial)
        for memory in IMAGE.memories:
            memory.write(address, initial)
    return address
