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
from ovm.board.clock import stall
from ovm.board.parameters import PARAMETERS
from ovm.board.processor.account import interrupt_taken
from ovm.board.processor.debug import forget_access
from ovm.board.processor.flow import goto_page, pc_of
from ovm.board.processor.status import bank_of, cpsr, set_endian, set_it_state, set_mode
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
from ovm.board.worlds import secure, state_world
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
    set_it_state(0)
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
    CPU.exclusive = 0
    CPU.exception = vector
    CPU.event_pc = link
    CPU.attention |= ATTEND_INTERRUPT
    if CPU.catch != 0:
        stop(STOP_EXCEPTION)
    base = CPU.mvbar
    if mode != MODE_MON:
        base = HIGH_VECTORS if control & SCTLR_V != 0 else CPU.world[state_world()].vbar
    return goto_page(base + vector)


@fn
def _note(vector: u32, mode: u32, link: u32, from_secure: bool) -> None:
    """Count an exception, report the event, and add its time."""
    events.count(events.COUNT_EXCEPTIONS, 1)
    if vector == VECTOR_IRQ or vector == VECTOR_FIQ:
        events.count(events.COUNT_INTERRUPTS, 1)
        interrupt_taken()
        CPU.attention |= ATTEND_ACCOUNT
    elif vector == VECTOR_SUPERVISOR_CALL:
        events.happened(events.HYPERCALL, CPU.r[0], link)
    events.happened(events.EXCEPTION, vector | mode << 8 | u32(from_secure) << 16, link)
    stall(PARAMETERS.exception_entry)


@fn
def stop(why: u32) -> None:
    """Leave the loop before the next instruction."""
    CPU.stopped = why
    CPU.attention |= ATTEND_STOP


@fn(inline=False)
def undefined(at: u32) -> u32:
    """Take an Undefined Instruction exception at the instruction of record `at`."""
    link = pc_of(at) + (2 if CPU.thumb != 0 else 4)
    return _enter(VECTOR_UNDEFINED, MODE_UND, link, PSR_I)


@fn(inline=False)
def supervisor_call(following: u32) -> u32:
    """Take a Supervisor Call exception; `following` is the virtual address of the next instruction."""
    return _enter(VECTOR_SUPERVISOR_CALL, MODE_SVC, following, PSR_I)


@fn(inline=False)
def monitor_call(following: u32) -> u32:
    """Take a Secure Monitor Call exception."""
    return _enter(VECTOR_SUPERVISOR_CALL, MODE_MON, following, PSR_A | PSR_I | PSR_F)


@fn
def _abort_mode() -> u32:
    external = CPU.fault & 0xF == FAULT_EXTERNAL or CPU.fault & 0x40D == 0xC
    return MODE_MON if external and CPU.scr & SCR_EA != 0 else MODE_ABT


@fn(inline=False)
def data_abort(at: u32) -> u32:
    """Take the Data Abort that CPU.fault describes, at the instruction of record `at` (ARM B1.9.8)."""
    mode = _abort_mode()
    where = u32(0) if mode == MODE_MON else state_world()
    CPU.world[where].dfsr = (CPU.fault & 0x14FF) | (CPU.fault_write << 11)
    CPU.world[where].dfar = CPU.fault_address
    link = pc_of(at) + 8
    masks = PSR_A | PSR_I | PSR_F if mode == MODE_MON else PSR_A | PSR_I
    CPU.fault = 0
    forget_access()
    return _enter(VECTOR_DATA_ABORT, mode, link, masks)


@fn(inline=False)
def prefetch_abort(at: u32) -> u32:
    """Take the Prefetch Abort that CPU.fault describes (ARM B1.9.7)."""
    mode = _abort_mode()
    where = u32(0) if mode == MODE_MON else state_world()
    CPU.world[where].ifsr = CPU.fault & 0x140F
    CPU.world[where].ifar = CPU.fault_address
    masks = PSR_A | PSR_I | PSR_F if mode == MODE_MON else PSR_A | PSR_I
    CPU.fault = 0
    return _enter(VECTOR_PREFETCH_ABORT, mode, pc_of(at) + 4, masks)


