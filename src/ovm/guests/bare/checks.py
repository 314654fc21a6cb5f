# SPDX-License-Identifier: Apache-2.0
"""The steps of a stock operating system for this chip on its way to its first task, and whether each works."""

from typing import Final, Never

from ovm.arm.control import ACTLR_SMP, SCTLR_ONES
from ovm.arm.cp15 import ACTLR, CPACR, SCTLR
from ovm.guests.bare.interrupt import TIMER_INTERRUPT, interrupts_open, taken, targets, triple
from ovm.guests.bare.memory import caches_on, empty_sum, fill, wrong_words
from ovm.guests.bare.serial import check, say, serial_start
from ovm.guests.lib.devices import PRIVATE_TIMER_INTERRUPT, distributor, periphbase, private_timer
from ovm.metal import asm, asm_block, cp15_read, cp15_write, fn, forever, isb, naked, text, u32, wfi

_LEAST_PRIORITY: Final = 0xF0
_URGENT: Final = 0x80
_SHARED: Final = 32
_BOTH: Final = 0b11
_OWN_SGIS: Final = 8
# SCTLR.NMFI says how the chip was made.
_FIXED: Final = 1 << 27
# Timer control: enable, interrupt.
_ONE_SHOT: Final = 0b101
_TICKS: Final = 10_000
_TO_INTERVAL: Final = 0x12


@naked
def call_alone() -> u32:
    """Make a call of the Secure world while this core has left coherency; return 0 if that changed no register
    except r0-r3, and if the one that answered has joined again before it touched memory."""
    asm_block(f"""
        push  {{r4-r11, lr}}
        mrc   p15, 0, r4, c1, c0, 1
        bic   r5, r4, #{ACTLR_SMP}
        mcr   p15, 0, r5, c1, c0, 1
        isb
        dsb
        mov   r5, #5
        mov   r6, #6
        mov   r7, sp
        mov   r8, #8
        mov   r9, #9
        mov   r10, #10
        mov   r11, #11
        mov   r12, #12
        mov   r0, #0
        .arch_extension sec
        smc   #0
        mrc   p15, 0, r1, c1, c0, 1
        mvn   r1, r1
        and   r1, r1, #{ACTLR_SMP}
        sub   r5, r5, #5
        sub   r6, r6, #6
        sub   r7, r7, sp
        sub   r8, r8, #8
        sub   r9, r9, #9
        sub   r10, r10, #10
        sub   r11, r11, #11
        sub   r12, r12, #12
        mcr   p15, 0, r4, c1, c0, 1
        isb
        add   r0, r0, #1
        orr   r0, r0, r1
        orr   r0, r0, r5
        orr   r0, r0, r6
        orr   r0, r0, r7
        orr   r0, r0, r8
        orr   r0, r0, r9
        orr   r0, r0, r10
        orr   r0, r0, r11
        orr   r0, r0, r12
        pop   {{r4-r11, pc}}
    """)


@fn
def _coherency() -> None:
    """Leave coherency and join again: start-up code writes ACTLR as a whole."""
    before = cp15_read(ACTLR)
    cp15_write(ACTLR, before & ~u32(ACTLR_SMP))
    isb()
    without = cp15_read(ACTLR)
    check(without == before & ~u32(ACTLR_SMP), text("coherency left"), without)
    cp15_write(ACTLR, 0xFFFF_FFFF)
    isb()
    check(cp15_read(ACTLR) == before | ACTLR_SMP, text("coherency joined"), cp15_read(ACTLR))


@fn
def _controller() -> None:
    """Set the interrupt controller up as FreeRTOS and Xilinx's driver do."""
    gic = targets()
    for line in u32.range(_OWN_SGIS):
        gic.priority[line] = _LEAST_PRIORITY
    kept = u32(gic.priority[0]) & u32(gic.priority[7])
    check(kept == _LEAST_PRIORITY, text("priority of SGIs"), kept)
    check(u32(gic.target[_SHARED]) == _BOTH, text("targets of shared interrupts"), u32(gic.target[_SHARED]))
    gic.priority[0] = _URGENT
    interrupts_open()
    asm("cpsie i")
    # To this CPU itself, from the Non-secure state.
    gic.software = 0x0200_8000
    check(taken(0) == 1, text("SGI 0"), taken(0))


@fn
def _private_timer() -> None:
    line = u32(PRIVATE_TIMER_INTERRUPT)
    targets().priority[line] = _URGENT
    distributor(periphbase()).set_enable[0] = 1 << line
    timer = private_timer(periphbase())
    timer.load = _TICKS
    timer.control = _ONE_SHOT
    check(taken(line) == 1, text("private timer"), taken(line))


@fn
def _triple_timer() -> None:
    line = u32(TIMER_INTERRUPT)
    targets().priority[line] = _URGENT
    distributor(periphbase()).set_enable[line // 32] = 1 << line % 32
    timer = triple()
    timer.interval = _TICKS
    timer.enable = 1
    timer.control = _TO_INTERVAL
    check(taken(line) == 1, text("triple timer"), taken(line))


@fn
def main(registers: u32, vectors: u32) -> Never:
    """Go through all steps, and sleep."""
    control = cp15_read(SCTLR)
    serial_start()
    say(text("bare: hello"))
    check(registers == 0, text("registers"), registers)
    check(vectors == 0, text("vectors"), vectors)
    check(control & ~u32(_FIXED) == SCTLR_ONES, text("MMU and caches"), control)
    check(cp15_read(CPACR) == 0, text("coprocessors"), cp15_read(CPACR))
    check(empty_sum() == 0, text("empty memory"), empty_sum())
    _coherency()
    fill()
    caches_on()
    check(wrong_words() == 0, text("memory through caches"), wrong_words())
    check(call_alone() == 0, text("a call outside coherency"), call_alone())
    _controller()
    _private_timer()
    _triple_timer()
    say(text("bare: done"))
    while forever():
        wfi()
