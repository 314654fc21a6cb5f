# SPDX-License-Identifier: Apache-2.0
"""BALLOON_RELEASE."""

from ovm.abi.hypercalls import SUCCESS
from ovm.core.clock import stays_count
from ovm.core.hypercall.console import call_again
from ovm.core.memory.balloon import BALLOON_PAGES, balloon_release
from ovm.core.memory.frames import FRAME_SHIFT
from ovm.core.vcpu import Vcpu
from ovm.metal import GuestPhysAddr, fn


@fn
def balloon(vcpu: Vcpu) -> None:
    """Handle BALLOON_RELEASE: r1 = guest-physical address, r2 = pages.

    The address counts up and the pages count down while the call is repeated.
    """
    stays_count()
    done = balloon_release(vcpu, GuestPhysAddr(vcpu.registers[1]), vcpu.registers[2])
    if done > BALLOON_PAGES:
        vcpu.registers[0] = done
    elif done == vcpu.registers[2]:
        vcpu.registers[0] = SUCCESS
    else:
        vcpu.registers[1] += done << FRAME_SHIFT
        vcpu.registers[2] -= done
        call_again(vcpu)
