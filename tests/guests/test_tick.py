# SPDX-License-Identifier: Apache-2.0
"""`tick` keeps its registers, its semaphores and its deadlines, wherever it is preempted."""

import contextlib
import re
from typing import Any

import pytest
from unicorn import UC_HOOK_BLOCK, Uc, UcError
from unicorn.arm_const import UC_ARM_REG_PC, UC_ARM_REG_R0

from ovm.abi import hypercalls as abi
from ovm.guests.tick.application import Shared
from ovm.metal import offsetof
from ovm.metal.build.elf import Elf
from tests.guests.metal_image import expected, metal_image
from tests.guests.mmu_stand_in import MmuStandIn

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
            self.fault = None
            try:
                self.uc.emu_start(start, 0xFFFF_FFFC)
            except UcError:
                if self.outcome.status is not None:
                    return
                if self.fault is None:
                    raise
                # To stop, the emulator looks at the address where it would stop anyway: no fault of the guest's.
                if not self._deliverable():
                    self._abort(*self.fault)
            self.take_pending()
            start = int(self.uc.reg_read(UC_ARM_REG_PC))


class LosesARegister(Preemptive):
    """A hypervisor that forgets a register when it interrupts a task's work."""

    lost = 0

    def take_pending(self) -> None:
        if self._deliverable() and self.uc.reg_read(UC_ARM_REG_PC) in self.preempted_at:
            self.uc.reg_write(UC_ARM_REG_R0 + self.lost, 0)
        super().take_pending()


def test_it_keeps_its_deadlines() -> None:
    guest = Preemptive(metal_image("tick", checked=True), arguments=(1,), ticks_per_us=8)
    outcome = guest.run()
    assert outcome.status == 0
    lines = outcome.console.splitlines()
    assert all(re.fullmatch(pattern, line) for pattern, line in zip(expected("tick"), lines, strict=True))
    # A second holds 500 samples, as many averages, 200 of control and 50 of log.
    assert outcome.reports[abi.REPORT_DEADLINES_MET] == pytest.approx(1250, abs=20)
    assert outcome.reports[abi.REPORT_DEADLINES_MISSED] == 0
    assert outcome.reports[abi.REPORT_CHECKS_PASSED] == pytest.approx(800, abs=20)
    assert outcome.reports[abi.REPORT_CHECKS_FAILED] == 0
    assert len(guest.preempted_at) > 50


def failed_checks(image: bytes, lost: int) -> int:
    """Return how many checks fail in the first milliseconds when register `lost` is forgotten."""
    guest = LosesARegister(image, arguments=(1,), ticks_per_us=8)
    guest.lost = lost
    guest.most_ticks = 1_000_000
    with contextlib.suppress(TimeoutError):
        guest.run()
    shared = Elf(image).address_of("ovm.guests.tick.application.SHARED")
    return int.from_bytes(guest.uc.mem_read(shared + offsetof(Shared, "failed"), 4), "little")


def test_a_lost_register_is_noticed() -> None:
    """Some registers matter where the work is interrupted; the compiler chooses them."""
    image = metal_image("tick")
    assert any(failed_checks(image, register) for register in range(13))
