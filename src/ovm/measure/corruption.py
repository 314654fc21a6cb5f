# SPDX-License-Identifier: Apache-2.0
"""Random corruptions of one guest in a running machine: they do what a fault of its own could do, and more.

Only the guest's own state is changed: bytes of its memory, of its program, of the page that it shares with OVM, of its
translation
tables, its registers while it runs.
"""

import random
from collections.abc import Callable, Iterator

from ovm.abi.config import FRAME_BYTES
from ovm.board.api import Board
from ovm.machines.inspect_ovm import Ovm
from ovm.system.plan import IMAGE_OFFSET, GuestPlan

MEMORY, CODE, PAGE, TABLES, REGISTERS = "memory", "code", "page", "tables", "registers"
KINDS = (MEMORY, CODE, PAGE, TABLES, REGISTERS)
_TABLE_BYTES = 1 << 14
# For registers: how often to wait for the guest to run, and how long each time.
_MOST_WAITS, _WAIT_CYCLES = 200, 3000
_BITS = 32


class Corrupter:
    """A corrupter of a guest on a board; `chance` decides what it does."""

    def __init__(self, board: Board, ovm: Ovm, guest: GuestPlan, chance: random.Random) -> None:
        self.board, self.ovm, self._guest, self._chance = board, ovm, guest, chance
        self._pages = list(self._present())
        self._kinds: dict[str, Callable[[], None]] = {
            MEMORY: self._memory,
            CODE: self._code,
            PAGE: self._page,
            TABLES: self._tables,
            REGISTERS: self._registers,
        }

    def corrupt(self) -> tuple[str, ...]:
        """Do one corruption, of one kind or of all; return the kinds."""
        kinds = KINDS if self._chance.random() < 1 / (len(KINDS) + 1) else (self._chance.choice(KINDS),)
        for kind in kinds:
            self._kinds[kind]()
        return kinds

    def _present(self) -> Iterator[int]:
        """Yield frames that the guest has now."""
        for gpa in range(self._guest.ram_gpa, self._guest.ram_gpa + self._guest.guest.memory, FRAME_BYTES):
            place = self.ovm.physical(self._guest.guest.index, gpa)
            if place is not None:
                yield place

    def _flip(self, place: int) -> None:
        old = self.board.read(place, 1)[0]
        self.board.write(place, bytes([old ^ 1 << self._chance.randrange(8)]))

    def _memory(self) -> None:
        for _ in range(self._chance.choice((1, 4, 32, 256))):
            self._flip(self._chance.choice(self._pages) + self._chance.randrange(FRAME_BYTES))

    def _code(self) -> None:
        first = self._guest.physical(self._guest.link_base)
        for _ in range(self._chance.choice((1, 4, 16))):
            self._flip(first + self._chance.randrange(max(self._guest.image_bytes - IMAGE_OFFSET, FRAME_BYTES)))

    def _page(self) -> None:
        page = self._guest.physical(self._guest.ram_gpa)
        for _ in range(self._chance.choice((1, 2, 8, 64))):
            word = self._chance.randrange(32 if self._chance.random() < 0.8 else FRAME_BYTES // 4)
            self.board.write(page + word * 4, self._word().to_bytes(4, "little"))

    def _tables(self) -> None:
        """Corrupt translation tables by words that are valid descriptors: in the guest's first-level table, or anywhere."""
        base = self.ovm.virtual_context(self._guest.guest.index).ttbr0 & -_TABLE_BYTES
        own = [self.ovm.physical(self._guest.guest.index, base + offset) for offset in range(0, _TABLE_BYTES, FRAME_BYTES)]
        frames = [place for place in own if place is not None]
        for _ in range(self._chance.choice((1, 8, 64, 512))):
            frame = self._chance.choice(frames if frames and self._chance.random() < 0.6 else self._pages)
            place = frame + 4 * self._chance.randrange(FRAME_BYTES // 4)
            self.board.write(place, self._descriptor().to_bytes(4, "little"))

    def _registers(self) -> None:
        """Corrupt registers of User mode, where a deprivileged guest runs: others are the gate's."""
        core = self.board.cores[0]
        for _ in range(_MOST_WAITS):
            if core.mode == "usr" and self.ovm.running() == self._guest.guest.index:
                break
            self.board.run(cycles=1 + self._chance.randrange(_WAIT_CYCLES))
        else:
            return
        for number in self._chance.sample(range(16), self._chance.choice((1, 3, 16))):
            core.set(f"r{number}", self._word() & (0xFFFF_FFFC if number == 15 else 0xFFFF_FFFF))

    def _word(self) -> int:
        return self._chance.choice(self._places()) if self._chance.random() < 0.5 else self._chance.getrandbits(_BITS)

    def _descriptor(self) -> int:
        """Return the descriptor of a section, a page or a table at an address where it would do harm."""
        base = self._chance.choice((*self._places(), self._chance.getrandbits(_BITS)))
        kind = self._chance.choice((0, 1, 2, 3, 2 | 1 << 18, self._chance.getrandbits(12)))
        return base & ~0xFFF & 0xFFFF_FFFF | kind | self._chance.choice((0, 0xC00, 0x30, 0xFF0))

    def _places(self) -> tuple[int, ...]:
        """Return addresses that must be protected or are special.

        OVM's, other guests', the guest's own limits, devices', odd ones.
        """
        plan = self.ovm.plan
        others = [each.image_phys or each.ram_phys for each in plan.guests]
        own = (self._guest.ram_gpa, self._guest.ram_gpa + self._guest.guest.memory - 4)
        ours = (plan.ovm.start, plan.frame_table.start, plan.level1.start, plan.level2.start, plan.gate.start)
        return (0, 1, 4, 0xFFFF_FFFF, 0xFFFF_F000, 0x8000_0000, 0xF8F0_0100, *ours, *others, *own)
