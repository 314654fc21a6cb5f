# SPDX-License-Identifier: Apache-2.0
"""Reports about a guest that did wrong: a refused access, and why a guest was stopped.

The instruction is given as a number; the machine that reads the records disassembles it.
"""

from typing import Final

from ovm.abi.config import KEY_FREE, KEY_NONE, KEY_OVM, GuestState
from ovm.abi.vcpu_page import BANK_SVC
from ovm.arm.psr import PSR_T, VECTOR_SUPERVISOR_CALL
from ovm.core.config import CONFIG
from ovm.core.console import TEXT_BYTES, TEXT_LOW_BYTES
from ovm.core.guest import GUESTS
from ovm.core.lifecycle import guest_ended
from ovm.core.limits import MAX_GUESTS
from ovm.core.memory.access import Access
from ovm.core.memory.frames import OWNER_DEVICE
from ovm.core.memory.guest_access import GuestWord, guest_fetch_half, guest_fetch_word, guest_locate
from ovm.core.memory.refusal import RefusalKind, last_refusal
from ovm.core.output import queue_used
from ovm.core.record import (
    field_address,
    field_key,
    field_level,
    field_word,
    put,
    put_decimal,
    put_hexadecimal,
    put_name,
    put_text,
    record_about,
    record_end,
    record_pause,
    record_resume,
)
from ovm.core.schedule import alarm_for_output
from ovm.core.vcpu import PC, REGISTERS, Vcpu, guest_of
from ovm.core.virtual.exception import vectors_of
from ovm.core.virtual.mode import page_of, virtual_psr
from ovm.metal import Ptr, fn, text, u8, u32

# Refusals are printed while no more than this waits in the guest's queue.
REFUSALS_BYTES: Final = TEXT_LOW_BYTES
# The first of each kind is also printed up to here, where there is still room for the longest record, 200 bytes.
FIRST_REFUSAL_BYTES: Final = TEXT_BYTES - 200

# Reasons for stopping a guest.
STOP_NO_VECTORS: Final = 0
STOP_EXTERNAL_ABORT: Final = 1
STOP_MEMORY: Final = 2
STOP_BY_MANAGER: Final = 3
STOP_GATE: Final = 4
# Parts of the report about it, each printed in a stay of its own.
STOP_PARTS: Final = 3


@fn
def _reason(why: u32) -> Ptr[u8]:
    match why:
        case 0:
            return text("no-vectors")
        case 1:
            return text("external-abort")
        case 2:
            return text("memory")
        case 3:
            return text("manager")
        case _:
            return text("gate")


@fn
def _field_owner(owner: u32) -> None:
    field_key(text("owner"))
    if owner == KEY_OVM:
        put_text(text("ovm"))
        return
    if owner == OWNER_DEVICE:
        put_text(text("device"))
        return
    if owner == KEY_FREE:
        put_text(text("free"))
        return
    if owner == KEY_NONE:
        put_text(text("nothing"))
        return
    for index in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        if u32(GUESTS[index].config.key) == owner:
            put_name(index)
            return
    put_text(text("channel"))


@fn
def _field_kind(kind: RefusalKind) -> None:
    match kind:
        case RefusalKind.LOAD:
            field_word(text("kind"), text("load"))
        case RefusalKind.STORE:
            field_word(text("kind"), text("store"))
        case RefusalKind.FETCH:
            field_word(text("kind"), text("fetch"))
        case RefusalKind.TABLE:
            field_word(text("kind"), text("table"))
        case _:
            field_word(text("kind"), text("exhausted"))


@fn
def _may_print(vcpu: Vcpu, kind: RefusalKind) -> bool:
    """Return whether a refusal is printed: while the guest's queue is half empty, and the first of its kind.

    All refusals are counted, printed or not.
    """
    bit = 1 << u32(kind.raw)
    used = queue_used(vcpu.guest)
    if used <= REFUSALS_BYTES or (guest_of(vcpu).kinds_printed & bit == 0 and used <= FIRST_REFUSAL_BYTES):
        guest_of(vcpu).kinds_printed |= bit
        return True
    vcpu.counters.dropped_refusals += 1
    return False


@fn(inline=False)
def report_refusal(vcpu: Vcpu) -> None:
    """Print the record of the access that memory has just refused, if there is room."""
    last = last_refusal()
    if not _may_print(vcpu, last.kind):
        return
    record_about(vcpu.guest, text("refusal"))
    field_level(vcpu.guest)
    _field_kind(last.kind)
    field_address(text("pc"), vcpu.registers[PC])
    field_address(text("address"), last.va)
    field_address(text("gpa"), u32(last.gpa))
    _field_owner(last.owner)
    record_end()
    alarm_for_output()


