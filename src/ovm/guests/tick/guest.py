# SPDX-License-Identifier: Apache-2.0
"""tick: start-up, which measures the null hypercall, makes the tasks and starts the first."""

from typing import Final, Never

from ovm.abi.hypercalls import INTERRUPT_TIMER, NULL, REPORT_NULL_CALL_NS
from ovm.abi.vcpu_page import BANK_IRQ, BANK_SVC, BANK_USER
from ovm.arm.assembly import symbol_address
from ovm.guests.lib.call import call
from ovm.guests.lib.console import on_panic, write_line
from ovm.guests.lib.line import Line, put_decimal, put_text
from ovm.guests.lib.start import begin
from ovm.guests.lib.vcpu import nanoseconds, now, report, use_page, use_vectors, vcpu_page
from ovm.guests.tick.application import prepare, run_task
from ovm.guests.tick.kernel import KERNEL, NEVER, TASKS
from ovm.guests.tick.switch import ALARM, launch, vectors
from ovm.metal import VirtAddr, address, array, asm_block, asm_value, fn, naked, static, symbol, text, u32, u64

STACK_WORDS: Final = 512
# PSR of a new task: virtual System mode, interrupts open (ARM DDI0406C B1.3).
_SYSTEM_MODE: Final = 0x1F
_BATCHES: Final = 10
_CALLS: Final = 100

STACKS = static(array(u32, STACK_WORDS * TASKS), align=8)


VECTORS_ADDRESS: Final = symbol_address(symbol(vectors))
TASK_ADDRESS: Final = symbol_address(symbol(run_task))
# Stack of virtual IRQ mode, below the one of SVC mode.
INTERRUPT_STACK: Final = symbol_address("__stack_top - 0x2000")


@naked
def call_nobody(function: u32, first: u32, second: u32, third: u32) -> u32:
    """Do what `call` does, without the SVC, to measure the cost of a loop of calls itself."""
    asm_block("bx lr")


@fn
def measure_null_call() -> u32:
    """Return the mean cost of an empty hypercall in ns, over the fastest of ten batches of 100, without others' turns."""
    fastest = u64(NEVER)
    fastest_loop = u64(NEVER)
    for _ in u32.range(_BATCHES):
        before = now()
        for _ in u32.range(_CALLS):
            call_nobody(NULL, 0, 0, 0)
        between = now()
        for _ in u32.range(_CALLS):
            call(NULL, 0, 0, 0)
        fastest = min(fastest, now() - between)
        fastest_loop = min(fastest_loop, between - before)
    return nanoseconds(fastest - min(fastest, fastest_loop)) // _CALLS


@fn
def make_task(index: u32) -> None:
    """Let a task begin at `run_task` with its index and a stack of its own."""
    task = KERNEL.tasks[index]
    task.registers[0] = index
    task.pc = asm_value(u32, TASK_ADDRESS)
    task.psr = _SYSTEM_MODE
    task.sp = u32(address(STACKS)) + (index + 1) * (STACK_WORDS * 4)


@fn
def start_first() -> Never:
    """Start task 0."""
    page = vcpu_page()
    first_task = KERNEL.tasks[0]
    page.sp[BANK_USER] = first_task.sp
    page.sp[BANK_IRQ] = asm_value(u32, INTERRUPT_STACK)
    page.spsr[BANK_SVC] = first_task.psr
    page.return_r0 = first_task.registers[0]
    page.return_pc = first_task.pc
    launch()


@fn
def main(page: VirtAddr) -> Never:
    """Set everything up."""
    use_page(page)
    use_vectors(asm_value(VirtAddr, VECTORS_ADDRESS))
    cost = measure_null_call()
    report(REPORT_NULL_CALL_NS, cost)
    line = Line()
    put_text(line, text("tick: 6 tasks, null hypercall "))
    put_decimal(line, cost, 0)
    put_text(line, text(" ns"))
    write_line(line)
    for index in u32.range(TASKS):
        make_task(index)
    ALARM.value = NEVER
    vcpu_page().irq_enabled = 1 << INTERRUPT_TIMER
    prepare(now())
    start_first()


@naked(section=".text.start", export="_start")
def start() -> Never:
    """Set the stack and continue in metal; r0 keeps the value from OVM."""
    asm_block(begin(main))


ROOTS: Final = (start, on_panic)
