# SPDX-License-Identifier: Apache-2.0
"""`beat` writes down each activation, and says when one was missed."""

import re
import struct

from unicorn.arm_const import UC_ARM_REG_R0

from ovm.abi import hypercalls as abi
from tests.guests.metal_image import expected, metal_image
from tests.guests.stand_in import CALL_TICKS, StandIn

ACTIVATIONS, PERIOD_US = 10, 20


class Late(StandIn):
    """Delivers one wake-up late by a whole period."""

    late_at = 20
    waits = 0

    def hypercall(self) -> None:
        if self.uc.reg_read(UC_ARM_REG_R0) == abi.WAIT:
            self.waits += 1
        super().hypercall()
        if self.waits == self.late_at:
            self.waits += 1
            self.advance(PERIOD_US * self.ticks_per_us)


def samples(data: bytes) -> list[tuple[int, int]]:
    return list(struct.iter_unpack("<II", data))


def test_every_activation_is_written_down() -> None:
    machine = StandIn(metal_image("beat"), ram_bytes=1 << 20, arguments=(ACTIVATIONS, PERIOD_US))
    region = machine.add_region(bytes(8 * ACTIVATIONS + 8), writable=True)
    outcome = machine.run()
    # Here time passes in hypercalls alone: one from waking to the first look, one to the second.
    assert samples(region.data) == [(CALL_TICKS, 2 * CALL_TICKS)] * ACTIVATIONS + [(0, 0)]
    assert outcome.status == 0
    assert outcome.reports[abi.REPORT_BYTES_OUT] == 8 * ACTIVATIONS
    assert outcome.reports[abi.REPORT_DEADLINES_MISSED] == 0
    pattern = next(line for line in expected("beat") if not line.startswith("#"))
    assert re.fullmatch(pattern, outcome.console.splitlines()[-1])


def test_a_late_wake_up_is_a_missed_deadline() -> None:
    machine = Late(metal_image("beat"), ram_bytes=1 << 20, arguments=(ACTIVATIONS, PERIOD_US))
    region = machine.add_region(bytes(8 * ACTIVATIONS), writable=True)
    outcome = machine.run()
    assert outcome.status == 1
    assert outcome.reports[abi.REPORT_DEADLINES_MISSED] == 1
    assert max(late for late, _ in samples(region.data)) > PERIOD_US * machine.ticks_per_us


def test_it_needs_room_for_its_samples() -> None:
    assert StandIn(metal_image("beat"), ram_bytes=1 << 20).run().status == 2