@fn(inline=False)
def debug_event(at: u32) -> u32:
    """Take the Prefetch Abort of a BKPT (ARM C4.2): debug event, address unknown."""
    CPU.fault = 2
    CPU.fault_address = pc_of(at)
    return prefetch_abort(at)


@fn(inline=False)
def unpredictable(at: u32, word: u32) -> u32:
    """Stop at an instruction whose effect the manual leaves open; in User mode, if so chosen, it is undefined."""
    if CPU.mode == MODE_USR and PARAMETERS.unpredictable_user != 0:
        events.count(events.COUNT_UNPREDICTABLE, 1)
        events.happened(events.UNPREDICTABLE, pc_of(at), word)
        return undefined(at)
    CPU.event_pc = pc_of(at)
    CPU.event_word = word
    stop(STOP_UNPREDICTABLE)
    return at


@fn(inline=False)
def absent(at: u32, word: u32) -> u32:
    """Stop at an instruction that the model does not have."""
    CPU.event_pc = pc_of(at)
    CPU.event_word = word
    stop(STOP_ABSENT)
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
    if CPU.lines & LINE_ABORT != 0 and (CPU.masks & PSR_A == 0 or _overridden(VCR_ABORT, SCR_EA)):
        CPU.lines &= 0xFFFF_FFFF ^ LINE_ABORT
        return _take_external(link + 4)
    if CPU.lines & LINE_FIQ != 0 and (CPU.masks & PSR_F == 0 or _overridden(VCR_FIQ, SCR_FIQ)):
        mode = MODE_MON if CPU.scr & SCR_FIQ != 0 else u32(MODE_FIQ)
        return _enter(VECTOR_FIQ, mode, link, PSR_A | PSR_I | PSR_F)
    if CPU.lines & LINE_IRQ != 0 and (CPU.masks & PSR_I == 0 or _overridden(VCR_IRQ, SCR_IRQ)):
        if CPU.scr & SCR_IRQ != 0:
            return _enter(VECTOR_IRQ, MODE_MON, link, PSR_A | PSR_I | PSR_F)
        return _enter(VECTOR_IRQ, MODE_IRQ, link, PSR_A | PSR_I)
    if not secure() and CPU.vir != 0:
        return _take_virtual(at)
    return at


@fn
def _take_external(link: u32) -> u32:
    monitor = CPU.scr & SCR_EA != 0
    where = u32(0) if monitor else state_world()
    CPU.world[where].dfsr = FAULT_IMPRECISE
    if monitor:
        return _enter(VECTOR_DATA_ABORT, MODE_MON, link, PSR_A | PSR_I | PSR_F)
    return _enter(VECTOR_DATA_ABORT, MODE_ABT, link, PSR_A | PSR_I)


@fn
def _take_virtual(at: u32) -> u32:
    """Take the exception that VIR requests.

    SCR and VCR must both enable it, CPSR masks it (Cortex-A5 TRM 4.3.50, assumed here).
    """
    link = pc_of(at) + 4
    enabled = CPU.vir & CPU.vcr
    if enabled & VCR_ABORT != 0 and CPU.scr & SCR_EA != 0 and CPU.masks & PSR_A == 0:
        CPU.vir &= 0xFFFF_FFFF ^ VCR_ABORT
        CPU.world[1].dfsr = FAULT_IMPRECISE
        return _enter(VECTOR_DATA_ABORT, MODE_ABT, link + 4, PSR_A | PSR_I)
    if enabled & VCR_FIQ != 0 and CPU.scr & SCR_FIQ != 0 and CPU.masks & PSR_F == 0:
        return _enter(VECTOR_FIQ, MODE_FIQ, link, PSR_A | PSR_I | PSR_F)
    if enabled & VCR_IRQ != 0 and CPU.scr & SCR_IRQ != 0 and CPU.masks & PSR_I == 0:
        return _enter(VECTOR_IRQ, MODE_IRQ, link, PSR_A | PSR_I)
    return at
