# SPDX-License-Identifier: Apache-2.0
"""External aborts: the guest is stopped, and Monitor goes on in the Non-secure bank."""

from ovm.abi.config import GuestState
from ovm.arm import cp15
from ovm.arm.control import SCR_NS
from ovm.core.alarm import housekeeping
from ovm.core.report import STOP_PARTS
from ovm.core.trap.external import SECURE_VIEW, external_abort
from ovm.metal import u32
from tests.core.machine import ENTRY, Processor, machine

PRECISE = 0x008


class Banked(Processor):
    """With a syndrome of each world, which SCR.NS chooses (ARM B3.15.3)."""

    def cp15_read(self, encoding: int) -> int:
        secure = not self.cp15.get(cp15.key_of(cp15.SCR), SCR_NS) & SCR_NS
        syndrome = {cp15.key_of(cp15.DFSR): PRECISE, cp15.key_of(cp15.DFAR): 0x7000_0010}
        return syndrome[encoding] if secure and encoding in syndrome else super().cp15_read(encoding)


def test_the_syndrome_is_secure_and_what_follows_is_not() -> None:
    with machine() as made:
        made.program.handlers = made.processor = Banked()
        vcpu = made.vcpu()
        vcpu.registers[15] = u32(ENTRY)
        made.call(external_abort, vcpu)
        assert vcpu.state == GuestState.STOPPED
        assert made.processor.cp15[cp15.key_of(cp15.SCR)] == SECURE_VIEW | SCR_NS
        for _ in range(STOP_PARTS):
            made.call(housekeeping, 0)
        said = made.printed()
        assert b"address=0x70000010" in said and b"status=0x8" in said