@fn(inline=False)
def report_denied(vcpu: Vcpu, call: u32) -> None:
    """Count a call that was refused, and print it if there is room."""
    vcpu.counters.refusals += 1
    if not _may_print(vcpu, RefusalKind.CALL):
        return
    record_about(vcpu.guest, text("refusal"))
    field_level(vcpu.guest)
    field_word(text("kind"), text("call"))
    field_address(text("pc"), vcpu.registers[PC])
    field_address(text("address"), call)
    field_word(text("owner"), text("ovm"))
    record_end()
    alarm_for_output()


@fn
def instruction_at(vcpu: Vcpu, pc: u32) -> u32:
    """Return the instruction at `pc` with the guest's own rights; 0 if there is none to read."""
    word = GuestWord()
    if pc & 3 == 0 and guest_fetch_word(vcpu, pc, word):
        return word.value
    if pc & 1 == 0 and guest_fetch_half(vcpu, pc, word):
        return word.value
    return 0


@fn
def _field_mapping(vcpu: Vcpu, address: u32) -> None:
    """Print the translation of an address by the guest's own tables, or the fault that they cause."""
    word = GuestWord()
    if guest_locate(vcpu, address, Access.READ, True, word):
        field_address(text("maps"), u32(word.phys))
    else:
        field_address(text("maps_fault"), word.status)


@fn
def _field_call(vcpu: Vcpu) -> None:
    """Print the SVC that went to missing vectors: the caller's PSR, the address, the instruction, and the number in r0."""
    page = page_of(vcpu)
    psr = page.spsr[BANK_SVC]
    place = page.lr[BANK_SVC] - (2 if psr & PSR_T != 0 else 4)
    field_address(text("svc"), place)
    field_address(text("svc_psr"), psr)
    field_address(text("svc_instruction"), instruction_at(vcpu, place))
    field_address(text("svc_r0"), vcpu.registers[0])


@fn
def _stopped(vcpu: Vcpu) -> None:
    """Print the first part of the report: why a guest was stopped, and at which address."""
    record_about(vcpu.guest, text("stopped"))
    field_word(text("why"), _reason(guest_of(vcpu).stopped_why))
    field_address(text("pc"), vcpu.registers[PC])
    field_address(text("psr"), virtual_psr(vcpu))
    field_address(text("address"), vcpu.last_address)
    field_address(text("status"), vcpu.last_status)
    guest_of(vcpu).stop_bytes = record_pause()


@fn
def _stopped_at(vcpu: Vcpu) -> None:
    """Print the instruction at which it was stopped."""
    record_resume(vcpu.guest, guest_of(vcpu).stop_bytes)
    field_address(text("instruction"), instruction_at(vcpu, vcpu.registers[PC]))
    field_address(text("cpacr"), vcpu.cpacr)
    field_address(text("fpexc"), vcpu.fpexc)
    _field_mapping(vcpu, vcpu.last_address)
    if guest_of(vcpu).stopped_why == STOP_NO_VECTORS and vcpu.registers[PC] - vectors_of(vcpu) == VECTOR_SUPERVISOR_CALL:
        _field_call(vcpu)
    record_end()


@fn
def _registers(vcpu: Vcpu) -> None:
    record_about(vcpu.guest, text("registers"))
    for index in u32.range(REGISTERS):
        put(0x20)
        put(0x72)
        put_decimal(index)
        put(0x3D)
        put_hexadecimal(vcpu.registers[index])
    record_end()


@fn(inline=False)
def report_stop(vcpu: Vcpu) -> None:
    """Print the next part of the report about a guest that was stopped."""
    guest_of(vcpu).stop_parts -= 1
    match guest_of(vcpu).stop_parts:
        case 2:
            _stopped(vcpu)
        case 1:
            _stopped_at(vcpu)
        case _:
            _registers(vcpu)


@fn(inline=False)
def guest_stop(vcpu: Vcpu, why: u32, status: u32, address: u32) -> None:
    """Stop a guest that can't continue; housekeeping prints the reason. Other guests are not affected."""
    guest_of(vcpu).stopped_why = why
    vcpu.last_status = status
    vcpu.last_address = address
    guest_of(vcpu).stop_parts = STOP_PARTS
    guest_ended(vcpu, GuestState.STOPPED, 0)
