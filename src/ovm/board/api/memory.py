# SPDX-License-Identifier: Apache-2.0
"""The board's memory from outside: as the cores see it, through their caches, or RAM alone.

Only with the parameter `stale_lines` can the two differ.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ovm.board.api.errors import BoardError
from ovm.board.api.inputs import Recorder
from ovm.board.api.wiring import Wired
from ovm.board.cache.seen import COPIES
from ovm.metal.build.host import HostProgram

_BLOCK = 64 << 10  # of the on-chip memory that OCM_CFG places
_LINES_HOST = 0xA000_0000  # from here on the simulator keeps the bytes of lines (`ovm.board.cache.stale`)
_LINE, _PAGE = 32, 4096


class Memory:
    """The operations of a board on memory."""

    program: HostProgram
    recorder: Recorder
    parameters: Mapping[str, int]
    wired: Wired
    call: Any

    def read(self, physical: int, size: int, *, core: int = 0, memory: int | None = None, caches: bool = True) -> bytes:
        """Return bytes of memory as loads of a core would find them, without any effect on the machine.

        `memory` gives the attributes by which the core reads it (`ovm.board.mmu.attributes`), where they are known; the default
        is write-back and shareable. Without `caches` the result is the content of RAM, which a DMA controller would read.
        """
        place = self.place(physical, size)
        if not caches or not self.parameters["stale_lines"]:
            return bytes(self.program.memory.read(place, size))
        found = b""
        for at, length in _pieces(physical, size, _LINE):
            seen = self._seen_at(core, at, memory)
            found += self.program.memory.read(seen if seen >= _LINES_HOST else place + at - physical, length)
        return found

    def _seen_at(self, core: int, physical: int, memory: int | None) -> int:
        if memory is None:
            return int(self.call("cache.seen.seen_by_all", core, physical))
        return int(self.call("cache.seen.seen_at", core, physical, memory))

    def write(self, physical: int, data: bytes, caches: bool = True) -> None:
        """Change memory and all copies of it; instructions that were decoded from it are dropped. An input of the machine.

        Without `caches`, lines keep their content, as they do when a DMA controller writes.
        """
        place = self.place(physical, len(data))
        with self.recorder.input(None, "write", physical, data, caches):
            self.program.memory.write(place, data)
            if caches and self.parameters["stale_lines"]:
                self._write_lines(physical, data)
            first, last = physical & ~3, (physical + len(data) + 3) & ~3
            for page in range(first, last, _PAGE):
                self.call("api.entry.forget_code", page, (min(_PAGE, last - page)) // 4)

    def _write_lines(self, physical: int, data: bytes) -> None:
        for at, length in _pieces(physical, len(data), _LINE):
            for number in range(COPIES):
                place = int(self.call("cache.seen.copy_at", number, at))
                if place:
                    self.program.memory.write(place, data[at - physical : at - physical + length])

    def _clear(self, physical: int, size: int) -> None:
        """Write zeros where memory isn't zero already, since untouched memory takes no room."""
        for start in range(physical, physical + size, 1 << 20):
            length = min(1 << 20, physical + size - start)
            if self.read(start, length) != bytes(length):
                self.write(start, bytes(length))

    def place(self, physical: int, size: int) -> int:
        """Return the simulator's address of RAM: as the cores see it now, by OCM_CFG and the SCU's filter."""
        last = max(physical + size - 1, physical)
        if 0 <= physical and last < 1 << 32:
            found = self.call("ram.storage.place_of_ram", physical)
            blocks = range((physical | _BLOCK - 1) + 1, last + 1, _BLOCK)
            if found and all(self.call("ram.storage.place_of_ram", each) == found + each - physical for each in blocks):
                return int(found)
        raise BoardError(
            "R206",
            f"no memory at {physical:#010x}",
            found=f"{size} bytes from there",
            expected=f"DDR below {self.wired.ram_bytes:#x}, or on-chip memory where OCM_CFG has it; not a range across both",
        )


def _pieces(start: int, size: int, step: int) -> Iterator[tuple[int, int]]:
    """Yield the parts of a range that no multiple of `step` cuts: addresses and lengths."""
    at = start
    while at < start + size:
        length = min(start + size, (at // step + 1) * step) - at
        yield at, length
        at += length
