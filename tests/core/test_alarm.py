# SPDX-License-Identifier: Apache-2.0
"""Housekeeping is due again soon while something waits for it, else not before the run ends."""

from __future__ import annotations

import pytest

from ovm.abi.config import GuestState, Level
from ovm.arm import cp15
from ovm.core import alarm, console
from ovm.core.config import CONFIG
from ovm.core.cpu import CPUS, NOBODY
from ovm.core.output import OVM_QUEUE, Output
from ovm.core.trap.interrupt import interrupt
from ovm.metal import simulate, u8, u32
from tests.core.machine import GIC, TICKS_PER_SECOND, UART, Machine, machine, write

NOW, END = 5_000_000, 70_000_000
ROUND, PART = TICKS_PER_SECOND // alarm.HOUSEKEEPING_HZ, TICKS_PER_SECOND // alarm.PARTS_HZ
FULL = 1 << 5  # a PL011 whose FIFO takes no more (DDI0183 3.3.3)


class Words:
    """Registers that nobody may touch."""

    def read(self, offset: int, size: int) -> int:
        raise AssertionError(f"read {offset:#x}")

    def write(self, offset: int, size: int, value: int) -> None:
        raise AssertionError(f"write {offset:#x}")


def keep(made: Machine, now: int = NOW, end: int = END) -> int:
    """Do a part of housekeeping; when the next is due."""
    from ovm.abi.config import CoreConfig

    write(made.view(CoreConfig, "ovm.core.config.CONFIG"), run_ticks_low=end)
    made.call(alarm.housekeeping, now & 0xFFFF_FFFF)
    return int(made.view_cpu().housekeeping_at)


def test_with_nothing_to_do_it_waits_for_the_end() -> None:
    with machine() as made:
        assert keep(made) == END
        assert keep(made, end=0) >= 1 << 63


@pytest.mark.parametrize("full", [True, False])
def test_text_that_the_uart_does_not_take_is_looked_after_soon(full: bool) -> None:
    with machine() as made:
        if full:
            made.memory.write(UART + 0x18, FULL.to_bytes(4, "little"))
        for byte in b"a line\n":
            made.call(console.console_put, 0, byte)
        assert keep(made) == (NOW + ROUND if full else END)


def test_each_hard_guest_is_a_part_and_rounds_go_on() -> None:
    with machine(Level.HRT, Level.SRT, Level.HRT) as made:
        assert [keep(made) - NOW for _ in range(4)] == [PART, PART, ROUND, PART]
        made.view_cpu().part = u32(0)
        write(made.vcpu(0), state=GuestState.EXITED)
        write(made.vcpu(2), state=GuestState.STOPPED)
        assert keep(made) == END


def test_no_part_is_later_than_the_end() -> None:
    with machine(Level.HRT) as made:
        assert [keep(made, END - 7) for _ in range(3)] == [END, END, END]


@pytest.mark.parametrize(("waits", "sent"), [(0, 16), (1 << 6, 1)], ids=["no alarm", "another alarm"])
def test_the_interrupt_is_ended_before_housekeeping_which_gives_way(waits: int, sent: int) -> None:
    """Else ISR would show no other while housekeeping works."""
    with machine() as made:
        record, ended = made.queue(OVM_QUEUE), []
        for at, byte in enumerate(b"a line that is longer than a step\n"):
            record.ring[at] = u8(byte)
        record.head = u32(34)
        made.view(Output, "ovm.core.output.OUTPUT").waiting[u32(0)] = u32(1 << OVM_QUEUE)
        for index in range(2):
            write(made.vcpu(index), state=GuestState.WAITING)
        write(made.view_cpu(), current=NOBODY, housekeeping_at=0)
        made.memory.write(GIC + 0x0C, (29).to_bytes(4, "little"))
        read = made.processor.cp15_read

        def look(encoding: int) -> int:
            if encoding != cp15.key_of(cp15.ISR):
                return read(encoding)
            ended.append(int.from_bytes(made.memory.read(GIC + 0x10, 4), "little"))
            return waits

        made.processor.cp15_read = look  # type: ignore[method-assign]
        # As for a CPU that has slept.
        assert made.call(interrupt, made.vcpu()) == 0
        assert set(ended) == {29}
        assert int(record.tail) == sent


@pytest.mark.parametrize("identity", [1020, 1021, 1022, 1023])
def test_no_interrupt_is_served_where_none_is_pending(identity: int) -> None:
    """1020 to 1023 are answers, not interrupts (IHI0048 3.2.5): ending one would be an error."""
    with simulate.simulate(devices=[(GIC, 0x100, Words())]) as made:
        write(CONFIG, gic_cpu_phys=GIC)
        alarm.interrupt_serve(u32(identity))
        assert not CPUS[u32(0)].served and not CPUS[u32(0)].reschedule
        assert made.log == []
