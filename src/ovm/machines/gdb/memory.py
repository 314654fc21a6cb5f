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
        """As many of the bytes as there are; `TargetError` if there is not even the first."""
        found = b""
        try:
            for place, length in self._pieces(core, address, size):
                found += self._target.read(place, length)
        except TargetError:
            if not found:
                raise
        return found

    def write(self, core: int, address: int, data: bytes) -> None:
        """Write all or nothing; `TargetError` where there is no memory."""
        pieces = list(self._pieces(core, address, len(data)))
        for place, length in pieces:
            self._target.read(place, length)
        for place, length in pieces:
            self._target.write(place, data[:length])
            data = data[length:]

    def _pieces(self, core: int, address: int, size: int) -> Iterator[tuple[int, int]]:
        """Physical addresses and lengths, none across a page's end."""
        end = min(address + size, _TOP)
        while address < end:
            length = min(end, (address & -PAGE) + PAGE) - address
            place = address if self.physical else self._target.translate(core, address)
            if place is None:
                raise TargetError(f"nothing is mapped at {address:#010x} on CPU {core}")
            yield place, length
            address += length
