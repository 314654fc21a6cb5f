# SPDX-License-Identifier: Apache-2.0
"""Monitor of the CPU with deprivileged guests: entry and exit.

While a guest runs, SP_mon is its Vcpu: the first instruction saves the guest's registers without a scratch register.
SCR.NS stays 1 throughout, so CP15 instructions reach the guest's bank; fetches and data use the secure tables, as
Monitor mode always does (ARM B1.5.1, B3.15.3). A, I and F are set on entry and stay so: nothing interrupts OVM, and
on parts with NMFI=1 only this keeps FIQs off, since software can't set F (ARM B1.3.3).

The exit makes the User PSR safe in any case: whatever is stored (the PSR of a trap comes from the gate page, which is open to
an HRT guest), the mode is User, and J, A, I and F are clear. F must be clear, because without the Virtualization
Extensions a set F would mask OVM's own FIQs, and a guest can't clear it (SCR.FW = 0). CLREX drops a reservation that the
previous guest may have left (ARM A3.4.1).

Each entry except SVC starts the cycle counter from zero and sets all of its controls: code that an HRT guest put into the gate
page runs at PL1 and reaches the performance monitors. Most calls are short: those that are done in steps start it themselves
(core.clock.stays_count).
"""

from typing import Final

from ovm.arm.assembly import vector_table
from ovm.core.clock import COUNT_CYCLES, CYCLE_COUNTER
from ovm.core.cpu import STACK_0_TOP
from ovm.core.entry.gate import RETURN_PREFETCH_ABORT, RETURN_SUPERVISOR_CALL
from ovm.core.trap.abort import data_abort, prefetch_abort
from ovm.core.trap.external import external_abort
from ovm.core.trap.interrupt import gate_interrupt, idle, interrupt
from ovm.core.trap.supervisor_call import supervisor_call
from ovm.core.trap.undefined import undefined
from ovm.core.vcpu import (
    FRAME_EXPECTED,
    FRAME_PC,
    FRAME_PSR,
    FRAME_STACK,
    FRAME_TRAP_PAGE,
)
from ovm.metal import asm_block, naked, symbol

# Start the cycle counter from zero.
_COUNT_STAY: Final = f"""
        mov   r4, #{COUNT_CYCLES}
        mcr   p15, 0, r4, c9, c12, 0
        mov   r4, #{CYCLE_COUNTER}
        mcr   p15, 0, r4, c9, c12, 1
"""
# Prefetch what an alarm needs that switches guests: r0 is the Vcpu that ran.
_PREFETCH: Final = f"""
        ldrd  r4, r5, [r0, #{FRAME_EXPECTED}]
        pld   [r4, #96]
        pld   [r4, #64]
        pld   [r5]
        pld   [r0, #128]
        pld   [r0, #96]
        movw  r6, #:lower16:ovm.core.cpu.CPUS
        movt  r6, #:upper16:ovm.core.cpu.CPUS
        pld   [r6]
        pld   [r6, #32]
        pld   [r6, #64]
        pld   [r4, #128]
        pld   [r4, #160]
        pld   [r4, #192]
        pld   [r4, #224]
        pld   [r5, #64]
        pld   [r5, #96]
        pld   [r4]
        pld   [r4, #32]
        .weak __alarm_start
        .weak __alarm_end
        movw  r4, #:lower16:__alarm_start
        movt  r4, #:upper16:__alarm_start
        movw  r5, #:lower16:__alarm_end
        movt  r5, #:upper16:__alarm_end
    2:  pld   [r4]
        pld   [r4, #32]
        pld   [r4, #64]
        pld   [r4, #96]
        pld   [r4, #128]
        pld   [r4, #160]
        pld   [r4, #192]
        pld   [r4, #224]
        add   r4, r4, #256
        cmp   r4, r5
        blo   2b
"""


@naked
def monitor_vectors() -> None:
    """Lay out the vectors of Monitor mode (MVBAR): SMC from the gate, external aborts, interrupts (ARM B1.8.1)."""
    asm_block(f"""
        {vector_table(
            reset=symbol(monitor_broken),
            undefined=symbol(monitor_broken),
            supervisor_call=symbol(monitor_call),
            prefetch_abort=symbol(monitor_external_abort),
            data_abort=symbol(monitor_external_abort),
            unused=symbol(monitor_broken),
            irq=symbol(monitor_interrupt),
            fiq=symbol(monitor_interrupt),
        )}
    """)


