# SPDX-License-Identifier: Apache-2.0
"""The facts of a decoded instruction."""

from typing import Final

from ovm.board.execute import multiple, single
from ovm.board.execute.roles import (
    ALU,
    CLASS,
    DELAY,
    DIRECT,
    ENDS,
    ENDS_BACKWARDS,
    EXTENDED,
    FORWARDS,
    HALF_MULTIPLY,
    IN_PARALLEL,
    LOAD,
    LOAD_LIST,
    LOAD_PAIR,
    LOAD_PC,
    MAY_BE_RRX,
    MULTIPLIED,
    NO_TRANSFER,
    READ_A,
    READ_D,
    READ_FLAGS,
    READ_M,
    READ_N,
    SERIAL,
    SHAPE,
    SHIFTED,
    SHIFTED_MORE,
    STORE_LIST,
    UNIT,
    WRITE_A,
    WRITE_D,
    WRITE_FLAGS,
    WRITE_LINK,
)
from ovm.board.issue.facts import CONDITIONAL, DRAINS, FLAGS, LAST, ROLES, SIZES, TAKES_FORWARD, Facts
from ovm.board.issue.floating import describe_floating
from ovm.board.issue.floating_times import floating_cycles, is_floating
from ovm.board.issue.timing import cost_of
from ovm.board.parameters import PARAMETERS
from ovm.board.record import Record
from ovm.metal import fn, u32, u64

LINK: Final = 14
PC: Final = 15
ALWAYS: Final = 14


@fn
def issue_cycles(record: Record) -> u32:
    """Return the cycles for which an instruction keeps its unit."""
    if is_floating(u32(record.handler)):
        return floating_cycles(record)
    return cost_of(u32(record.handler), record.imm)


@fn(inline=True)
def _bit(register: u32) -> u64:
    """Return the bit of a register, none for 16, which stands for no register."""
    return u64(1) << register if register < 16 else 0


@fn(inline=True)
def _if(roles: u32, role: u32, registers: u64) -> u64:
    return registers if roles & role != 0 else 0


@fn(inline=False)
def describe(record: Record, state: u32, facts: Facts) -> None:
    """Fill in the facts of an instruction; `state` is the ITSTATE with which it is executed."""
    roles = ROLES[record.handler]
    facts.locates = 0
    facts.updated = 0
    facts.kind = 0
    facts.onward = 0
    facts.busy = issue_cycles(record)
    if is_floating(u32(record.handler)):
        describe_floating(record, facts)
    else:
        facts.unit = (roles >> UNIT) & 7
        facts.reads = _read(record, roles)
        facts.writes = _written(record, roles)
        facts.kind = _kind(record, roles)
        if facts.kind & LAST != 0 and roles & DIRECT != 0:
            facts.onward = record.imm
        _set_latency(facts, _latency(record, roles))
        if facts.unit == ALU:
            # B.2 gives the time of the unit; its result is there after that.
            facts.busy = facts.result
        if (roles >> CLASS) & 7 != NO_TRANSFER:
            _transfer(record, (roles >> CLASS) & 7, facts)
    if record.condition & 15 != 0 or (state != 0 and state >> 4 != ALWAYS):
        _make_conditional(facts)


@fn
def _read(record: Record, roles: u32) -> u64:
    registers = _if(roles, READ_N, _bit(u32(record.rn))) | _if(roles, READ_M, _bit(u32(record.rm)))
    registers |= _if(roles, READ_A, _bit(u32(record.ra))) | _if(roles, READ_D, _bit(u32(record.rd)))
    if roles & READ_FLAGS != 0 or (roles & MAY_BE_RRX != 0 and u32(record.aux) >> 8 == 4):
        registers |= FLAGS
    return registers


@fn
def _written(record: Record, roles: u32) -> u64:
    registers = _if(roles, WRITE_D, _bit(u32(record.rd))) | _if(roles, WRITE_A, _bit(u32(record.ra)))
    return registers | _if(roles, WRITE_LINK, 1 << LINK) | _if(roles, WRITE_FLAGS, FLAGS)


