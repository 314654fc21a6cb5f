# SPDX-License-Identifier: Apache-2.0
"""Attempts that should fail, and that the guest survives.

An attempt runs a short piece of code in a virtual mode of its own, entered by the hypercall RETURN. It ends in an
exception in any case: the one it provoked, or the SVC that closes every piece (`done`). The vectors note the exception, and
return by RETURN to the place where the attempt was started, as `longjmp` would. So it doesn't matter what the attempt did to
its registers, its stack or its virtual mode.
"""

from typing import Final, Never

from ovm.abi.hypercalls import RETURN
from ovm.abi.vcpu_page import BANK_ABORT, BANK_FIQ, BANK_IRQ, BANK_SVC, BANK_UNDEF, BANK_USER
from ovm.arm.assembly import symbol_address, vector_table
from ovm.guests.lib.vcpu import vcpu_page
from ovm.metal import Struct, asm_block, asm_value, fn, naked, static, symbol, u32

# Outcomes of an attempt: the number of the vector (ARM DDI0406C B1.8.1). DONE: it ran to its end.
UNDEFINED: Final = 1
DONE: Final = 2
PREFETCH_ABORT: Final = u32(3)
DATA_ABORT: Final = u32(4)
INTERRUPT: Final = 6
FAST_INTERRUPT: Final = 7

# PSRs to run an attempt with, interrupts masked (DDI0406C B1.3).
USER: Final = 0x10
SUPERVISOR: Final = 0xD3


class Observation(Struct):
    """The result of the last attempt."""

    outcome: u32
    # r5, in which a piece of code leaves its result.
    value: u32
    place: u32
    # The real mode of the processor in the handler.
    real_mode: u32


LAST = static(Observation)


@naked
def real_mode() -> u32:
    """Return the processor's real mode: MRS doesn't trap in User mode (ARM DDI0406C B9.3.8)."""
    asm_block("""
        mrs r0, cpsr
        and r0, r0, #0x1f
        bx lr
    """)


@naked
def vectors() -> Never:
    """Lay out the virtual vectors: note the exception and resume."""
    asm_block(f"""
        {vector_table(undefined="1f", supervisor_call="2f", prefetch_abort="3f", data_abort="4f", irq="6f", fiq="7f")}
    1:  mov r1, #{UNDEFINED}
        mov r2, #{BANK_UNDEF}
        b 9f
    2:  mov r1, #{DONE}
        mov r2, #{BANK_SVC}
        b 9f
    3:  mov r1, #{PREFETCH_ABORT}
        mov r2, #{BANK_ABORT}
        b 9f
    4:  mov r1, #{DATA_ABORT}
        mov r2, #{BANK_ABORT}
        b 9f
    6:  mov r1, #{INTERRUPT}
        mov r2, #{BANK_IRQ}
        b 9f
    7:  mov r1, #{FAST_INTERRUPT}
        mov r2, #{BANK_FIQ}
    9:  mov r0, r5
        mov r3, lr
        ldr sp, =__stack_bottom + 0x1000
        bl {symbol(observe)}
        ldr r0, ={RETURN:#x}
        svc #0
        .ltorg
    """)


VECTORS_ADDRESS: Final = symbol_address(symbol(vectors))


@naked
def enter(unused: u32, second: u32, third: u32) -> u32:
    """Leave for the attempt that the vCPU page names, with r1 and r2; return its outcome."""
    asm_block(f"""
        push {{r4-r11, lr}}
        ldr r3, =rogue_stack
        str sp, [r3]
        ldr lr, =rogue_done
        ldr r5, =0x0badcafe
        ldr r0, ={RETURN:#x}
        svc #0
        .globl rogue_resume
    rogue_resume:
        ldr r3, =rogue_stack
        ldr sp, [r3]
        pop {{r4-r11, pc}}
        .globl rogue_done
    rogue_done:
        mov r0, #0
        svc #0
        .ltorg
        .pushsection .bss.rogue_stack, "aw", %nobits
        .balign 4
    rogue_stack:
        .zero 4
        .popsection
    """)


# The place to which an attempt jumps at its end.
DONE_ADDRESS: Final = symbol_address("rogue_done")
# The place to which an attempt returns.
RESUME_ADDRESS: Final = symbol_address("rogue_resume")
# A stack for attempts in virtual User mode.
USER_STACK: Final = symbol_address("__stack_bottom + 0x2000")


@fn
def observe(value: u32, outcome: u32, bank: u32, place: u32) -> None:
    """Note how the attempt ended and prepare the return."""
    LAST.outcome = outcome
    LAST.value = value
    LAST.place = place
    LAST.real_mode = real_mode()
    page = vcpu_page()
    page.spsr[bank] = SUPERVISOR
    page.return_pc = asm_value(u32, RESUME_ADDRESS)
    page.return_r0 = outcome


@fn
def attempt_with(code: u32, psr: u32, first: u32, second: u32, third: u32) -> u32:
    """Run the code at an address with a PSR, r0, r1 and r2; return how it ended.

    If RETURN itself refuses, the result is RETURN's error.
    """
    page = vcpu_page()
    page.sp[BANK_USER] = asm_value(u32, USER_STACK)
    page.lr[BANK_USER] = asm_value(u32, DONE_ADDRESS)
    page.spsr[BANK_SVC] = psr
    page.return_pc = code
    page.return_r0 = first
    LAST.outcome = 0
    LAST.real_mode = real_mode()
    return enter(0, second, third)


@fn
def attempt(code: u32, psr: u32, first: u32, second: u32) -> u32:
    """Run the code at an address with a PSR, r0 and r1; return how it ended."""
    return attempt_with(code, psr, first, second, 0)
