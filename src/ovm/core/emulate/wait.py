# SPDX-License-Identifier: Apache-2.0
"""Hints that reach OVM: WFI and WFE yield the CPU, the others do nothing (ARM B9.3.24)."""

from typing import Final

from ovm.abi.config import GuestState
from ovm.core.cpu import this_cpu
from ovm.core.emulate.outcome import Emulated
from ovm.core.vcpu import Vcpu
from ovm.core.virtual.interrupt import interrupt_waits
from ovm.metal import fn, u32

HINT_WFE: Final = 2
HINT_WFI: Final = 3


@fn
def wait_instruction(vcpu: Vcpu, hint: u32) -> Emulated:
    """Emulate a hint. WFE may end at any time, so it only lets the scheduler choose again."""
    if hint == HINT_WFI and not interrupt_waits(vcpu):
        vcpu.state = GuestState.WAITING
        this_cpu().reschedule = True
    elif hint == HINT_WFE:
        this_cpu().reschedule = True
    return Emulated.DONE
