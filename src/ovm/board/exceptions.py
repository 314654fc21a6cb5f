# SPDX-License-Identifier: Apache-2.0
"""Exceptions (ARM B1.8, B1.9): their targets, the saved state, the masks that are set."""

from typing import Final

from ovm.arm.control import SCR_AW, SCR_EA, SCR_FIQ, SCR_FW, SCR_IRQ, SCR_NS, VCR_ABORT, VCR_FIQ, VCR_IRQ
from ovm.arm.psr import (
    HIGH_VECTORS,
    MODE_ABT,
    MODE_FIQ,
    MODE_IRQ,
    MODE_MON,
    MODE_SVC,
    MODE_UND,
    MODE_USR,
    PSR_A,
    PSR_F,
    PSR_I,
    VECTOR_DATA_ABORT,
    VECTOR_FIQ,
    VECTOR_IRQ,
    VECTOR_PREFETCH_ABORT,
    VECTOR_SUPERVISOR_CALL,
    VECTOR_UNDEFINED,
)
from ovm.board import events
from ovm.board.account import interrupt_taken
from ovm.board.clock import stall
from ovm.board.debug import forget_access
from ovm.board.flow import goto_page, pc_of
from ovm.board.parameters import PARAMETERS
from ovm.board.state import (
    ATTEND_ACCOUNT,
    ATTEND_INTERRUPT,
    ATTEND_STOP,
    CPU,
    LINE_ABORT,
    LINE_FIQ,
    LINE_IRQ,
    STOP_ABSENT,
    STOP_EXCEPTION,
    STOP_UNPREDICTABLE,
)
from ovm.board.status import bank_of, cpsr, secure, set_endian, set_it_state, set_mode, state_world
from ovm.metal import fn, u32

SCTLR_V: Final = 1 << 13
SCTLR_EE: Final = 1 << 25
SCTLR_TE: Final = 1 << 30
FAULT_EXTERNAL: Final = 0x08
FAULT_IMPRECISE: Final = 0x406


@fn
def _enter(vector: u32, mode: u32, link: u32, masks: u32) -> u32:
    """Save, change mode, branch to the vector; return the first record of the handler."""
    saved = cpsr()
    from_secure = secure()
    _note(vector, mode, link, from_secure)
    if CPU.mode == MODE_MON:
        CPU.scr &= 0xFFFF_FFFF ^ SCR_NS
    set_it_state(u32(0))
    set_mode(mode)
    CPU.r[14] = link
    CPU.spsr[bank_of(mode)] = saved
    allowed = masks
    if mode != MODE_MON and not from_secure:
        if CPU.scr & SCR_AW == 0:
            allowed &= 0xFFFF_FFFF ^ PSR_A
        if CPU.scr & SCR_FW == 0:
            allowed &= 0xFFFF_FFFF ^ PSR_F
    CPU.masks |= allowed
    control = CPU.world[state_world()].sctlr
    CPU.thumb = (control >> 30) & 1
    set_endian((control >> 25) & 1)
    CPU.exclusive = u32(0)
    CPU.exception = vector
    CPU.event_pc = link
    CPU.attention |= ATTEND_INTERRUPT
    if CPU.catch != 0:
        stop(u32(STOP_EXCEPTION))
    base = CPU.mvbar
    if mode != MODE_MON:
        base = u32(HIGH_VECTORS) if control & SCTLR_V != 0 else CPU.world[state_world()].vbar
    return goto_page(base + vector)


@fn
def _note(vector: u32, mode: u32, link: u32, from_secure: bool) -> None:
    """Count an exception, report the event, and add its time."""
    events.count(u32(events.COUNT_EXCEPTIONS), u32(1))
    if vector == VECTOR_IRQ or vector == VECTOR_FIQ:
        events.count(u32(events.COUNT_INTERRUPTS), u32(1))
        interrupt_taken()
        CPU.attention |= ATTEND_ACCOUNT
    elif vector == VECTOR_SUPERVISOR_CALL:
        events.happened(u32(events.HYPERCALL), CPU.r[0], link)
    events.happened(u32(events.EXCEPTION), vector | mode << 8 | u32(from_secure) << 16, link)
    stall(PARAMETERS.exception_entry)


