# SPDX-License-Identifier: Apache-2.0
"""Random accesses, context switches, maintenance and lockdown: the board's TLBs beside a second model, step by step."""

import os
import random
import struct

import pytest

from ovm.arm.control import SCTLR_C, SCTLR_M, SCTLR_ONES, SCTLR_RR
from ovm.board import events
from ovm.board.ram.storage import DDR_HOST
from tests.board.mmu import maps, touch
from tests.board.mmu.bare import FETCH, SVC, Bare
from tests.board.mmu.model import LARGE, PAGE, SECTION, SUPERSECTION, Model, Page

STEPS = int(os.environ.get("OVM_TLB_STEPS", "4000"))
TABLES = (0x10_0000, 0x20_0000)  # Secure, Non-secure; second level 0x8000 behind
WORLD_OFFSET = 0x0800_0000  # the Non-secure tables map elsewhere
NOT_GLOBAL = 3  # pages whose number is a multiple of this are of their ASID
REACH = 64 << 20


def described(address: int, ns: int, asid: int) -> Page:
    """Return what the tables say: 1 MiB of pages, 1 MiB of large pages, sections up to 32 MiB, two supersections."""
    size = PAGE if address < SECTION else LARGE if address < 2 * SECTION else SECTION if address < 32 << 20 else SUPERSECTION
    start = address // size * size
    own = size < SUPERSECTION and start // size % NOT_GLOBAL == 0
    return Page(start, size, start + ns * WORLD_OFFSET, asid if own else None, ns)


def tables(ns: int) -> bytes:
    """Return the same as tables."""
    base, offset = TABLES[ns], ns * WORLD_OFFSET
    first = [base + 0x8000 | 1, base + 0x8400 | 1]
    for index in range(2, 64):
        page = described(index << 20, ns, 0)
        extra = 1 << 18 if page.size == SUPERSECTION else 0
        first.append(page.start + offset | maps.SECTION | extra | (page.asid is not None) << 17)
    second = []
    for index in range(512):
        page = described(index << 12, ns, 0)
        kind = maps.SMALL if page.size == PAGE else 0x31 | 1 << 12 | 3 << 2
        second.append(page.start + offset | kind | (page.asid is not None) << 11)
    return struct.pack("<8192I", *first, *[0] * (8192 - 64)) + struct.pack("<512I", *second)


