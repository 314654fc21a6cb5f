# SPDX-License-Identifier: Apache-2.0
"""Latencies are put together from the events of one CPU's timer."""

from ovm.board.api.events import KINDS, LAYOUT
from ovm.measure.interrupts import TIMER_INTERRUPT, Latencies

IRQ, FIQ = 0x18, 0x1C


def record(cycle: int, kind: str, first: int, second: int = 0, core: int = 1) -> bytes:
    return LAYOUT.pack(cycle, KINDS[kind], core, 0, first, second, 0)


def test_one_activation() -> None:
    found = Latencies(1)
    found.add(record(100, "interrupt", TIMER_INTERRUPT, 2, core=0) + record(140, "exception", IRQ | 0x12 << 8))
    found.add(record(155, "acknowledge", TIMER_INTERRUPT) + record(300, "return", 0x13) + record(310, "return", 0x13))
    assert (found.entry, found.service, found.whole, found.work) == ([40], [15], [55], [160])


def test_what_is_not_its_timer_does_not_count() -> None:
    found = Latencies(1)
    found.add(record(100, "interrupt", TIMER_INTERRUPT, 1) + record(140, "exception", IRQ) + record(150, "acknowledge", 29))
    found.add(record(200, "interrupt", 59, 2) + record(240, "exception", IRQ) + record(250, "acknowledge", 59))
    found.add(record(300, "interrupt", TIMER_INTERRUPT, 2) + record(340, "exception", FIQ) + record(350, "acknowledge", 29))
    found.add(record(400, "exception", IRQ, core=0) + record(410, "acknowledge", 29, core=0))
    assert found.whole == []
