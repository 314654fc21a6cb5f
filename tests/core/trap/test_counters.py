# SPDX-License-Identifier: Apache-2.0
"""Each trap counts once, as what it is and as what came of it: summaries and `run.json` show these numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ovm.abi import hypercalls as abi
from ovm.arm import cp15
from ovm.core.trap import abort, external, interrupt, supervisor_call, undefined
from ovm.core.virtual import exception
from ovm.metal import u32
from tests.core.machine import ENTRY, Machine, machine, write

USR, SVC = 0x10, 0x13
SMC, UDF, MRS_SPSR = 0xE160_0070, 0xE7F0_00F0, 0xE14F_2000
NAMES = (
    "supervisor_calls", "system_calls", "data_aborts", "prefetch_aborts", "undefined", "emulated", "emulated_calls", "exceptions",
    "interrupts", "monitor_calls", "fast_interrupts", "refusals",
)  # fmt: skip


def trap(handler: object, mode: int = SVC, code: int = UDF, r0: int = 0, status: int = 0) -> Callable[[Machine], None]:
    """Return what lets a guest trap at an instruction."""

    def happen(made: Machine) -> None:
        made.guest_write(ENTRY, code.to_bytes(4, "little"))
        write(made.vcpu(), mode=mode, privileged=int(mode != USR), psr=0x10)
        made.vcpu().registers[0] = u32(r0)
        made.vcpu().registers[15] = u32(ENTRY + (8 if handler is abort.data_abort else 4))
        for register in (cp15.DFSR, cp15.IFSR):
            made.processor.cp15[cp15.key_of(register)] = status
        for register in (cp15.DFAR, cp15.IFAR):
            made.processor.cp15[cp15.key_of(register)] = 0x7000_0010
        made.call(handler, made.vcpu())

    return happen


CALL = supervisor_call.supervisor_call
EXPECTED = {
    "a hypercall": (trap(CALL, r0=abi.NULL), {"supervisor_calls": 1}),
    "no hypercall": (trap(CALL, r0=5), {"supervisor_calls": 1, "system_calls": 1, "exceptions": 1}),
    "a system call": (trap(CALL, USR, r0=abi.NULL), {"supervisor_calls": 1, "system_calls": 1, "exceptions": 1}),
    "a hypercall by SMC": (
        trap(undefined.undefined, code=SMC, r0=abi.NULL),
        {"undefined": 1, "emulated": 1, "emulated_calls": 1},
    ),
    "an emulated instruction": (trap(undefined.undefined, code=MRS_SPSR), {"undefined": 1, "emulated": 1}),
    "an undefined instruction": (trap(undefined.undefined), {"undefined": 1, "exceptions": 1}),
    "a refused load": (trap(abort.data_abort, status=5), {"data_aborts": 1, "exceptions": 1, "refusals": 1}),
    "a load that isn't aligned": (trap(abort.data_abort, status=1), {"data_aborts": 1, "exceptions": 1}),
    "a refused fetch": (trap(abort.prefetch_abort, status=5), {"prefetch_aborts": 1, "exceptions": 1, "refusals": 1}),
    "a breakpoint": (trap(abort.prefetch_abort, status=2), {"prefetch_aborts": 1, "exceptions": 1}),
    "an external abort": (trap(external.external_abort), {"monitor_calls": 1}),
    "an interrupt of OVM": (trap(interrupt.interrupt), {"fast_interrupts": 1}),
    "an interrupt": (trap(exception.take_interrupt), {"interrupts": 1, "exceptions": 1}),
}


@pytest.mark.parametrize("what", EXPECTED)
def test_what_a_trap_counts(what: str) -> None:
    happen, expected = EXPECTED[what]
    with machine() as made:
        write(made.vcpu(), vbar=0x2000)
        before = {name: int(getattr(made.vcpu().counters, name)) for name in NAMES}
        happen(made)
        counted = {name: int(getattr(made.vcpu().counters, name)) - value for name, value in before.items()}
        assert {name: count for name, count in counted.items() if count} == expected
