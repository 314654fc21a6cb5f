# SPDX-License-Identifier: Apache-2.0
"""`still` guards its memory: it notices one changed word, and says so when it is told to stop."""

import re
from typing import Any

import pytest
from unicorn.arm_const import UC_ARM_REG_CPSR

from ovm.abi import hypercalls as abi
from ovm.abi.config import Level
from ovm.metal.build.elf import Elf
from tests.guests.metal_image import expected, metal_image
from tests.guests.stand_in import RAM_BASE, StandIn

RAM_BYTES = 1 << 20
SECOND = 100_000_000


@pytest.fixture(scope="module")
def image() -> bytes:
    return metal_image("still")


class Stopping(StandIn):
    """Asks the guest to stop at a time; before, may change a word of its memory."""

    def __init__(self, image: bytes, stop_at: int, changed: int | None = None, **options: Any) -> None:
        super().__init__(image, **options)
        # The guest asks the processor which mode it is really in; as under OVM that is User mode.
        self.uc.reg_write(UC_ARM_REG_CPSR, 0x10)
        self.stop_at = stop_at
        self.changed = changed

    def hypercall(self) -> None:
        if self.argument(0) == abi.WAIT and self.ticks >= self.stop_at:
            self.page_write("irq_pending", 1 << abi.INTERRUPT_STOP)
        elif self.argument(0) == abi.WAIT and self.changed is not None:
            old = int.from_bytes(self.uc.mem_read(self.changed, 4), "little")
            self.uc.mem_write(self.changed, (old ^ 1 << 17).to_bytes(4, "little"))
            self.changed = None
        super().hypercall()


@pytest.mark.parametrize("level", [Level.SRT, Level.NRT])
def test_whole_memory_is_found_whole(image: bytes, level: Level) -> None:
    outcome = Stopping(image, 3 * SECOND, level=level, ram_bytes=RAM_BYTES, arguments=(0, 1)).run()
    lines = outcome.console.splitlines()
    assert re.fullmatch(expected("still")[0], lines[0])
    assert lines[1:] == ["memory intact"]
    assert outcome.status == 0
    assert outcome.reports == {abi.REPORT_CHECKS_PASSED: 3}


def test_all_free_memory_is_filled(image: bytes) -> None:
    guest = Stopping(image, 0, ram_bytes=RAM_BYTES)
    guest.run()
    start = Elf(image).address_of("__image_end")
    words = memoryview(bytes(guest.uc.mem_read(start, RAM_BASE + RAM_BYTES - start))).cast("I")
    assert len(set(words)) == len(words)


@pytest.mark.parametrize("where", ["first", "last"])
def test_one_changed_bit_is_found(image: bytes, where: str) -> None:
    place = Elf(image).address_of("__image_end") if where == "first" else RAM_BASE + RAM_BYTES - 4
    outcome = Stopping(image, 2 * SECOND, place, ram_bytes=RAM_BYTES, arguments=(0, 1)).run()
    verdict = f"memory changed: 1 words, first at {place:#010x}"
    assert outcome.console.splitlines()[1:] == [verdict] * 3
    assert outcome.reports == {abi.REPORT_CHECKS_FAILED: 1}
    assert outcome.status == 1
