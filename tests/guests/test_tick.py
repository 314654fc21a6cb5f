# SPDX-License-Identifier: Apache-2.0
"""`tick` keeps its registers, its semaphores and its deadlines, wherever it is preempted."""

import contextlib
import re
from typing import Any

import pytest
from unicorn import UC_HOOK_BLOCK, Uc, UcError
from unicorn.arm_const import UC_ARM_REG_PC, UC_ARM_REG_R2

from guests.metal_image import expected, metal_image
from guests.mmu_stand_in import MmuStandIn
from ovm.abi import hypercalls as abi

# Ticks that pass with each basic block: work costs time here, and the timer interrupts it anywhere.
BLOCK_TICKS = 8


class Preemptive(MmuStandIn):
    """Time passes with the code that runs, and the timer interrupts it between any two basic blocks."""

    def __init__(self, image: bytes, **options: Any) -> None:
        super().__init__(image, **options)
        self.preempted_at: list[int] = []
        self.uc.hook_add(UC_HOOK_BLOCK, self._on_block)

    def _on_block(self, uc: Uc, place: int, _size: int, _data: object) -> None:
        self.advance(BLOCK_TICKS)
        if self._deliverable():
            self.preempted_at.append(place)
            uc.emu_stop()

    def _deliverable(self) -> bool:
        pending = self.page_read("irq_pending") & self.page_read("irq_enabled")
        return bool(pending) and not self.page_read("irq_masked")

    def emulate(self) -> None:
        start = self.entry
        while self.outcome.status is None:
            with contextlib.suppress(UcError):
                self.uc.emu_start(start, 0xFFFF_FFFC)
            self.take_pending()
            start = int(self.uc.reg_read(UC_ARM_REG_PC))


class LosesARegister(Preemptive):
    """A hypervisor that forgets r2 when it interrupts."""

    def take_pending(self) -> None:
        if self._deliverable():
            self.uc.reg_write(UC_ARM_REG_R2, 0)
        super().take_pending()


@pytest.mark.parametrize("checked", [False, True], ids=["release", "checked"])
def test_it_keeps_its_deadlines(checked: bool) -> None:
    guest = Preemptive(metal_image("tick", checked=checked), arguments=(1,), ticks_per_us=8)
    outcome = guest.run()
    assert outcome.status == 0
    lines = outcome.console.splitlines()
    assert all(re.fullmatch(pattern, line) for pattern, line in zip(expected("tick"), lines, strict=True))
    # A second holds 500 samples, as many averages, 200 of control and 50 of log.
    assert outcome.reports[abi.REPORT_DEADLINES_MET] == pytest.approx(1250, abs=6)
    assert outcome.reports[abi.REPORT_DEADLINES_MISSED] == 0
    assert outcome.reports[abi.REPORT_CHECKS_PASSED] == pytest.approx(800, abs=6)
    assert outcome.reports[abi.REPORT_CHECKS_FAILED] == 0
    assert len(guest.preempted_at) > 50


def test_a_lost_register_is_noticed() -> None:
    outcome = LosesARegister(metal_image("tick"), arguments=(1,), ticks_per_us=8).run()
    assert outcome.status == 1
    assert outcome.reports[abi.REPORT_CHECKS_FAILED] > 0


def test_too_much_work_misses_deadlines() -> None:
    outcome = Preemptive(metal_image("tick"), arguments=(1,), ticks_per_us=2).run()
    assert outcome.reports[abi.REPORT_DEADLINES_MISSED] > 0
    assert outcome.reports[abi.REPORT_CHECKS_FAILED] == 0
