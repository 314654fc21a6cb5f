# SPDX-License-Identifier: Apache-2.0
"""Entry to and exit from the kernel: virtual vectors, services, the timer, the context switch.

Tasks run in virtual System mode, so that a service call (SVC) and the timer interrupt each find a register bank of
their own. Both save the interrupted task's r0-r12 and pc as a `Frame` on the stack of their mode; sp, lr
and the PSR wait in the vCPU page. The context switch exchanges all of it, and the hypercall RETURN leaves the kernel.
"""

from typing import Final, Never

from ovm.abi.hypercalls import RETURN
from ovm.abi.vcpu_page import BANK_IRQ, BANK_SVC, BANK_USER
from ovm.arm.assembly import vector_table
from ovm.guests.lib.console import leave, write_line
from ovm.guests.lib.line import Line, put_decimal, put_hex, put_text
from ovm.guests.lib.vcpu import acknowledge, now, set_timer, vcpu_page
from ovm.guests.tick.kernel import KERNEL, NEVER, Task, choose, give, next_wake, sleep, take, wake_due
from ovm.metal import Array, Struct, array, asm_block, fn, naked, static, symbol, text, u32, u64

# Services, in r0 at the SVC; anything that isn't a hypercall's identifier may be one.
SLEEP_UNTIL: Final = 1
TAKE: Final = 2
GIVE: Final = 3

_FAULT_STATUS: Final = 0x60


class Frame(Struct):
    """The words that an entry pushes: r0-r12 and the address at which to continue."""

    registers: Array[u32] = array(u32, 13)
    pc: u32


# The time to which the timer is set.
ALARM = static(u64)


@fn
def save(task: Task, frame: Frame, bank: u32) -> None:
    """Keep the interrupted task's registers; `bank` is the mode that the entry came in."""
    page = vcpu_page()
    for index in u32.range(13):
        task.registers[index] = frame.registers[index]
    task.pc = frame.pc
    task.sp = page.sp[BANK_USER]
    task.lr = page.lr[BANK_USER]
    task.psr = page.spsr[bank]


@fn
def load(task: Task, frame: Frame, bank: u32) -> None:
    """Put a task's registers where the exit from the kernel loads them."""
    page = vcpu_page()
    for index in u32.range(13):
        frame.registers[index] = task.registers[index]
    frame.pc = task.pc
    page.sp[BANK_USER] = task.sp
    page.lr[BANK_USER] = task.lr
    page.spsr[bank] = task.psr


@fn
def leave_kernel(frame: Frame, bank: u32) -> None:
    """Switch to the most urgent ready task and prepare the RETURN that ends every entry."""
    alarm = next_wake(KERNEL)
    if alarm != ALARM.value:
        ALARM.value = alarm
        set_timer(alarm)
    chosen = choose(KERNEL)
    if chosen != KERNEL.current:
        save(KERNEL.tasks[KERNEL.current], frame, bank)
        load(KERNEL.tasks[chosen], frame, bank)
        KERNEL.current = chosen
        KERNEL.switches += 1
    page = vcpu_page()
    page.return_r0 = frame.registers[0]
    page.return_pc = frame.pc


@fn
def on_service(frame: Frame) -> None:
    """Serve a task's SVC."""
    number = frame.registers[0]
    if number == SLEEP_UNTIL:
        sleep(KERNEL, u64(frame.registers[1]) | u64(frame.registers[2]) << 32)
        wake_due(KERNEL, now())
    elif number == TAKE:
        take(KERNEL, frame.registers[1])
    elif number == GIVE:
        give(KERNEL, frame.registers[1])
    leave_kernel(frame, BANK_SVC)


@fn
def on_interrupt(frame: Frame) -> None:
    """Handle the virtual timer's interrupt: wake the tasks that are due, which may preempt the interrupted task."""
    acknowledge()
    ALARM.value = NEVER
    wake_due(KERNEL, now())
    leave_kernel(frame, BANK_IRQ)


@fn
def on_fault(vector: u32, place: u32) -> Never:
    """Report an exception that a correct application never takes, and end."""
    line = Line()
    put_text(line, text("exception "))
    put_decimal(line, vector, 0)
    put_text(line, text(" at "))
    put_hex(line, place)
    put_text(line, text(" in task "))
    put_decimal(line, KERNEL.current, 0)
    write_line(line)
    leave(_FAULT_STATUS)


@naked
def vectors() -> Never:
    """Lay out the virtual exception vectors and the entries behind them."""
    asm_block(f"""
        {vector_table(undefined="1f", supervisor_call="2f", prefetch_abort="3f", data_abort="4f", irq="6f")}
    1:  mov r0, #1
        b 9f
    3:  mov r0, #3
        b 9f
    4:  mov r0, #4
    9:  mov r1, lr
        ldr sp, =__stack_bottom + 0x1000
        b {symbol(on_fault)}
    2:  push {{r0-r12, lr}}
        mov r0, sp
        bl {symbol(on_service)}
        b 8f
    6:  sub lr, lr, #4
        push {{r0-r12, lr}}
        mov r0, sp
        bl {symbol(on_interrupt)}
    8:  pop {{r0-r12, lr}}
        ldr r0, ={RETURN:#x}
        svc #0
        .ltorg
    """)


@naked
def launch() -> Never:
    """Leave the start-up code for the task that the vCPU page names; SVC mode's stack is empty from here on."""
    asm_block(f"""
        ldr sp, =__stack_top
        ldr r0, ={RETURN:#x}
        svc #0
        .ltorg
    """)


@naked
def service(number: u32, first: u32, second: u32) -> None:
    """Call the kernel from a task."""
    asm_block("""
        svc #0
        bx lr
    """)


@fn
def sleep_until(time: u64) -> None:
    """Sleep until a time."""
    service(SLEEP_UNTIL, u32(time), u32(time >> 32))


@fn
def take_semaphore(semaphore: u32) -> None:
    """Take a unit, waiting for it if there is none."""
    service(TAKE, semaphore, 0)


@fn
def give_semaphore(semaphore: u32) -> None:
    """Give a unit."""
    service(GIVE, semaphore, 0)
