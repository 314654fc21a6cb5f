# SPDX-License-Identifier: Apache-2.0
"""The bytes that the UARTs sent, taken out of the board's ring."""

from collections.abc import Callable

from ovm.board.api.view import View
from ovm.board.devices.console import CONSOLE_BYTES, Console
from ovm.metal.build.host import HostProgram

_ENTRY_BYTES = 2


class Consoles:
    """The ring, and the receivers of its bytes."""

    def __init__(self, program: HostProgram) -> None:
        self._memory = program.memory
        self._ring = View(program.memory, Console, program.address_of("ovm.board.devices.console.CONSOLE"))
        self._sent = self._ring.place("sent")[0]
        self.callbacks: list[Callable[[int, bytes], None]] = []

    def deliver(self) -> None:
        """Deliver all bytes in the ring, in stretches of one UART."""
        head, tail = self._ring.get("head"), self._ring.get("tail")
        if head == tail:
            return
        entries = [self._entry(tail + number) for number in range((head - tail) & 0xFFFF_FFFF)]
        self._ring.set(head, "tail")
        start = 0
        for index in range(1, len(entries) + 1):
            if index == len(entries) or entries[index] >> 8 != entries[start] >> 8:
                data = bytes(entry & 0xFF for entry in entries[start:index])
                for callback in tuple(self.callbacks):
                    callback(entries[start] >> 8, data)
                start = index

    def _entry(self, number: int) -> int:
        place = self._sent + number % CONSOLE_BYTES * _ENTRY_BYTES
        return int.from_bytes(self._memory.read(place, _ENTRY_BYTES), "little")
