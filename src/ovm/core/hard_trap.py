# SPDX-License-Identifier: Apache-2.0
"""What an HRT guest's CPU does in Monitor: answers a few hypercalls, parks, stops the guest after an external abort.

This code runs on the guest's own CPU and shares nothing with CPU 0 but the guest's page and the words below, each
with one writer. So it prints nothing; CPU 0 reports.
"""

from typing import Final, Never

from ovm.abi.hypercalls import (
    EXIT,
    NOT_SUPPORTED,
    NULL,
    PSCI_VERSION,
    REVISION,
    SUCCESS,
    TIME,
)
from ovm.arm.control import SCR_EA, SCR_FIQ
from ovm.arm.cp15 import DFAR, DFSR, SCR
from ovm.core.clock import global_time
from ovm.core.config import CONFIG
from ovm.core.cpu import CPUS
from ovm.core.finish import park
from ovm.core.gic import INTERRUPT_ID, SGI_PARK, SPURIOUS, acknowledge, end
from ovm.core.hard import CPU_PARKED, page_of_hard
from ovm.core.vcpu import PC, VCPUS
from ovm.metal import Array, Struct, array, cp15_read, cp15_write, dsb, fn, isb, u32

PSCI_0_2: Final = 2
HARD_CPU: Final = 1


class HardFrame(Struct):
    """r0-r12 of the guest, and where it goes on."""

    registers: Array[u32] = array(u32, 13)
    link: u32


@fn
def hard_park() -> Never:
    """Stop this CPU for good, and say so."""
    # ORDER: what was written about the guest is visible before the state.
    dsb()
    CPUS[HARD_CPU].state = u32(CPU_PARKED)
    park()


@fn(inline=False)
def hard_call(frame: HardFrame) -> None:
    """Answer a hypercall."""
    vcpu = VCPUS[CPUS[HARD_CPU].current]
    vcpu.counters.monitor_calls += 1
    match frame.registers[0]:
        case 0x86000000:
            frame.registers[0] = u32(SUCCESS)
        case 0x86000002:
            time = global_time()
            frame.registers[0] = u32(SUCCESS)
            frame.registers[1] = u32(time)
            frame.registers[2] = u32(time >> 32)
            frame.registers[3] = CONFIG.timer_hz // 1_000_000
        case 0x86000007:
            page_of_hard(vcpu).finished = frame.registers[1] + 1
            hard_park()
        case 0x8600FF03:
            frame.registers[0] = u32(0)
            frame.registers[1] = u32(1)
        case 0x84000000:
            frame.registers[0] = u32(PSCI_0_2)
        case _:
            frame.registers[0] = u32(NOT_SUPPORTED)


@fn(inline=False)
def hard_interrupt() -> None:
    """Serve a group 0 interrupt: on this CPU only the order to park is one."""
    VCPUS[CPUS[HARD_CPU].current].counters.fast_interrupts += 1
    acknowledged = acknowledge()
    if acknowledged & INTERRUPT_ID >= SPURIOUS:
        return
    end(acknowledged)
    if acknowledged & INTERRUPT_ID == SGI_PARK:
        hard_park()


@fn(inline=False)
def hard_abort(link: u32, psr: u32) -> Never:
    """Stop the guest after an external abort; CPU 0 finds the state and reports it."""
    vcpu = VCPUS[CPUS[HARD_CPU].current]
    vcpu.registers[PC] = link
    vcpu.psr = psr
    # ORDER: an abort taken to Monitor left its syndrome in the Secure bank; ISB after the change of SCR (ARM B3.13.3).
    cp15_write(SCR, u32(SCR_EA | SCR_FIQ))
    isb()
    vcpu.dfsr = cp15_read(DFSR)
    vcpu.dfar = cp15_read(DFAR)
    hard_park()


# The cases above, by name: checked by tests/core/test_hard_trap.py.
CASES: Final = (NULL, TIME, EXIT, REVISION, PSCI_VERSION)
