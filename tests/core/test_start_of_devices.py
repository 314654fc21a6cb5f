# SPDX-License-Identifier: Apache-2.0
"""Devices are brought up from whatever state a boot loader left them in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from ovm.arm.cp15 import SCTLR
from ovm.arm.psr import PSR_A, PSR_F, PSR_MODE
from ovm.core import boot_hard, countdowns, gic, hard_trap, level2, zynq, zynq_start
from ovm.core.config import CONFIG, SECURITY
from ovm.metal import simulate, u32
from tests.core.machine import write

BASE = 0x1E00_0000
# L2C-310 (DDI0246 3.3).
CONTROL, SYNC, INVALIDATE_WAY, CLEAN_WAY, CLEAN_INVALIDATE_WAY, UNLOCK_WAY = 0x100, 0x730, 0x77C, 0x7BC, 0x7FC, 0x954
AUXILIARY, LOCKDOWN, PREFETCH, FILTER = 0x104, range(0x900, 0x940, 4), 0xF60, (0xC00, 0xC04)


class Registers:
    """Words that remember the order of their writes; some read as zero once an operation is done."""

    def __init__(self, words: dict[int, int], done_at_once: tuple[int, ...] = ()) -> None:
        self.words = words
        self.done_at_once = done_at_once
        self.writes: list[tuple[int, int]] = []

    def read(self, offset: int, size: int) -> int:
        return 0 if offset in self.done_at_once else self.words.get(offset, 0)

    def write(self, offset: int, size: int, value: int) -> None:
        self.writes.append((offset, value))
        self.words[offset] = value


@contextmanager
def device(registers: Registers) -> Iterator[None]:
    with simulate.simulate(devices=[(BASE, 0x1000, registers)]):
        write(CONFIG, level2_cache_phys=BASE)
        yield


def test_hard_guest_starts_with_nothing_of_ovms_masked() -> None:
    # With SCR.FW = AW = 0 the guest could never unmask them, and its bus errors would get lost.
    assert boot_hard.START_PSR & (PSR_A | PSR_F) == 0
    assert boot_hard.START_PSR & PSR_MODE == 0x13


@pytest.mark.parametrize(
    ("start", "length", "opened"),
    [
        (0x0010_0000, 0x0010_0000, 0xFFFE),
        (0x0000_0000, 0x0400_0000, 0xFFFE),
        (0x0460_0000, 0x0020_0000, 0xFFFD),
        (0x07F0_0000, 0x0020_0000, 0xFFF9),
        (0x3FF0_0000, 0x0010_0000, 0x7FFF),
    ],
)
def test_no_segment_in_which_ovm_has_a_byte_is_opened(start: int, length: int, opened: int) -> None:
    registers = Registers({})
    with device(registers):
        write(CONFIG, slcr_phys=BASE, ovm_phys=start, ovm_bytes=length)
        zynq.zynq_open_memory()
    assert registers.words[0x430] == opened


def test_debug_is_closed_and_then_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    """SPNIDEN, SPIDEN, DBGEN and DAP_EN (UG585 B.16); whatever else CTRL holds stays. Before anything else that boot does."""
    registers = Registers({0x7000: 0x4C00_E07F})
    monkeypatch.setattr(zynq_start, "CONFIGURATION", 0x7000)
    with simulate.simulate(devices=[(BASE, 0x8000, registers)]):
        write(CONFIG, slcr_phys=BASE)
        zynq_start.zynq_quiet()
    assert registers.writes[:3] == [(0x7034, 0x757B_DF0D), (0x7000, 0x4C00_E010), (0x7004, 1)]


def test_both_triple_timers_and_the_watchdog_are_as_after_reset(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clock, counter control, interval, match and interrupt enable of three counters each (UG585 B.32); the keys of B.31."""
    for name, value in (("WATCHDOG", 0x5000), ("TRIPLE_TIMER_STEP", 0x1000), ("BEFORE_TIMERS", 0), ("CONFIGURATION", 0x7000)):
        monkeypatch.setattr(zynq_start, name, value)
    registers = Registers({})
    with simulate.simulate(devices=[(BASE, 0x8000, registers)]):
        write(CONFIG, slcr_phys=BASE)
        zynq_start.zynq_quiet()
    found = {offset: value for offset, value in registers.writes if 0x1000 <= offset < 0x7000}
    zeros = (0x00, 0x04, 0x08, *range(0x24, 0x54, 4), 0x60, 0x64, 0x68)
    wanted = {timer + offset: 0 for timer in (0x1000, 0x2000) for offset in zeros}
    wanted |= {timer + offset: 0x21 for timer in (0x1000, 0x2000) for offset in (0x0C, 0x10, 0x14)}
    assert found == wanted | {0x5000: 0xABC1C2, 0x5004: 0x248 << 14 | 0x3FFC}


