# SPDX-License-Identifier: Apache-2.0
"""CPU 0's side of HRT guests: their console, their figures and their end, read from the HrtPage, without interrupting them.

The guest writes its page from its own CPU; this side reads it from CPU 0. Nothing that is read is trusted: indices are clamped,
characters go through the same filter as those of other guests.
"""

from typing import Final

from ovm.abi.config import GuestState
from ovm.abi.hypercalls import REPORT_KEYS
from ovm.abi.vcpu_page import HrtPage
from ovm.core.console import LINE_BYTES, console_put, console_room
from ovm.core.cpu import CPUS, HARD_CPU
from ovm.core.lifecycle import guest_ended
from ovm.core.record import field_address, field_word, record_about, record_end
from ovm.core.vcpu import PC, Vcpu, guest_of
from ovm.metal import dmb, fn, overlay, text, u32

CONSOLE_BYTES: Final = 4096
# Characters fetched at one time: a thousand times a second, this is more than the UART sends.
FETCH_BYTES: Final = 16
CPU_PARKED: Final = 2
# Parked after its watchdog has reset it.
CPU_RESET: Final = 3


@fn
def page_of_hard(vcpu: Vcpu) -> HrtPage:
    """Return the guest's page."""
    # SAFETY: boot set the address from the configuration; it lies in the guest's fixed RAM.
    return overlay(HrtPage, vcpu.page)


@fn
def _fetch(vcpu: Vcpu) -> bool:
    """Fetch a bounded part of the guest's output, for which its queue has room; return whether that was all."""
    page = page_of_hard(vcpu)
    head = page.console_head
    # ORDER: the characters that were written before head.
    dmb()
    tail = page.console_tail
    if head - tail > CONSOLE_BYTES:
        tail = head - CONSOLE_BYTES
    for _ in u32.range(FETCH_BYTES):
        if tail == head or console_room(vcpu.guest) < LINE_BYTES + 2:
            break
        word = page.console[tail % CONSOLE_BYTES // 4]
        console_put(vcpu.guest, word >> (tail % 4 * 8) & 0xFF)
        tail += 1
    # ORDER: the characters are read before the guest may overwrite them.
    dmb()
    page.console_tail = tail
    return tail == head


@fn
def hard_drain(vcpu: Vcpu) -> None:
    """Fetch the guest's output, and note its end."""
    parked = CPUS[HARD_CPU].state >= CPU_PARKED
    # ORDER: a guest that finishes writes so, and then its CPU parks: parked without that note means that the guest was stopped.
    dmb()
    finished = page_of_hard(vcpu).finished
    # ORDER: all that was printed and counted before the end.
    dmb()
    if not _fetch(vcpu):
        return
    if finished != 0:
        hard_figures(vcpu)
        guest_ended(vcpu, GuestState.EXITED, page_of_hard(vcpu).exit_status)
    elif parked:
        hard_figures(vcpu)
        hard_stopped(vcpu)
        guest_ended(vcpu, GuestState.STOPPED, 0)


@fn
def hard_stopped(vcpu: Vcpu) -> None:
    """Print why a guest was stopped: an external abort, which its CPU takes to Monitor, or a reset of that CPU."""
    record_about(vcpu.guest, text("stopped"))
    field_word(text("why"), text("watchdog") if CPUS[HARD_CPU].state == CPU_RESET else text("external-abort"))
    field_address(text("pc"), vcpu.registers[PC])
    field_address(text("psr"), vcpu.psr)
    field_address(text("address"), vcpu.dfar)
    field_address(text("status"), vcpu.dfsr)
    record_end()


@fn
def hard_listen(vcpu: Vcpu) -> bool:
    """Fetch a part of the guest's output until the end of the run, and its figures; return whether that was all."""
    hard_figures(vcpu)
    return _fetch(vcpu)


@fn
def hard_figures(vcpu: Vcpu) -> None:
    """Copy the guest's figures."""
    page = page_of_hard(vcpu)
    guest_of(vcpu).report_valid = page.report_valid & ((1 << REPORT_KEYS) - 1)
    for key in u32.range(REPORT_KEYS):
        guest_of(vcpu).report[key] = page.report[key]
