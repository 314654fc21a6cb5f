# SPDX-License-Identifier: Apache-2.0
"""The work of an HRT guest's CPU in Monitor: it answers a few hypercalls, parks, passes external aborts on or stops the guest.

This code runs on the guest's own CPU and shares nothing with CPU 0 but the guest's page and the words below, each
with one writer. So it prints nothing; CPU 0 reports.
"""

from typing import Final, Never

from ovm.abi import hypercalls
from ovm.abi.hypercalls import NOT_SUPPORTED, SUCCESS
from ovm.arm.control import SCR_EA, SCR_FIQ, SCR_NS, Sctlr
from ovm.arm.cp15 import DFAR, DFSR, IFAR, IFSR, SCR, SCTLR, VBAR
from ovm.arm.psr import (
    HIGH_VECTORS,
    MODE_ABT,
    MODE_MON,
    PSR_A,
    PSR_E,
    PSR_F,
    PSR_I,
    PSR_IT,
    PSR_MODE,
    PSR_T,
    PSR_USER,
    VECTOR_DATA_ABORT,
)
from ovm.core.clock import global_time
from ovm.core.config import CONFIG
from ovm.core.cpu import CPUS, HARD_CPU
from ovm.core.entry.banks import abort_bank_set
from ovm.core.finish import park
from ovm.core.gic import INTERRUPT_ID, SGI_PARK, SPURIOUS, acknowledge, cpu_interface, end
from ovm.core.hard import CPU_PARKED, page_of_hard
from ovm.core.vcpu import PC, VCPUS
from ovm.metal import Array, Struct, array, cp15_read, cp15_write, dsb, fn, isb, u32

PSCI_0_2: Final = 2


class HardFrame(Struct):
    """r0-r12 of the guest, and the address at which it continues."""

    registers: Array[u32] = array(u32, 13)
    link: u32


@fn
def hard_park() -> Never:
    """Stop this CPU for ever, and note that."""
    # Otherwise an order to park that comes now would end WFI again and again.
    cpu_interface().control = 0
    # ORDER: the data about the guest is visible before the state.
    dsb()
    CPUS[HARD_CPU].state = CPU_PARKED
    park()


@fn(inline=False)
def hard_call(frame: HardFrame) -> None:
    """Answer a hypercall."""
    vcpu = VCPUS[CPUS[HARD_CPU].current]
    vcpu.counters.monitor_calls += 1
    match frame.registers[0]:
        case hypercalls.NULL:
            frame.registers[0] = SUCCESS
        case hypercalls.TIME:
            time = global_time()
            frame.registers[0] = SUCCESS
            frame.registers[1] = u32(time)
            frame.registers[2] = u32(time >> 32)
            frame.registers[3] = CONFIG.timer_hz // 1_000_000
        case hypercalls.EXIT:
            page_of_hard(vcpu).exit_status = frame.registers[1]
            page_of_hard(vcpu).finished = 1
            hard_park()
        case hypercalls.REVISION:
            frame.registers[0] = 0
            frame.registers[1] = 1
        case hypercalls.PSCI_VERSION:
            frame.registers[0] = PSCI_0_2
        case _:
            frame.registers[0] = NOT_SUPPORTED


@fn(inline=False)
def hard_interrupt() -> None:
    """Serve a group 0 interrupt: on this CPU only the order to park is one."""
    acknowledged = acknowledge()
    identity = acknowledged & INTERRUPT_ID
    if identity < SPURIOUS:
        end(acknowledged)
    if identity == SGI_PARK:
        # The run is over: this isn't counted as a cost of the guest.
        hard_park()
    VCPUS[CPUS[HARD_CPU].current].counters.fast_interrupts += 1


@fn
def _stop(link: u32, psr: u32, status: u32, address: u32) -> Never:
    """Stop the guest; CPU 0 finds the state and reports it."""
    vcpu = VCPUS[CPUS[HARD_CPU].current]
    vcpu.registers[PC] = link
    vcpu.psr = psr
    vcpu.dfsr = status
    vcpu.dfar = address
    hard_park()


@fn
def _handler(vector: u32) -> u32:
    """Return the address of the guest's own vector. SCR.NS = 1."""
    return (HIGH_VECTORS if Sctlr(cp15_read(SCTLR)).high_vectors else cp15_read(VBAR)) + vector


@fn
def _handler_psr(psr: u32) -> u32:
    """Return the PSR after entry into Abort mode from `psr` with SCR.AW = FW = 0 (ARM B1.8.3). SCR.NS = 1."""
    control = Sctlr(cp15_read(SCTLR))
    entered = psr & (PSR_USER & ~(PSR_T | PSR_E | PSR_IT) | PSR_A | PSR_F) | PSR_I | MODE_ABT
    if control.thumb_exceptions:
        entered |= PSR_T
    if control.big_endian_exceptions:
        entered |= PSR_E
    return entered


@fn(inline=False)
def hard_abort(frame: HardFrame, vector: u32, psr: u32) -> u32:
    """Give an external abort to the guest's own vectors if it takes them, as without OVM; else stop the guest.

    Returns the PSR with which to continue. The guest's page decides about this guest alone.
    """
    vcpu = VCPUS[CPUS[HARD_CPU].current]
    vcpu.counters.monitor_calls += 1
    # ORDER: an abort taken to Monitor left its syndrome in the Secure bank; ISB after the change of SCR (ARM B3.13.3).
    cp15_write(SCR, SCR_EA | SCR_FIQ)
    isb()
    data = vector == VECTOR_DATA_ABORT
    status = cp15_read(DFSR) if data else cp15_read(IFSR)
    address = cp15_read(DFAR) if data else cp15_read(IFAR)
    if psr & PSR_MODE == MODE_MON or page_of_hard(vcpu).takes_aborts == 0:
        _stop(frame.link, psr, status, address)
    vcpu.counters.refusals += 1
    abort_bank_set(frame.link, psr)
    cp15_write(SCR, SCR_EA | SCR_FIQ | SCR_NS)
    isb()
    if data:
        cp15_write(DFSR, status)
        cp15_write(DFAR, address)
    else:
        cp15_write(IFSR, status)
        cp15_write(IFAR, address)
    frame.link = _handler(vector)
    return _handler_psr(psr)
