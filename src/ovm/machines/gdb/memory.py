# SPDX-License-Identifier: Apache-2.0
"""Memory by virtual address, page by page as a core's tables say, or by physical address."""

from collections.abc import Iterator

from ovm.machines.gdb.target import Target, TargetError

PAGE = 4096
_TOP = 1 << 32


class Memory:
    """One core's view; `physical` makes addresses physical ones, as QEMU's `PhyMemMode` does."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self.physical = False

    def read(self, core: int, address: int, size: int) -> bytes:
        """Return the bytes as far as there is memory; `TargetError` if there isn't any at the first."""
        found = b""
        try:
            for here, length in _pages(address, size):
                read = self._target.read if self.physical else self._target.read_virtual
                found += read(core, here, length)
        except TargetError:
            if not found:
                raise
        return found

    def write(self, core: int, address: int, data: bytes) -> None:
        """Write all or nothing; `TargetError` where there is no memory."""
        places = [self._place(core, here) for here, _ in _pages(address, len(data))]
        pieces = [(place, length) for place, (_, length) in zip(places, _pages(address, len(data)), strict=True)]
        for place, length in pieces:
            self._target.read(core, place, length)
        for place, length in pieces:
            self._target.write(place, data[:length])
            data = data[length:]

    def _place(self, core: int, address: int) -> int:
        place = address if self.physical else self._target.translate(core, address)
        if place is None:
            raise TargetError(f"nothing is mapped at {address:#010x} on CPU {core}")
        return place


def _pages(address: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield addresses and lengths, none across a page's end."""
    end = min(address + size, _TOP)
    while address < end:
        length = min(end, (address & -PAGE) + PAGE) - address
        yield address, length
        address += length
