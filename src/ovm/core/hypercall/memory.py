# SPDX-License-Identifier: Apache-2.0
"""BALLOON_RELEASE."""

from ovm.core.memory.balloon import balloon_release
from ovm.core.vcpu import Vcpu
from ovm.metal import GuestPhysAddr, fn


@fn
def balloon(vcpu: Vcpu) -> None:
    """BALLOON_RELEASE: r1 = guest-physical address, r2 = pages."""
    vcpu.registers[0] = balloon_release(vcpu, GuestPhysAddr(vcpu.registers[1]), vcpu.registers[2])