@fn
def stop(why: u32) -> None:
    """Leave the loop before the next instruction."""
    CPU.stopped = why
    CPU.attention |= ATTEND_STOP


@fn(inline=False)
def undefined(at: u32) -> u32:
    """Take an Undefined Instruction exception at the instruction of record `at`."""
    link = pc_of(at) + (u32(2) if CPU.thumb != 0 else u32(4))
    return _enter(u32(VECTOR_UNDEFINED), u32(MODE_UND), link, u32(PSR_I))


@fn(inline=False)
def supervisor_call(following: u32) -> u32:
    """Take a Supervisor Call exception; `following` is the virtual address of the next instruction."""
    return _enter(u32(VECTOR_SUPERVISOR_CALL), u32(MODE_SVC), following, u32(PSR_I))


@fn(inline=False)
def monitor_call(following: u32) -> u32:
    """Take a Secure Monitor Call exception."""
    return _enter(u32(VECTOR_SUPERVISOR_CALL), u32(MODE_MON), following, u32(PSR_A | PSR_I | PSR_F))


@fn
def _abort_mode() -> u32:
    external = CPU.fault & 0xF == FAULT_EXTERNAL or CPU.fault & 0x40D == 0xC
    return u32(MODE_MON) if external and CPU.scr & SCR_EA != 0 else u32(MODE_ABT)


@fn(inline=False)
def data_abort(at: u32) -> u32:
    """Take the Data Abort that CPU.fault describes, at the instruction of record `at` (ARM B1.9.8)."""
    mode = _abort_mode()
    where = u32(0) if mode == MODE_MON else state_world()
    CPU.world[where].dfsr = (CPU.fault & 0x14FF) | (CPU.fault_write << 11)
    CPU.world[where].dfar = CPU.fault_address
    link = pc_of(at) + 8
    masks = u32(PSR_A | PSR_I | PSR_F) if mode == MODE_MON else u32(PSR_A | PSR_I)
    CPU.fault = u32(0)
    forget_access()
    return _enter(u32(VECTOR_DATA_ABORT), mode, link, masks)


@fn(inline=False)
def prefetch_abort(at: u32) -> u32:
    """Take the Prefetch Abort that CPU.fault describes (ARM B1.9.7)."""
    mode = _abort_mode()
    where = u32(0) if mode == MODE_MON else state_world()
    CPU.world[where].ifsr = CPU.fault & 0x140F
    CPU.world[where].ifar = CPU.fault_address
    masks = u32(PSR_A | PSR_I | PSR_F) if mode == MODE_MON else u32(PSR_A | PSR_I)
    CPU.fault = u32(0)
    return _enter(u32(VECTOR_PREFETCH_ABORT), mode, pc_of(at) + 4, masks)


@fn(inline=False)
def debug_event(at: u32) -> u32:
    """Take the Prefetch Abort of a BKPT (ARM C4.2): debug event, address unknown."""
    CPU.fault = u32(2)
    CPU.fault_address = pc_of(at)
    return prefetch_abort(at)


@fn(inline=False)
def unpredictable(at: u32, word: u32) -> u32:
    """Stop at an instruction whose effect the manual leaves open; in User mode, if so chosen, it is undefined."""
    if CPU.mode == MODE_USR and PARAMETERS.unpredictable_user != 0:
        events.count(u32(events.COUNT_UNPREDICTABLE), u32(1))
        events.happened(u32(events.UNPREDICTABLE), pc_of(at), word)
        return undefined(at)
    CPU.event_pc = pc_of(at)
    CPU.event_word = word
    stop(u32(STOP_UNPREDICTABLE))
    return at


@fn(inline=False)
def absent(at: u32, word: u32) -> u32:
    """Stop at an instruction that the model does not have."""
    CPU.event_pc = pc_of(at)
    CPU.event_word = word
    stop(u32(STOP_ABSENT))
    return at


