# SPDX-License-Identifier: Apache-2.0
"""The start of desk: memory, MMU, processes, first turn.

The MMU is set up as in any kernel, with CP15 instructions, which trap; afterwards the hypercall CONTEXT_SET
switches spaces in one step.
"""

from typing import Final, Never

from ovm.abi.hypercalls import INTERRUPT_TIMER, REPORT_FILL_NS
from ovm.abi.vcpu_page import BANK_ABORT, BANK_IRQ, BANK_SVC, BANK_UNDEF
from ovm.arm.control import SCTLR_C, SCTLR_I, SCTLR_M, SCTLR_Z
from ovm.arm.cp15 import CONTEXTIDR, DACR, SCTLR, TLBIALL, TTBCR, TTBR0, TTBR1
from ovm.arm.descriptors import LEVEL1_ENTRIES
from ovm.guests.desk.entry import (
    FRAME_ADDRESS,
    PROGRAM_ADDRESS,
    PROGRAMS_END,
    PROGRAMS_START,
    VECTORS_ADDRESS,
    launch,
)
from ovm.guests.desk.frames import frames_initialise
from ovm.guests.desk.kernel import Frame, load, start_slice
from ovm.guests.desk.layout import DACR_CLIENTS, NEEDED_BYTES, SECTION, TTBCR_N, USER_CODE, USER_LIMIT
from ovm.guests.desk.measure import close_window, fill_nanoseconds, open_window
from ovm.guests.desk.process import TABLE, TTBR_FLAGS, process_enter, process_start
from ovm.guests.desk.services import ROLE_OFFENDER, ROLE_WORKER
from ovm.guests.desk.tables import KERNEL_CODE, KERNEL_DATA
from ovm.guests.desk.totals import TOTALS
from ovm.guests.lib.console import leave, on_panic, say, write_line
from ovm.guests.lib.line import Line, put_decimal, put_text
from ovm.guests.lib.start import begin
from ovm.guests.lib.vcpu import (
    argument,
    now,
    report,
    ticks_of_microseconds,
    use_page,
    use_vectors,
    vcpu_page,
)
from ovm.metal import (
    GuestPhysAddr,
    VirtAddr,
    address,
    array,
    asm_block,
    asm_value,
    cp15_read,
    cp15_write,
    dsb,
    first,
    fn,
    isb,
    naked,
    overlay,
    static,
    text,
    u32,
    u64,
)

DEFAULT_SECONDS: Final = 5
WORKERS: Final = 3
SETUP_STATUS: Final = 2
_SECOND_US: Final = 1_000_000
_MOST_SECTIONS: Final = 64

KERNEL_LEVEL1 = static(array(u32, LEVEL1_ENTRIES), align=16384)


@fn
def map_kernel(ram: u32, length: u32) -> None:
    """Map all RAM at virtual = physical, for the kernel alone; only the image's section can be executed."""
    for index in u32.range(length // SECTION, bound=_MOST_SECTIONS):
        place = ram + index * SECTION
        KERNEL_LEVEL1[place // SECTION] = place | (KERNEL_CODE if index == 0 else KERNEL_DATA)
    dsb()


@fn
def start_mmu() -> None:
    """Turn the MMU on: the kernel's table serves both halves until there is a process."""
    table = u32(address(first(KERNEL_LEVEL1))) | TTBR_FLAGS
    cp15_write(TTBCR, TTBCR_N)
    cp15_write(TTBR0, table)
    cp15_write(TTBR1, table)
    cp15_write(DACR, DACR_CLIENTS)
    cp15_write(CONTEXTIDR, 0)
    cp15_write(TLBIALL, 0)
    dsb()
    isb()
    cp15_write(SCTLR, cp15_read(SCTLR) | (SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_Z))
    isb()


@fn
def measure() -> None:
    """Measure a demand fill and report it."""
    if not open_window(first(KERNEL_LEVEL1)):
        refuse()
    cost = fill_nanoseconds()
    close_window()
    report(REPORT_FILL_NS, cost)
    line = Line()
    put_text(line, text("demand fill "))
    put_decimal(line, cost, 0)
    put_text(line, text(" ns"))
    write_line(line)


@fn
def refuse() -> Never:
    """End because the guest's memory isn't what it needs."""
    say(text("desk needs 8 MiB of memory at 0x10000000"))
    leave(SETUP_STATUS)


@fn
def start_processes() -> None:
    """Start the programs: workers, and one offender."""
    TABLE.programs.code = asm_value(GuestPhysAddr, PROGRAMS_START)
    TABLE.programs.code_bytes = asm_value(GuestPhysAddr, PROGRAMS_END) - asm_value(GuestPhysAddr, PROGRAMS_START)
    TABLE.programs.entry = asm_value(u32, PROGRAM_ADDRESS) - u32(TABLE.programs.code) + USER_CODE
    for worker in u32.range(WORKERS):
        process_start(ROLE_WORKER, worker * 0x0101_0101 + 0x1234_5678)
    process_start(ROLE_OFFENDER, 0x0DD5_EED0)


@fn
def start_first() -> Never:
    """Give the first process its turn."""
    page = vcpu_page()
    frame = asm_value(VirtAddr, FRAME_ADDRESS)
    page.sp[BANK_ABORT] = u32(frame)
    page.sp[BANK_UNDEF] = u32(frame)
    page.sp[BANK_IRQ] = u32(frame)
    page.irq_enabled = 1 << INTERRUPT_TIMER
    TOTALS.end = now() + ticks_of_microseconds(_SECOND_US) * u64(argument(0, DEFAULT_SECONDS))
    start_slice()
    process_enter(0)
    # SAFETY: the frame is the lowest part of the kernel's stack, which is larger than it gets.
    load(overlay(Frame, frame), BANK_SVC)
    launch()


@fn
def main(page_address: VirtAddr) -> Never:
    """Set everything up."""
    use_page(page_address)
    page = vcpu_page()
    if page.ram_base != USER_LIMIT or page.ram_bytes < NEEDED_BYTES:
        refuse()
    use_vectors(asm_value(VirtAddr, VECTORS_ADDRESS))
    frames_initialise(GuestPhysAddr(page.ram_base))
    map_kernel(page.ram_base, page.ram_bytes)
    start_mmu()
    say(text("desk: MMU on, 4 processes"))
    measure()
    start_processes()
    start_first()


@naked(section=".text.start", export="_start")
def start() -> Never:
    """Set the stack and continue in metal; r0 keeps the value from OVM."""
    asm_block(begin(main))


ROOTS: Final = (start, on_panic)