class Both:
    """The board's TLBs and the model, in the same state."""

    def __init__(self, seed: int, spare: int, *, lines: bool = False, dice: int = 0) -> None:
        self.lines = lines
        self.near: list[int] = []
        self.source = random.Random(seed)
        self.ours = Bare()
        self.ours.parameter("main_tlb_spare", spare)
        self.asids = [0, 0]
        self.ns = 0
        self.model = Model(self._walk, spare=bool(spare), seed=dice, fetches=64 if dice else 32)
        if dice:
            # All that is left open: replacement at random, 64 entries for fetches.
            for name, value in (("main_tlb_random", 1), ("micro_tlb_entries", 64), ("random_seed", dice)):
                self.ours.parameter(name, value)
        replacement = 0 if dice else SCTLR_RR
        for ns in (1, 0):
            self.ours.enter(SVC, ns)
            self.ours.memory.write(DDR_HOST + TABLES[ns], tables(ns))
            for name, value in (("TTBR0", TABLES[ns]), ("DACR", 1), ("SCTLR", SCTLR_ONES | SCTLR_M | SCTLR_C | replacement)):
                self.ours.write(name, value)

    def _walk(self, address: int, ns: int) -> Page:
        return described(address, ns, self.asids[ns])

    def address(self) -> int:
        if self.near and self.source.random() < 0.8:
            return self.source.choice(self.near)
        kind = self.source.random()
        limit = SECTION if kind < 0.6 else 2 * SECTION if kind < 0.75 else REACH
        return self.source.randrange(limit)

    def access(self) -> None:
        side, address = int(self.source.random() < 0.3), self.address()
        if self.lines and not side:
            self.load(address & ~3)
            return
        mine = self.ours.translate(address, FETCH if side else 0)
        assert mine.fault == 0
        assert mine.physical == self.model.access(side, address, self.ns, self.asids[self.ns]), hex(address)

    def load(self, address: int) -> None:
        physical = self.model.access(0, address, self.ns, self.asids[self.ns])
        self.ours.store(physical, physical)
        assert self.ours.call(touch.touch_word, address) == physical

    def switch(self) -> None:
        if self.source.random() < 0.5:
            self.ns ^= 1
            self.ours.enter(SVC, self.ns)
        else:
            self.asids[self.ns] = self.source.randrange(4)
            self.ours.write("CONTEXTIDR", self.asids[self.ns])
            self.model.flush_micro()

    def maintain(self) -> None:
        address, asid, ns = self.address(), self.source.randrange(4), self.ns
        name = self.source.choice(("TLBIALL", "TLBIMVA", "TLBIASID", "TLBIMVAA"))
        self.ours.write(name, address & ~0xFFF | asid)
        self.model.drop(
            {
                "TLBIALL": lambda page: page.ns == ns and not page.locked,
                "TLBIMVA": lambda page: page.ns == ns and page.asid in (None, asid) and page.holds(address),
                "TLBIASID": lambda page: page.ns == ns and page.asid == asid,
                "TLBIMVAA": lambda page: page.ns == ns and page.holds(address) and not page.locked,
            }[name]
        )

    def lock(self) -> None:
        """Lock a page entry by entry, one that no other entry translates; or unlock one."""
        index, page = self.source.randrange(4), described(self.address(), 0, self.source.randrange(4))
        self.ours.enter(SVC, 0)
        self.ours.write("TLBIMVAA", page.start)
        self.model.drop(lambda each: each.ns == 0 and each.holds(page.start) and not each.locked)
        if self.source.random() < 0.3 or any(each and each.ns == 0 and each.holds(page.start) for each in self.model.lockable):
            self.ours.write("TLB_SELECT_WRITE", index)
            self.ours.write("TLB_PA", 0)
            self.model.lockable[index] = None
        else:
            size = {PAGE: 1, LARGE: 2, SECTION: 3, SUPERSECTION: 0}[page.size] << 6
            owner = maps.GLOBAL if page.asid is None else page.asid
            maps.lock(self.ours, index, page.start | owner, page.physical | size | maps.FULL)
            page.locked = True
            self.model.lockable[index] = page
        self.model.flush_micro()
        self.ours.enter(SVC, self.ns)

    def preserve(self) -> None:
        """Let the next walks fill a lockable entry, or no more."""
        if self.model.victim is None:
            self.model.victim = self.source.randrange(4)
            self.ours.write("TLB_LOCKDOWN", self.model.victim << 28 | 1)
        else:
            self.model.victim = None
            self.ours.write("TLB_LOCKDOWN", 0)

    def counts(self) -> tuple[int, int, int]:
        micro = (events.COUNT_DATA_MICRO_MISSES, events.COUNT_FETCH_MICRO_MISSES)
        return self.ours.walks, self.ours.count(micro[0]), self.ours.count(micro[1])


@pytest.mark.parametrize("spare", (0, 1))
@pytest.mark.parametrize("seed", range(3))
def test_step_by_step(seed: int, spare: int) -> None:
    both = Both(seed, spare)
    run(both)


@pytest.mark.parametrize("spare", (0, 1))
def test_replaced_at_random(spare: int) -> None:
    run(Both(11, spare, dice=0x1357_9BDF))


@pytest.mark.parametrize("seed", range(3, 6))
def test_lines_that_hit_hide_no_miss(seed: int) -> None:
    """The same by loads: what spares the long way changes no count and reads the right bytes."""
    run(Both(seed, 1, lines=True), near=True)


def run(both: Both, *, near: bool = False) -> None:
    others = (both.switch, both.switch, both.maintain, both.lock, both.preserve)
    # A few addresses again and again, so that lines hit.
    both.near = [both.address() for _ in range(60)] if near else []
    for step in range(STEPS):
        what = both.access if both.source.random() < 0.93 else both.source.choice(others)
        what()
        assert both.counts() == (both.model.walks, *both.model.misses), (step, what.__name__)
    assert both.model.walks > STEPS // 20
