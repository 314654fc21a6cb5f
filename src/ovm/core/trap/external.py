# SPDX-License-Identifier: Apache-2.0
"""External aborts, by which the bus refuses an access. With SCR.EA = 1 all of them come to Monitor.

No mapping that OVM makes leads to such an address unless the description gives the guest a device that isn't there. An
imprecise abort belongs to the guest during whose turn it arrives: every switch ends with a DSB, so it can't be the previous
guest's. The guest is stopped; its pc may be past the cause.
"""

from typing import Final

from ovm.arm.control import SCR_EA, SCR_FIQ, SCR_IRQ, SCR_NS
from ovm.arm.cp15 import DFAR, DFSR, SCR
from ovm.core.leave import leave
from ovm.core.report import STOP_EXTERNAL_ABORT, guest_stop
from ovm.core.vcpu import Vcpu
from ovm.metal import VirtAddr, cp15_read, cp15_write, fn, isb

SECURE_VIEW: Final = SCR_EA | SCR_FIQ | SCR_IRQ


@fn(inline=False)
def external_abort(vcpu: Vcpu) -> VirtAddr:
    """Stop the guest. An abort taken to Monitor leaves its syndrome in the Secure bank (ARM B3.13.3)."""
    vcpu.counters.monitor_calls += 1
    # ORDER: each change of SCR is followed by ISB before a register of the chosen bank is used.
    cp15_write(SCR, SECURE_VIEW)
    isb()
    status = cp15_read(DFSR)
    address = cp15_read(DFAR)
    cp15_write(SCR, SECURE_VIEW | SCR_NS)
    isb()
    guest_stop(vcpu, STOP_EXTERNAL_ABORT, status, address)
    return leave(vcpu)
