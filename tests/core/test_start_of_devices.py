# SPDX-License-Identifier: Apache-2.0
"""Devices are brought up from whatever state a boot loader left them in."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ovm.arm.psr import PSR_A, PSR_F, PSR_MODE
from ovm.core import boot_hard, caches, hard_trap, zynq
from ovm.core.config import CONFIG
from ovm.metal import simulate
from tests.core.machine import write

BASE = 0x1E00_0000
# L2C-310 (DDI0246 3.3).
CONTROL, SYNC, INVALIDATE_WAY, CLEAN_INVALIDATE_WAY = 0x100, 0x730, 0x77C, 0x7FC


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


def level2_writes(control: int) -> list[tuple[int, int]]:
    registers = Registers({CONTROL: control}, done_at_once=(INVALIDATE_WAY, CLEAN_INVALIDATE_WAY))
    with device(registers):
        caches.level2_start()
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


def test_spurious_interrupt_is_not_ended() -> None:
    # Nothing was acknowledged, so there is nothing to end (IHI0048 3.2.4: 1022, 1023).
    for spurious in (1022, 1023):
        registers = Registers({0x0C: spurious})
        with device(registers):
            write(CONFIG, gic_cpu_phys=BASE)
            hard_trap.hard_interrupt()
        assert registers.writes == []