@naked
def monitor_call() -> None:
    """Enter by SMC, from a stub of the gate. The guest's pc and PSR are in the trap page, its other registers still live.

    The four stubs are told apart by the address after their SMC. SVC, the most frequent, comes first and falls through
    to the exit: every entry ends at the label, with the Vcpu to run in r0, or 0 to sleep until there is one.
    """
    asm_block(f"""
        stmia sp, {{r0-r14}}^
        ldr   r4, [sp, #{FRAME_TRAP_PAGE}]
        ldmia r4, {{r2, r3}}
        strd  r2, r3, [sp, #{FRAME_PC}]
        and   r1, lr, #0xFF
        mov   r0, sp
        ldr   sp, [r0, #{FRAME_STACK}]
        cmp   r1, #{RETURN_SUPERVISOR_CALL & 0xFF}
        bne   1f
        bl    {symbol(supervisor_call)}
        .global ovm_monitor_exit
    ovm_monitor_exit:
        cmp   r0, #0
        beq   5f
    6:  mov   sp, r0
        clrex
        ldr   r1, [sp, #{FRAME_PSR}]
        ldr   lr, [sp, #{FRAME_PC}]
        bic   r1, r1, #0x1C0
        bic   r1, r1, #0x01000000
        bic   r1, r1, #0x00F
        orr   r1, r1, #0x010
        msr   spsr_fsxc, r1
        ldmia sp, {{r0-r14}}^
        movs  pc, lr
    1:
        {_COUNT_STAY}
        cmp   r1, #{RETURN_PREFETCH_ABORT & 0xFF}
        blo   2f
        bhi   3f
        bl    {symbol(prefetch_abort)}
        b     ovm_monitor_exit
    2:  bl    {symbol(undefined)}
        b     ovm_monitor_exit
    3:  bl    {symbol(data_abort)}
        b     ovm_monitor_exit
    5:  movw  sp, #:lower16:({STACK_0_TOP})
        movt  sp, #:upper16:({STACK_0_TOP})
        bl    {symbol(idle)}
        cmp   r0, #0
        beq   5b
        b     6b
    """)


@naked
def monitor_interrupt() -> None:
    """Enter by FIQ (or an IRQ that nothing should raise), from the guest or from inside the gate.

    An alarm that comes while a guest runs mostly switches to another one, whose lines are in neither cache. So they are
    prefetched at once: data first, of the guest for which the alarm is likely, as the core waits for each of them alone.

    OVM never returns into the gate: its page is open to an HRT guest, whose code there might never leave it.
    """
    asm_block(f"""
        stmia sp, {{r0-r14}}^
        {_COUNT_STAY}
        mrs   r1, spsr
        and   r2, r1, #0x1F
        sub   lr, lr, #4
        cmp   r2, #0x10
        bne   1f
        str   lr, [sp, #{FRAME_PC}]
        str   r1, [sp, #{FRAME_PSR}]
        mov   r0, sp
        ldr   sp, [r0, #{FRAME_STACK}]
        {_PREFETCH}
        bl    {symbol(interrupt)}
        b     ovm_monitor_exit
    1:  mov   r1, r2
        mov   r2, lr
        mov   r0, sp
        ldr   sp, [r0, #{FRAME_STACK}]
        bl    {symbol(gate_interrupt)}
        b     ovm_monitor_exit
    """)


@naked
def monitor_external_abort() -> None:
    """Enter by an external abort (SCR.EA = 1): it ends the guest; in OVM's own code it ends everything."""
    asm_block(f"""
        stmia sp, {{r0-r14}}^
        mrs   r1, spsr
        and   r2, r1, #0x1F
        cmp   r2, #0x16
        beq   {symbol(monitor_broken)}
        str   lr, [sp, #{FRAME_PC}]
        str   r1, [sp, #{FRAME_PSR}]
        {_COUNT_STAY}
        mov   r0, sp
        ldr   sp, [r0, #{FRAME_STACK}]
        bl    {symbol(external_abort)}
        b     ovm_monitor_exit
    """)


@naked
def monitor_broken() -> None:
    """Handle an exception of OVM's own code: report LR and the mode's PSR on a fresh stack; never return."""
    asm_block(f"""
        cpsid aif, #0x16
        movw  sp, #:lower16:({STACK_0_TOP})
        movt  sp, #:upper16:({STACK_0_TOP})
        mov   r0, #0xE0
        b     metal_panic
    """)
