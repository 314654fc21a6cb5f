# SPDX-License-Identifier: Apache-2.0
"""The DMA controller's channels in plain Python, from ARM DDI0424 chapters 3 and 4: a program from its first byte to its end."""

from collections.abc import Callable
from dataclasses import dataclass, field

STOPPED, WAITING_EVENT, WAITING_PERIPHERAL, FAULTING = 0, 4, 7, 15
FIFO = 1024
RAM_END = 0x4000_0000
MOST_STEPS = 5000


@dataclass
class Memory:
    """Bytes that answer, by address; `refuses` tells what the Non-secure world can't reach."""

    data: bytearray
    start: int
    refuses: Callable[[int], bool]
    # An access went to RAM around these bytes, of which nothing is known.
    outside: bool = False

    def place(self, address: int, ns: int) -> int | None:
        at = address - self.start
        self.outside |= address < RAM_END and not 0 <= at < len(self.data)
        return at if 0 <= at < len(self.data) and not (ns and self.refuses(address)) else None


@dataclass
class Shared:
    """The state that all channels share: enabled interrupts, events, interrupts, and the events of the Non-secure world."""

    enabled: int = 0
    events: int = 0
    interrupts: int = 0
    open: int = 0


@dataclass
class Channel:
    """A channel that DMAGO has started."""

    memory: Memory
    shared: Shared
    pc: int
    ns: int
    source: int = 0
    destination: int = 0
    control: int = 0x0080_0200
    loops: list[int] = field(default_factory=lambda: [0, 0])
    fifo: bytearray = field(default_factory=bytearray)
    status: int = 1
    fault: int = 0
    event: int = 0
    executed: int = 0
    moved: int = 0

    def run(self) -> None:
        """Execute until it stops, waits or fails."""
        while self.status == 1:
            self.executed += 1
            assert self.executed < MOST_STEPS
            self._execute()

    def _fail(self, why: int) -> int:
        self.status, self.fault = FAULTING, self.fault | why
        self.fifo.clear()
        return 0

    def _byte(self, offset: int) -> int | None:
        place = self.memory.place(self.pc + offset, self.ns)
        return None if place is None else self.memory.data[place]

    def _operand(self, offset: int, count: int) -> int:
        return sum((self._byte(offset + index) or 0) << 8 * index for index in range(count))

    def _execute(self) -> None:
        opcode = self._byte(0)
        length = self._fail(1 << 16) if opcode is None else self._one(opcode)
        if self.status in (1, STOPPED):
            self.pc = self.pc + length & 0xFFFF_FFFF

    def _one(self, opcode: int) -> int:
        high = opcode & 0xF0
        if opcode in (0, 1):
            self.status = STOPPED
            self.fifo.clear()
            return 1
        if opcode in (0x12, 0x13, 0x18):
            return 1
        if opcode == 0x35:
            return 2
        if opcode in (0x04, 0x05, 0x07, 0x08, 0x09, 0x0B, 0x0C, 0x25, 0x27, 0x29, 0x2B):
            return self._transfer(opcode)
        if opcode in (0x54, 0x56, 0x5C, 0x5E):
            value = self._operand(1, 2) | (0xFFFF_0000 if opcode & 8 else 0)
            if opcode & 2:
                self.destination = self.destination + value & 0xFFFF_FFFF
            else:
                self.source = self.source + value & 0xFFFF_FFFF
            return 3
        if opcode in (0x20, 0x22):
            self.loops[opcode >> 1 & 1] = self._operand(1, 1)
            return 2
        if high == 0x30 and opcode & 8:
            return self._loop_end(opcode)
        if opcode in (0x34, 0x36):
            return self._event(opcode == 0x36)
        if opcode in (0x30, 0x31, 0x32, 0x33):
            self.status = WAITING_PERIPHERAL
            return 0
        if opcode == 0xBC:
            return self._move()
        return self._fail(1)

    def _move(self) -> int:
        which, value = self._operand(1, 1) & 7, self._operand(2, 4)
        if which == 0:
            self.source = value
        elif which == 1:
            self.control = value
        elif which == 2:
            self.destination = value
        else:
            return self._fail(2)
        return 6

    def _loop_end(self, opcode: int) -> int:
        counter = opcode >> 2 & 1
        if self.loops[counter] == 0:
            return 2
        self.loops[counter] -= 1
        return -self._operand(1, 1)

    def _event(self, wait: bool) -> int:
        number, shared = self._operand(1, 1) >> 3, self.shared
        if number >= 16:
            return self._fail(2)
        if self.ns and not shared.open >> number & 1:
            return self._fail(1 << 5)
        if not wait:
            if shared.enabled >> number & 1:
                shared.interrupts |= 1 << number
            else:
                shared.events |= 1 << number
            return 2
        if not shared.events >> number & 1:
            self.status, self.event = WAITING_EVENT, number
            return 0
        shared.events &= ~(1 << number)
        return 2

    def _transfer(self, opcode: int) -> int:
        length = 2 if opcode & 0x20 else 1
        if opcode & 3 == 1:
            return length  # for single requests alone: all are bursts
        load = opcode & 0x0C == 4
        shift = 0 if load else 14
        increments, size = self.control >> shift & 1, min(1 << (self.control >> shift + 1 & 7), 16)
        total = size * ((self.control >> shift + 4 & 15) + 1)
        asks_ns = self.control >> shift + 9 & 1
        if self.ns and not asks_ns:
            return self._fail(1 << 7)
        if load:
            return self._load(total, size, increments, asks_ns) or length
        return self._store(total, size, increments, asks_ns, opcode == 0x0C) or length

    def _load(self, total: int, size: int, increments: int, ns: int) -> int:
        if len(self.fifo) + total > FIFO:
            return self._fail(1 << 12)
        found = [self.memory.place(self.source + (index if increments else index % size), ns) for index in range(total)]
        if any(each is None for each in found):
            return self._fail(1 << 18)
        self.fifo += bytes(self.memory.data[each] for each in found if each is not None)
        self.source += total * increments
        self.moved += total
        return 0

    def _store(self, total: int, size: int, increments: int, ns: int, zeros: bool) -> int:
        if not zeros and len(self.fifo) < total:
            return self._fail(1 << 13)
        for index in range(total):
            place = self.memory.place(self.destination + (index if increments else index % size), ns)
            if place is None:
                return self._fail(1 << 17)
            self.memory.data[place] = 0 if zeros else self.fifo[index]
        if not zeros:
            del self.fifo[:total]
        self.destination += total * increments
        self.moved += total
        return 0