def test_each_security_register_is_written_whatever_it_held() -> None:
    registers = Registers({0x18: 0x7FFF, 0x28: 0x3F})
    with device(registers):
        write(CONFIG, slcr_phys=BASE)
        for index, (offset, value) in enumerate([(0x08, 0), (0x18, 1 << 6), (0x28, 0)]):
            write(SECURITY[u32(index)], phys=BASE + offset, open=value)
        zynq.devices_open()
    assert registers.writes == [(0x08, 0), (0x18, 1 << 6), (0x28, 0)]


def level2_writes(control: int) -> list[tuple[int, int]]:
    done = (INVALIDATE_WAY, CLEAN_WAY, CLEAN_INVALIDATE_WAY, UNLOCK_WAY)
    registers = Registers({CONTROL: control}, done_at_once=done)
    with device(registers):
        level2.level2_start()
    return registers.writes


def test_level2_out_of_reset_is_invalidated_and_then_enabled() -> None:
    writes = level2_writes(0)
    assert (CLEAN_INVALIDATE_WAY, 0xFF) not in writes
    assert writes.index((INVALIDATE_WAY, 0xFF)) < writes.index((SYNC, 0)) < writes.index((CONTROL, 1))


def test_level2_left_on_gives_its_secure_lines_to_memory_first() -> None:
    writes = level2_writes(1)
    clean = writes.index((CLEAN_INVALIDATE_WAY, 0xFF))
    off = writes.index((CONTROL, 0))
    assert clean < writes.index((SYNC, 0)) < off
    # Latencies and invalidation by way want the cache off (DDI0246 3.1.1).
    assert all(writes.index(each) > off for each in ((0x108, 0x111), (0x10C, 0x121), (INVALIDATE_WAY, 0xFF)))
    assert writes[-1] == (CONTROL, 1)


@pytest.mark.parametrize("control", [0, 1])
def test_nothing_of_level2_is_left_as_a_loader_set_it(control: int) -> None:
    writes = level2_writes(control)
    first = writes.index((CONTROL, 0)) if control else 0
    configured = dict(writes[first:-1])
    # Bits 26 and 27 would let Non-secure code lock ways and clear interrupts (DDI0246 3.3.4); exclusive mode is bit 12.
    assert configured[AUXILIARY] == 0x7236_0000
    assert all(configured[each] == 0 for each in (*LOCKDOWN, 0x950, 0x200, 0x214, 0xF40, 0xF80))
    assert configured[UNLOCK_WAY] == 0xFF
    assert configured[PREFETCH] == 0x3000_0000
    # Memory is reached through the address filter.
    assert not set(configured) & set(FILTER)


def test_level2s_filter_is_set_where_the_board_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start first: from that write on memory answers, whatever the end was (DDI0246 3.3.12)."""
    monkeypatch.setattr(level2, "LEVEL2_FILTER_START", u32(0x4000_0000))
    monkeypatch.setattr(level2, "LEVEL2_FILTER_END", u32(0xFFF0_0000))
    writes = [each for each in level2_writes(1) if each[0] in FILTER]
    assert writes == [(0xC00, 0x4000_0001), (0xC04, 0xFFF0_0000)]


def test_watchdogs_leave_watchdog_mode_before_they_are_stopped() -> None:
    registers = Registers({})
    with device(registers):
        write(CONFIG, private_timer_phys=BASE)
        countdowns.countdowns_stop()
    # DDI0407 4.2.8: these two words, one after the other; only then the control register stops it.
    order = registers.writes
    assert order[:3] == [(0x34, 0x1234_5678), (0x34, 0x8765_4321), (0x28, 0)]
    assert dict(order)[0x08] == 0
    # A status bit is cleared by writing 1.
    assert dict(order)[0x0C] == 1
    assert dict(order)[0x2C] == 1


def test_the_comparator_is_off_and_its_event_cleared() -> None:
    registers = Registers({0x08: 0xF, 0x0C: 1})
    with device(registers):
        write(CONFIG, global_timer_phys=BASE)
        countdowns.comparator_stop()
    # DDI0407 4.4: control 0x08, status 0x0C cleared by writing 1, comparator 0x10 and 0x14, auto-increment 0x18.
    assert registers.writes[0] == (0x08, 1)
    assert sorted(registers.writes[1:]) == [(0x0C, 1), (0x10, 0), (0x14, 0), (0x18, 0)]


@pytest.mark.parametrize(
    ("control", "entered"), [(0, 0), (1 << 30, 1 << 5), (1 << 25, 1 << 9), (1 << 30 | 1 << 25, 1 << 9 | 1 << 5)]
)
def test_an_abort_enters_as_the_guests_own_sctlr_says(control: int, entered: int) -> None:
    """Thumb, endianness and IT of what was interrupted don't last; TE and EE decide, I is set, A and F stay (ARM B1.8.3)."""
    with simulate.simulate(cp15={SCTLR: control}):
        for kept in (0, PSR_A, PSR_F, 0xF808_0000):
            for lost in (0, 1 << 5, 1 << 9, 0x0600_FC00, 0x0600_FE20):
                assert hard_trap._handler_psr(u32(0x10 | kept | lost)) == 0x97 | kept | entered


