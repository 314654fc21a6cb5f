# SPDX-License-Identifier: Apache-2.0
"""A second model of the TLBs, written from the TRM alone (A9 6.2, table 4-26): lists and plain loops.

Entries are replaced in turn, or by a xorshift of 32 bits, which the board's parameters begin.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

PAGE, LARGE, SECTION, SUPERSECTION = 1 << 12, 1 << 16, 1 << 20, 1 << 24
DATA, FETCH = 0, 1


@dataclass
class Page:
    """A page, as tables or a lock entry describe it."""

    start: int
    size: int
    physical: int
    asid: int | None
    ns: int
    locked: bool = False

    def holds(self, address: int) -> bool:
        return self.start <= address < self.start + self.size


@dataclass
class Dice:
    """A xorshift."""

    state: int

    def throw(self) -> int:
        self.state ^= self.state << 13 & 0xFFFF_FFFF
        self.state ^= self.state >> 17
        self.state ^= self.state << 5 & 0xFFFF_FFFF
        return self.state


@dataclass
class Micro:
    """A micro-TLB, replaced in turn or at random."""

    slots: list[Page | None] = field(default_factory=lambda: [None] * 32)
    turn: int = 0
    dice: Dice | None = None

    def add(self, page: Page) -> None:
        if self.dice:
            self.slots[(self.dice.throw() >> 8) % len(self.slots)] = page
            return
        self.slots[self.turn] = page
        self.turn = (self.turn + 1) % len(self.slots)


class Model:
    """The TLBs of one core. `walk` looks a page up in the tables of a world."""

    def __init__(self, walk: Callable[[int, int], Page], *, spare: bool, seed: int = 0, fetches: int = 32) -> None:
        self.walk = walk
        self.spare = spare
        self.micro = [Micro(dice=Dice(seed) if seed else None), Micro([None] * fetches, dice=Dice(seed) if seed else None)]
        self.dice = Dice(seed) if seed else None
        self.sets: list[list[Page | None]] = [[None, None] for _ in range(64)]
        self.turns = [0] * 64
        self.lockable: list[Page | None] = [None] * 4
        self.victim: int | None = None
        self.walks = 0
        self.misses = [0, 0]

    def access(self, side: int, address: int, ns: int, asid: int) -> int:
        """Return the physical address; count what it took."""
        hits = [page for page in self.micro[side].slots if page and page.ns == ns and page.holds(address)]
        if not hits:
            self.misses[side] += 1
            page = self._main(address, ns, asid) or self._walk(address, ns)
            self.micro[side].add(page)
            hits = [page]
        return hits[0].physical + address - hits[0].start

    def _main(self, address: int, ns: int, asid: int) -> Page | None:
        for page in [*self.lockable, *(page for ways in self.sets for page in ways)]:
            if page and page.ns == ns and page.asid in (None, asid) and page.holds(address):
                return page
        return None

    def _walk(self, address: int, ns: int) -> Page:
        self.walks += 1
        page = self.walk(address, ns)
        if self.victim is not None:
            page.locked = True
            self.lockable[self.victim] = page
            return page
        number = page.start // page.size % 64
        ways = self.sets[number]
        if None in ways:
            ways[ways.index(None)] = page
        elif self.spare and not any(each and each.locked for each in self.lockable) and None in self.lockable:
            self.lockable[self.lockable.index(None)] = page
        elif self.dice:
            ways[(self.dice.throw() >> 16) % 2] = page
        else:
            ways[self.turns[number]] = page
            self.turns[number] ^= 1
        return page

    def flush_micro(self) -> None:
        for micro in self.micro:
            micro.slots = [None] * len(micro.slots)

    def drop(self, which: Callable[[Page], bool]) -> None:
        """Invalidate what an operation reaches, and flush the micro-TLBs."""
        self.sets = [[None if page and which(page) else page for page in ways] for ways in self.sets]
        self.lockable = [None if page and which(page) else page for page in self.lockable]
        self.flush_micro()
