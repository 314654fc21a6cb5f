# SPDX-License-Identifier: Apache-2.0
"""A Cadence UART in plain Python, from UG585 chapter 19 and appendix B.33: a FIFO each way, a byte on the wire."""

from dataclasses import dataclass, field

FIFO, WORDS = 64, 18
CONTROL, MODE, IER, IDR, IMR, ISR, GENERATOR, TIMEOUT, RX_LEVEL, SR, DATA, DIVIDER, TX_LEVEL = (
    0, 4, 8, 12, 16, 20, 0x18, 0x1C, 0x20, 0x2C, 0x30, 0x34, 0x44,
)  # fmt: skip
RESET = {CONTROL: 0x128, GENERATOR: 0x28B, DIVIDER: 0xF, RX_LEVEL: 0x20, TX_LEVEL: 0x20}


@dataclass
class Uart:
    """One UART; `cycles` are those of a reference clock as a fraction: CPU cycles, clocks."""

    cycles: tuple[int, int]
    words: dict[int, int] = field(default_factory=lambda: {4 * number: 0 for number in range(WORDS)} | RESET)
    wire: tuple[int, int] | None = None  # the byte, and when its last bit is sent
    waiting: list[int] = field(default_factory=list)
    received: list[int] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    now: int = 0

    @property
    def sends(self) -> bool:
        return self.words[CONTROL] & 0x30 == 0x10

    @property
    def byte_time(self) -> int:
        clocks = 10 * max(self.words[GENERATOR], 1) * (self.words[DIVIDER] + 1) * (8 if self.words[MODE] & 1 else 1)
        return clocks * self.cycles[0] // self.cycles[1]

    def status(self) -> int:
        """Return the channel status register: receiver in bits 0 to 2, transmitter in 3, 4, 11, 13 and 14."""
        there, level = min(len(self.received), FIFO), self.words[RX_LEVEL] & 0x3F
        waits = len(self.waiting)
        flags = {0: level and there >= level, 1: there == 0, 2: there == FIFO, 3: waits == 0, 4: waits == FIFO}
        flags |= {11: self.wire is not None, 13: waits >= self.words[TX_LEVEL] & 0x3F, 14: waits >= FIFO - 1}
        return sum(bool(value) << bit for bit, value in flags.items())

    def settle(self) -> None:
        """Set each status bit of the interrupt register whose cause lasts; it stays."""
        status = self.status()
        self.words[ISR] |= status & 0x1F | (status >> 13 & 3) << 10

    @property
    def line(self) -> bool:
        return self.words[ISR] & self.words[IMR] != 0

    def advance(self, now: int) -> None:
        """Bytes go out, one after the other."""
        while self.wire and self.wire[1] <= now:
            byte, moment = self.wire
            if self.words[MODE] & 0x300 == 0x200:
                self.receive(byte)
            else:
                self.sent.append(byte)
            self.wire = (self.waiting.pop(0), moment + self.byte_time) if self.waiting else None
            if self.wire is None or self.wire[1] > now:
                self.settle()
        self.now = now

    def receive(self, byte: int) -> None:
        if self.words[CONTROL] & 0x0C == 4:
            self.received.append(byte)
            self.words[ISR] |= 1 << 8 if self.words[TIMEOUT] else 0
            self.settle()

    def read(self, offset: int) -> int:
        if offset == DATA:
            if not self.received:
                return 0
            byte = self.received.pop(0)
            self.settle()
            return byte
        if offset in (IER, IDR):
            return 0
        return self.status() if offset == SR else self.words[offset]

    def _send(self, byte: int) -> None:
        if self.sends and self.wire is None:
            self.wire = (byte, self.now + self.byte_time)
        elif len(self.waiting) == FIFO:
            self.words[ISR] |= 1 << 12
        else:
            self.waiting.append(byte)

    def write(self, offset: int, value: int) -> None:
        if offset == DATA:
            self._send(value & 0xFF)
        elif offset == CONTROL:
            self.waiting = [] if value & 2 else self.waiting
            self.received = [] if value & 1 else self.received
            self.words[CONTROL] = value & ~3
            if self.sends and self.wire is None and self.waiting:
                self._send(self.waiting.pop(0))
        elif offset == IER:
            self.words[IMR] |= value & 0x1FFF
        elif offset == IDR:
            self.words[IMR] &= ~value
        elif offset == ISR:
            self.words[ISR] &= ~value
        elif offset not in (SR, IMR):
            self.words[offset] = value
        self.settle()
