# SPDX-License-Identifier: Apache-2.0
"""Calls that every SMCCC service has, and the standard service's PSCI (DEN0028 6, DEN0022 5)."""

from typing import Final

from ovm.abi import hypercalls
from ovm.abi.config import GuestState
from ovm.abi.hypercalls import (
    CALL_COUNT,
    CALL_UID,
    CONSOLE_READ,
    FAST_CALL,
    NOT_SUPPORTED,
    OWNER_HYPERVISOR,
    PSCI_CPU_OFF,
    PSCI_FEATURES,
    PSCI_SYSTEM_OFF,
    PSCI_SYSTEM_RESET,
    PSCI_VERSION,
    REVISION,
    SUCCESS,
)
from ovm.core.config import INPUT
from ovm.core.hypercall.console import console_read
from ovm.core.lifecycle import guest_ended
from ovm.core.vcpu import Vcpu
from ovm.metal import fn, u32, unroll

_NUMBER: Final = 0x00FF_FFFF
COUNT_NUMBER: Final = CALL_COUNT & _NUMBER
UID_NUMBER: Final = CALL_UID & _NUMBER
REVISION_NUMBER: Final = REVISION & _NUMBER
READ_NUMBER: Final = CONSOLE_READ & _NUMBER
VERSION_NUMBER: Final = PSCI_VERSION & _NUMBER
CPU_OFF_NUMBER: Final = PSCI_CPU_OFF & _NUMBER
SYSTEM_OFF_NUMBER: Final = PSCI_SYSTEM_OFF & _NUMBER
SYSTEM_RESET_NUMBER: Final = PSCI_SYSTEM_RESET & _NUMBER
FEATURES_NUMBER: Final = PSCI_FEATURES & _NUMBER

# Vendor calls that OVM knows: those in the table, and the three below.
_VENDOR_CALL: Final = FAST_CALL | OWNER_HYPERVISOR
KNOWN_CALLS: Final = len({each for each in vars(hypercalls).values() if type(each) is int and each & ~_NUMBER == _VENDOR_CALL})
REVISION_MAJOR: Final = 0
REVISION_MINOR: Final = 1
# PSCI 0.2.
PSCI_REVISION: Final = 0x0000_0002
STANDARD_CALLS: Final = (PSCI_VERSION, PSCI_CPU_OFF, PSCI_SYSTEM_OFF, PSCI_SYSTEM_RESET, PSCI_FEATURES)
# OVM's UUID, as four words (DEN0028 6.2.2).
UUID: Final = (0x4D56_4F4F, 0x7450_11E6, 0xA9C0_9F3E, 0x0A9A_5EC1)


@fn(inline=False)
def call_vendor(vcpu: Vcpu, number: u32) -> None:
    """Answer the calls about the service itself; anything else is not supported."""
    if number == COUNT_NUMBER:
        vcpu.registers[0] = KNOWN_CALLS
    elif number == UID_NUMBER:
        vcpu.registers[0] = u32(UUID[0])
        vcpu.registers[1] = u32(UUID[1])
        vcpu.registers[2] = u32(UUID[2])
        vcpu.registers[3] = u32(UUID[3])
    elif number == REVISION_NUMBER:
        vcpu.registers[0] = REVISION_MAJOR
        vcpu.registers[1] = REVISION_MINOR
    elif INPUT and number == READ_NUMBER:
        console_read(vcpu)
    else:
        vcpu.registers[0] = NOT_SUPPORTED


@fn
def _ends_guest(number: u32) -> bool:
    ends = False
    for last in unroll((CPU_OFF_NUMBER, SYSTEM_OFF_NUMBER, SYSTEM_RESET_NUMBER)):
        if number == last:
            ends = True
    return ends


@fn(inline=False)
def call_standard(vcpu: Vcpu, number: u32) -> None:
    """Answer PSCI for a machine of one CPU: switching it off ends the guest; a reset does, too."""
    if number == VERSION_NUMBER:
        vcpu.registers[0] = PSCI_REVISION
    elif _ends_guest(number):
        guest_ended(vcpu, GuestState.EXITED, 0)
    elif number == FEATURES_NUMBER:
        vcpu.registers[0] = NOT_SUPPORTED
        for known in unroll(STANDARD_CALLS):
            if vcpu.registers[1] == known:
                vcpu.registers[0] = SUCCESS
    else:
        vcpu.registers[0] = NOT_SUPPORTED
