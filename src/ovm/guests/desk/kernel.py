# SPDX-License-Identifier: Apache-2.0
"""The kernel: its work between a virtual exception and the return from it.

Every entry saves the program's registers into its process, handles the exception, chooses the next process and loads its
registers. An exception in the kernel itself is the kernel's end.
"""

from typing import Final, Never

from ovm.abi.vcpu_page import BANK_ABORT, BANK_IRQ, BANK_SVC, BANK_UNDEF, BANK_USER
from ovm.arm.faults import FSR_WRITE
from ovm.arm.psr import MODE_USR, PSR_MODE
from ovm.guests.desk.calls import serve
from ovm.guests.desk.process import (
    NOBODY,
    TABLE,
    current_process,
    is_ready,
    process_choose,
    process_end,
    process_enter,
    processes_reap,
)
from ovm.guests.desk.services import KILLED, Vector
from ovm.guests.desk.space import space_fault
from ovm.guests.desk.totals import TOTALS, finish
from ovm.guests.lib.console import leave, write_line
from ovm.guests.lib.line import Line, put_decimal, put_hex, put_text
from ovm.guests.lib.vcpu import acknowledge, now, set_timer, ticks_of_microseconds, vcpu_page
from ovm.metal import Array, Struct, VirtAddr, array, fn, text, u32

SLICE_US: Final = 2000
_FAULT_STATUS: Final = 0x60


class Frame(Struct):
    """Registers as an entry stores them and as the return loads them."""

    general: Array[u32] = array(u32, 13)
    pc: u32


@fn
def bank_of(vector: Vector) -> u32:
    """Return the register bank of the mode that an exception is taken in."""
    match vector:
        case Vector.UNDEFINED:
            return BANK_UNDEF
        case Vector.SERVICE:
            return BANK_SVC
        case Vector.INTERRUPT:
            return BANK_IRQ
        case _:
            return BANK_ABORT


@fn
def save(frame: Frame, bank: u32) -> None:
    """Keep the program's registers."""
    page = vcpu_page()
    registers = current_process().registers
    for index in u32.range(13):
        registers.general[index] = frame.general[index]
    registers.pc = frame.pc
    registers.sp = page.sp[BANK_USER]
    registers.lr = page.lr[BANK_USER]
    registers.psr = page.spsr[bank]


@fn
def load(frame: Frame, bank: u32) -> None:
    """Put the current process's registers where the return loads them."""
    page = vcpu_page()
    registers = current_process().registers
    for index in u32.range(13):
        frame.general[index] = registers.general[index]
    page.return_r0 = registers.general[0]
    page.return_pc = registers.pc
    page.sp[BANK_USER] = registers.sp
    page.lr[BANK_USER] = registers.lr
    page.spsr[bank] = registers.psr


@fn
def on_exception(frame: Frame, vector: Vector) -> None:
    """Handle an exception; the entry code calls this with the saved registers."""
    page = vcpu_page()
    bank = bank_of(vector)
    if page.spsr[bank] & PSR_MODE != MODE_USR:
        die(vector, frame.pc)
    save(frame, bank)
    match vector:
        case Vector.SERVICE:
            serve()
        case Vector.INTERRUPT:
            on_interrupt()
        case Vector.DATA_ABORT:
            if not space_fault(current_process().space, VirtAddr(page.dfar), page.dfsr & FSR_WRITE != 0):
                kill(vector)
        case _:
            kill(vector)
    go_on(frame, bank)


@fn
def go_on(frame: Frame, bank: u32) -> None:
    """Let the current process continue, or another one when its turn is over or it can't."""
    if TABLE.turn_over or not is_ready():
        TABLE.turn_over = False
        chosen = process_choose()
        if chosen == NOBODY:
            finish()
        process_enter(chosen)
        processes_reap()
    load(frame, bank)


@fn
def on_interrupt() -> None:
    """End the turn: only the timer interrupts."""
    acknowledge()
    start_slice()
    TABLE.turn_over = True
    TOTALS.slices += 1


@fn
def start_slice() -> None:
    """Set the timer to the end of a turn."""
    set_timer(now() + ticks_of_microseconds(SLICE_US))


@fn
def kill(vector: Vector) -> None:
    """End the current process because of its exception."""
    TOTALS.killed += 1
    process_end(vector.raw + KILLED)


@fn
def die(vector: Vector, place: u32) -> Never:
    """Report an exception of the kernel's own, and end."""
    page = vcpu_page()
    line = Line()
    put_text(line, text("kernel exception "))
    put_decimal(line, vector.raw, 0)
    put_text(line, text(" at "))
    put_hex(line, place)
    put_text(line, text(", data fault "))
    put_hex(line, page.dfsr)
    put_text(line, text(" at "))
    put_hex(line, page.dfar)
    write_line(line)
    leave(_FAULT_STATUS)