@fn
def _kind(record: Record, roles: u32) -> u32:
    if roles & SERIAL != 0:
        return DRAINS | LAST
    if roles & ENDS != 0 or (roles & ENDS_BACKWARDS != 0 and record.imm >> 31 != 0):
        return LAST
    return TAKES_FORWARD if roles & FORWARDS != 0 else 0


@fn
def _latency(record: Record, roles: u32) -> u32:
    """Return the cycles until another instruction can have the result (TRM B.2, B.4)."""
    delay = (roles >> DELAY) & 3
    shape = (roles >> SHAPE) & 3
    if shape == HALF_MULTIPLY:
        return PARAMETERS.multiply_half_result
    if delay == MULTIPLIED:
        return PARAMETERS.multiply_result
    if shape == IN_PARALLEL:
        return PARAMETERS.shift_result if (record.imm >> 4) & 3 != 1 else 1
    if delay == SHIFTED_MORE or (shape == EXTENDED and record.rn < 16):
        return PARAMETERS.shift_result + 1
    return PARAMETERS.shift_result if delay == SHIFTED else 1


@fn
def _set_latency(facts: Facts, cycles: u32) -> None:
    facts.forwarded = max(cycles, 1)
    facts.result = facts.forwarded
    facts.to_address = facts.forwarded


@fn
def _transfer(record: Record, kind: u32, facts: Facts) -> None:
    """Set the registers of a load or store. A store's data may come at any time: the store buffer waits, not the core."""
    if kind == LOAD_LIST or kind == STORE_LIST:
        facts.locates = _bit(u32(record.rn))
        facts.updated = facts.locates if u32(record.aux) & multiple.WRITE_BACK != 0 else 0
        if kind == LOAD_LIST:
            facts.writes = u64(record.imm & 0x7FFF)
    else:
        _single(record, facts)
        if kind == LOAD or kind == LOAD_PAIR:
            facts.writes = _bit(u32(record.rd))
        if kind == LOAD_PAIR:
            facts.writes |= _bit(u32(record.ra))
    if kind == LOAD_PC or (kind == LOAD_LIST and record.imm >> PC != 0):
        # Its target is predicted.
        facts.kind |= LAST
    _load_latency(record, kind, facts)


@fn
def _single(record: Record, facts: Facts) -> None:
    aux = u32(record.aux)
    facts.locates = _bit(u32(record.rn))
    if aux & single.OFFSET_REGISTER != 0:
        facts.locates |= _bit(u32(record.rm))
    if aux & single.OFFSET_REGISTER != 0 and aux & single.RRX != 0:
        facts.locates |= FLAGS
    if aux & single.WRITE_BACK != 0:
        facts.updated = _bit(u32(record.rn))


@fn
def _load_latency(record: Record, kind: u32, facts: Facts) -> None:
    """Set a load's latency. TRM B.3: bytes, halfwords and shifted offsets, except by LSL #2, come a cycle later."""
    later = facts.busy - 1
    size = SIZES[record.handler]
    if kind == LOAD and _is_shifted(u32(record.aux)):
        later += 1
    facts.result = max(PARAMETERS.load_result + later, 1)
    facts.to_address = max(PARAMETERS.level1_load + later, 1)
    facts.forwarded = facts.result
    signed = size == single.SIGNED_BYTE or size == single.SIGNED_HALF
    if not signed and record.condition & 15 == 0:
        facts.forwarded = max(PARAMETERS.load_forwarded + later, 1)


@fn
def _is_shifted(aux: u32) -> bool:
    """Return whether an offset is shifted in another way than in TRM B.3's simple addressing modes."""
    amount = (aux >> single.AMOUNT) & 63
    simple = aux & single.RRX == 0 and (amount == 0 or (amount == 2 and (aux >> single.KIND) & 3 == 0))
    return aux & single.OFFSET_REGISTER != 0 and not simple


@fn
def _make_conditional(facts: Facts) -> None:
    """Make an instruction depend on the flags, and on the old values of its results."""
    facts.kind |= CONDITIONAL
    if facts.onward >> 31 == 0:
        facts.onward = 0
    if facts.kind & LAST == 0:
        facts.reads |= FLAGS | facts.writes | facts.updated
        facts.forwarded = facts.result