@fn
def _overridden(vcr_bit: u32, scr_bit: u32) -> bool:
    """Return whether VCR lets a line through CPSR's mask: Non-secure state, and SCR routes it (A9 4.3.14)."""
    return not secure() and CPU.vcr & vcr_bit != 0 and CPU.scr & scr_bit != 0


@fn
def interrupt_pending() -> bool:
    """Return whether a line or a virtual exception would end WFI, whatever CPSR masks."""
    return CPU.lines != 0 or (not secure() and CPU.vir & (VCR_FIQ | VCR_IRQ | VCR_ABORT) != 0)


@fn(inline=False)
def take_interrupt(at: u32) -> u32:
    """Take the most urgent asynchronous exception that may be taken before record `at`.

    Return the record with which to continue.
    """
    link = pc_of(at) + 4
    if CPU.lines & LINE_ABORT != 0 and (CPU.masks & PSR_A == 0 or _overridden(u32(VCR_ABORT), u32(SCR_EA))):
        CPU.lines &= 0xFFFF_FFFF ^ LINE_ABORT
        return _take_external(link + 4)
    if CPU.lines & LINE_FIQ != 0 and (CPU.masks & PSR_F == 0 or _overridden(u32(VCR_FIQ), u32(SCR_FIQ))):
        mode = u32(MODE_MON) if CPU.scr & SCR_FIQ != 0 else u32(MODE_FIQ)
        return _enter(u32(VECTOR_FIQ), mode, link, u32(PSR_A | PSR_I | PSR_F))
    if CPU.lines & LINE_IRQ != 0 and (CPU.masks & PSR_I == 0 or _overridden(u32(VCR_IRQ), u32(SCR_IRQ))):
        if CPU.scr & SCR_IRQ != 0:
            return _enter(u32(VECTOR_IRQ), u32(MODE_MON), link, u32(PSR_A | PSR_I | PSR_F))
        return _enter(u32(VECTOR_IRQ), u32(MODE_IRQ), link, u32(PSR_A | PSR_I))
    if not secure() and CPU.vir != 0:
        return _take_virtual(at)
    return at


@fn
def _take_external(link: u32) -> u32:
    monitor = CPU.scr & SCR_EA != 0
    where = u32(0) if monitor else state_world()
    CPU.world[where].dfsr = u32(FAULT_IMPRECISE)
    if monitor:
        return _enter(u32(VECTOR_DATA_ABORT), u32(MODE_MON), link, u32(PSR_A | PSR_I | PSR_F))
    return _enter(u32(VECTOR_DATA_ABORT), u32(MODE_ABT), link, u32(PSR_A | PSR_I))


@fn
def _take_virtual(at: u32) -> u32:
    """Take the exception that VIR requests.

    SCR and VCR must both enable it, CPSR masks it (Cortex-A5 TRM 4.3.50, assumed here).
    """
    link = pc_of(at) + 4
    enabled = CPU.vir & CPU.vcr
    if enabled & VCR_ABORT != 0 and CPU.scr & SCR_EA != 0 and CPU.masks & PSR_A == 0:
        CPU.vir &= 0xFFFF_FFFF ^ VCR_ABORT
        CPU.world[1].dfsr = u32(FAULT_IMPRECISE)
        return _enter(u32(VECTOR_DATA_ABORT), u32(MODE_ABT), link + 4, u32(PSR_A | PSR_I))
    if enabled & VCR_FIQ != 0 and CPU.scr & SCR_FIQ != 0 and CPU.masks & PSR_F == 0:
        return _enter(u32(VECTOR_FIQ), u32(MODE_FIQ), link, u32(PSR_A | PSR_I | PSR_F))
    if enabled & VCR_IRQ != 0 and CPU.scr & SCR_IRQ != 0 and CPU.masks & PSR_I == 0:
        return _enter(u32(VECTOR_IRQ), u32(MODE_IRQ), link, u32(PSR_A | PSR_I))
    return at