class Interface(Registers):
    """A GIC whose running priority follows from what is active, and whose acknowledge takes what is pending."""

    def __init__(self, active: dict[int, int], pending: list[int]) -> None:
        super().__init__({0x1004: 2})
        self.active, self.pending, self.ended = active, pending, list[int]()

    def read(self, offset: int, size: int) -> int:
        if offset == 0x114:
            return min(self.active.values(), default=0xFF)
        if offset in (0x1300, 0x1304, 0x1308):
            return sum(1 << (line % 32) for line in self.active if line // 32 == (offset - 0x1300) // 4)
        if 0x1400 <= offset < 0x1460:
            return self.active.get(offset - 0x1400, 0)
        if offset == 0x10C:
            return self.pending.pop(0) if self.pending else 1023
        return super().read(offset, size)

    def write(self, offset: int, size: int, value: int) -> None:
        super().write(offset, size, value)
        if offset == 0x110:
            self.ended.append(value)
            self.active.pop(value & 0x3FF, None)


def interrupts_ended(active: dict[int, int], pending: list[int]) -> Interface:
    registers = Interface(active, pending)
    with simulate.simulate(devices=[(BASE, 0x2000, registers)]):
        write(CONFIG, gic_cpu_phys=BASE + 0x100, gic_distributor_phys=BASE + 0x1000)
        gic.gic_end_all()
    return registers


def test_active_interrupts_are_ended_most_urgent_first() -> None:
    # By number and priority; IHI0048 4.4.5: the last one acknowledged, so the most urgent one, is ended first.
    registers = interrupts_ended({29: 0xA0, 82: 0x40, 3: 0}, [])
    assert registers.ended == [3, 82, 29]
    assert registers.words[0x100] == 0


def test_pending_software_interrupts_are_taken_and_ended() -> None:
    # GICv1: nothing but acknowledging clears one (IHI0048 4.3.9); the value written back names the sender.
    registers = interrupts_ended({}, [5, 1 << 10 | 5])
    assert registers.ended == [5, 1 << 10 | 5]


def test_spurious_interrupt_is_not_ended() -> None:
    # Nothing was acknowledged, so there is nothing to end (IHI0048 3.2.4: 1022, 1023).
    for spurious in (1022, 1023):
        registers = Registers({0x0C: spurious})
        with device(registers):
            write(CONFIG, gic_cpu_phys=BASE)
            hard_trap.hard_interrupt()
        assert registers.writes == []


def gic_writes(start: Callable[[], None]) -> list[tuple[int, int]]:
    """Return what `start` writes into a distributor for 96 interrupts, whose CPU interface lies behind it."""
    registers = Registers({0x004: 0x2})
    with simulate.simulate(devices=[(BASE, 0x2000, registers)]):
        write(CONFIG, gic_distributor_phys=BASE, gic_cpu_phys=BASE + 0x1000)
        start()
    return registers.writes


def test_an_operating_systems_first_sgis_belong_to_the_hrt_guest() -> None:
    """SGIs 0-7 and all PPIs are group 1 on its CPU, at a priority that it can read; OVM's own stay Secure (IHI0048 3.5)."""
    writes = dict(gic_writes(lambda: gic.gic_start_cpu(True)))
    assert writes[0x080] == 0xFFFF_00FF
    assert [writes[0x400 + line] >= 0x80 for line in range(32)] == [line not in range(8, 16) for line in range(32)]
    assert all(sgi in range(8, 16) for sgi in (gic.SGI_PARK, gic.SGI_RESET, gic.SGI_FAILED))
    own = dict(gic_writes(lambda: gic.gic_start_cpu(False)))
    assert own[0x080] == 0
    assert own[0x100] == 1 << 29 | 1 << gic.SGI_RESET | 1 << gic.SGI_FAILED


def test_every_shared_interrupt_is_aimed_at_both_cpus() -> None:
    """Otherwise XScuGic_Stop turns the distributor off; CPU 0's mask keeps group 1 out (IHI0048 3.5.3)."""
    writes = dict(gic_writes(gic.gic_start_shared))
    assert all(writes[0x800 + line] == 0b11 for line in range(32, 96))
    assert dict(gic_writes(lambda: gic.gic_start_cpu(False)))[0x1004] < 0x80
