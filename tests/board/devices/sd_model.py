# SPDX-License-Identifier: Apache-2.0
"""An SD host controller and its card in plain Python, from the two simplified specifications (2.00; Physical Layer)."""

from dataclasses import dataclass, field

BLOCK = 512
IDLE, READY, IDENTIFIED, STANDBY, TRANSFER = range(5)
ADDRESS = 0x1234 << 16
ERROR, COMMAND_TIMEOUT, DATA_TIMEOUT, ADMA_ERROR = 1 << 15, 1 << 16, 1 << 20, 1 << 25
COMMAND_COMPLETE, TRANSFER_COMPLETE, WRITE_READY, READ_READY = 1, 2, 0x10, 0x20
BLOCKS, ARGUMENT, COMMAND, RESPONSE, PORT, PRESENT, CONTROL, CLOCK, STATUS, ENABLE, SIGNAL, ADMA, TABLE = (
    4, 8, 0xC, 0x10, 0x20, 0x24, 0x28, 0x2C, 0x30, 0x34, 0x38, 0x54, 0x58,
)  # fmt: skip
FIXED = {0x40: 0x69EC_0080, 0xFC: 0x8901_0000}


@dataclass
class Card:
    """A card of high capacity; `data` are the bytes that a command offers, at a place of `source`."""

    content: bytearray
    state: int = IDLE
    application: bool = False
    response: list[int] = field(default_factory=lambda: [0] * 4)
    source: bytearray = field(default_factory=bytearray)
    registers: bytearray = field(default_factory=lambda: bytearray(64))
    place: int = 0
    most: int = 0

    @property
    def blocks(self) -> int:
        return len(self.content) // BLOCK

    def _answer(self, value: int) -> bool:
        self.response[0] = value
        return True

    def _status(self) -> bool:
        return self._answer(self.state << 9 | 1 << 8 | self.application << 5)

    def _long(self, bits: int) -> bool:
        """128 bits, of which the controller keeps the upper 120 (Host Controller 2.2.7)."""
        self.response = [bits >> 8 + 32 * number & 0xFFFF_FFFF for number in range(4)]
        return True

    def _register(self, data: bytes) -> bool:
        self.registers[:] = data.ljust(64, b"\0")
        self.source, self.place, self.most = self.registers, 0, len(data)
        return self._status()

    def command(self, index: int, argument: int) -> bool:
        """Do a command; False if the card doesn't answer."""
        self.most = 0
        if self.blocks == 0:
            return False
        if index == 55:
            self.application = True
            return self._status()
        application, self.application = self.application, False
        if application and self._application(index):
            return True
        return self._identify(index, argument) or (self.state == TRANSFER and self._transfer(index, argument))

    def _application(self, index: int) -> bool:
        if index == 41:
            self.state = READY
            return self._answer(0xC0FF_8000)
        if index == 51:
            return self._register(bytes((2, 0x35, 0x80, 0, 0, 0, 0, 0)))
        if index == 13:
            return self._register(bytes(64))
        return index == 6 and self._status()

    def _identify(self, index: int, argument: int) -> bool:
        if index == 0:
            self.state = IDLE
            return self._answer(0)
        if index == 8:
            return self._answer(argument & 0xFFF)
        if index in (2, 10):
            self.state = IDENTIFIED if index == 2 else self.state
            return self._long(0x004F_564D_4F56_4D20_1000_0000_0001_0001)
        if index == 3:
            self.state = STANDBY
            return self._answer(ADDRESS | STANDBY << 9 | 1 << 8)
        if index == 7:
            self.state = TRANSFER if argument == ADDRESS else STANDBY
            return self._status()
        if index == 9:
            return self._long(0x400E_0032_5B59_0000_0000_7F80_0A40_0001 | self.blocks // 1024 - 1 << 48)
        return False

    def _transfer(self, index: int, argument: int) -> bool:
        if index in (17, 18, 24, 25):
            if argument >= self.blocks:
                return self._answer(1 << 31)
            self.source, self.place, self.most = self.content, argument * BLOCK, (self.blocks - argument) * BLOCK
            return self._status()
        if index == 6:
            return self._register(bytes(64))
        return index in (12, 13, 16) and self._status()


class Host:
    """The controller; `memory` is what its list of descriptors and their targets lie in, from address `start` on."""

    def __init__(self, card: Card, memory: bytearray, start: int) -> None:
        self.card, self.memory, self.start = card, memory, start
        self.words = {4 * number: 0 for number in range(64)} | FIXED
        self.left = self.block_left = self.at = 0
        self.data = card.source  # of the transfer by the port
        self.reads, self.moves = False, False

    @property
    def line(self) -> bool:
        return self.words[STATUS] & self.words[SIGNAL] != 0

    def _happened(self, bits: int) -> None:
        bits |= ERROR if bits >> 16 else 0
        self.words[STATUS] |= bits & (self.words[ENABLE] | ERROR)

    @property
    def total(self) -> int:
        return (self.words[BLOCKS] & 0xFFF) * max(self.words[BLOCKS] >> 16, 1)

    def _next_block(self) -> None:
        self.block_left = min(self.words[BLOCKS] & 0xFFF, self.left)
        if self.left == 0:
            self._happened(TRANSFER_COMPLETE)
            return
        self._happened(READ_READY if self.reads else WRITE_READY)

    def _issue(self) -> None:
        command = self.words[COMMAND]
        kind = command >> 16 & 3
        if not self.card.command(command >> 24 & 0x3F, self.words[ARGUMENT]):
            self._happened(COMMAND_TIMEOUT)
            return
        for number in range(4 if kind == 1 else 1):
            self.words[RESPONSE + 4 * number] = self.card.response[number]
        self._happened(COMMAND_COMPLETE)
        if command >> 21 & 1:
            self._begin(command)
        elif kind == 3:
            self._happened(TRANSFER_COMPLETE)

    def _begin(self, command: int) -> None:
        if self.card.most < self.total:
            self._happened(DATA_TIMEOUT)
        elif not command & 1:
            self.data, self.at, self.left, self.reads = self.card.source, self.card.place, self.total, bool(command & 0x10)
            self._next_block()
        elif self.words[CONTROL] & 0x18 == 0x10:
            self.moves = True

    def _step(self) -> slice:
        """Return the bytes of the next word at the port."""
        return slice(self.at, self.at + min(4, self.block_left))

    def _passed(self, size: int) -> None:
        if size:
            self.at, self.left, self.block_left = self.at + size, self.left - size, self.block_left - size
            if self.block_left == 0:
                self._next_block()

    def read(self, offset: int) -> int:
        if offset == PRESENT:
            busy = (2 | (1 << 11 if self.reads else 1 << 10)) if self.block_left else 0
            return (0x01FF_0000 if self.card.blocks else 0x01F2_0000) | busy
        if offset == PORT:
            if not self.reads:
                return 0
            here = self._step()
            value = int.from_bytes(self.data[here], "little")
            self._passed(here.stop - here.start)
            return value
        return self.words[offset]

    def write(self, offset: int, value: int) -> None:
        if 0x10 <= offset < PORT or offset in (PRESENT, 0x40, ADMA) or offset >= 0xFC:
            return
        if offset == PORT:
            if not self.reads:
                here = self._step()
                self.data[here] = value.to_bytes(4, "little")[: here.stop - here.start]
                self._passed(here.stop - here.start)
        elif offset == CLOCK:
            self.words[CLOCK] = value & 0xFF_FFFD | (2 if value & 1 else 0)
            if value >> 24 & 1:
                self.words = {4 * number: 0 for number in range(64)} | FIXED
            if value >> 24 & 5:
                self.left, self.block_left, self.moves = 0, 0, False
        elif offset == STATUS:
            self.words[STATUS] &= ~value
            if self.words[STATUS] >> 16 == 0:
                self.words[STATUS] &= ~ERROR
        else:
            self.words[offset] = value
            if offset == COMMAND:
                self._issue()

    def settle(self) -> None:
        """Do the transfer by descriptors, which happens behind the instruction that began it (1.13)."""
        if self.moves:
            self.moves = False
            self.words[ADMA] = 0
            self._happened(self._move())

    def _move(self) -> int:
        at, done = self.words[TABLE] & ~3, 0
        for _ in range(1 << 16):
            place = at - self.start
            if not 0 <= place <= len(self.memory) - 8:
                return ADMA_ERROR
            word, target = (int.from_bytes(self.memory[each : each + 4], "little") for each in (place, place + 4))
            if not word & 1:
                return ADMA_ERROR
            at += 8
            if word & 0x30 == 0x20:
                count = min(word >> 16 or 1 << 16, self.total - done)
                first, second = (target & ~3) - self.start, self.card.place + done
                if self.words[COMMAND] & 0x10:
                    self.memory[first : first + count] = self.card.source[second : second + count]
                else:
                    self.card.source[second : second + count] = self.memory[first : first + count]
                done += count
            elif word & 0x30 == 0x30:
                at = target & ~3
            if done == self.total:
                return TRANSFER_COMPLETE
            if word & 2:
                self.words[ADMA] = 4
                return ADMA_ERROR
        return ADMA_ERROR
