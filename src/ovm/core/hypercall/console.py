# SPDX-License-Identifier: Apache-2.0
"""CONSOLE_WRITE, CONSOLE_READ and REPORT."""

from typing import Final

from ovm.abi.hypercalls import INVALID_PARAMETER, REPORT_KEYS, SUCCESS
from ovm.core.console import console_hold, console_put
from ovm.core.input import input_count, input_take
from ovm.core.schedule import alarm_for_output
from ovm.core.vcpu import Vcpu, guest_of
from ovm.metal import fn, u32

WRITE_BYTES: Final = 24
READ_BYTES: Final = 8


@fn
def call_again(vcpu: Vcpu) -> None:
    """Let the guest make the call again when it continues: its pc goes back there. Its registers hold the rest of the work."""
    vcpu.again = True


@fn
def console_write(vcpu: Vcpu) -> None:
    """Handle CONSOLE_WRITE: r1 = bytes, r2-r7 hold them. If its queue is full, an NRT guest waits, and calls again."""
    count = vcpu.registers[1]
    if count > WRITE_BYTES:
        vcpu.registers[0] = INVALID_PARAMETER
        return
    if console_hold(vcpu):
        call_again(vcpu)
        return
    for index in u32.range(count, bound=WRITE_BYTES):
        word = vcpu.registers[2 + index // 4]
        console_put(vcpu.guest, word >> (8 * (index % 4)) & 0xFF)
    vcpu.registers[0] = SUCCESS
    alarm_for_output()


@fn(inline=False)
def console_read(vcpu: Vcpu) -> None:
    """Handle CONSOLE_READ: r1 = most bytes; r1 = bytes taken, r2-r3 hold them. Without input there is none."""
    most = vcpu.registers[1]
    if most > READ_BYTES:
        vcpu.registers[0] = INVALID_PARAMETER
        return
    count = min(most, input_count(vcpu.guest))
    vcpu.registers[0] = SUCCESS
    vcpu.registers[1] = count
    vcpu.registers[2] = 0
    vcpu.registers[3] = 0
    for index in u32.range(count, bound=READ_BYTES):
        vcpu.registers[2 + index // 4] |= input_take(vcpu.guest) << (8 * (index % 4))


@fn
def report(vcpu: Vcpu) -> None:
    """Handle REPORT: r1 = key, r2 = value."""
    key = vcpu.registers[1]
    if key >= REPORT_KEYS:
        vcpu.registers[0] = INVALID_PARAMETER
        return
    guest_of(vcpu).report[key] = vcpu.registers[2]
    guest_of(vcpu).report_valid |= 1 << key
    vcpu.registers[0] = SUCCESS
