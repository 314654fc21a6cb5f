# SPDX-License-Identifier: Apache-2.0
"""Accesses of both cores without an interpreter: what tests of the caches call."""

from typing import Final

from ovm.board.access.memory import load_byte, load_word, load_word_by, store_byte, store_word
from ovm.board.access.preload import preload
from ovm.board.cache import level2_maintain, maintain
from ovm.board.cache.fetch import fetch_line
from ovm.board.cache.hints import mark_code
from ovm.board.execute.exclusive import hold_exclusive
from ovm.board.execute.hints import hint
from ovm.board.mapping import ACCESS_FETCH, ACCESS_READ, MAPPING
from ovm.board.mmu import maintain as tlb
from ovm.board.mmu.translate import translate
from ovm.board.processor.status import set_mode
from ovm.board.record import Record
from ovm.board.state import CORES, CPU
from ovm.metal import address as address_of
from ovm.metal import copy, fn, static, u8, u32, u64

MOST: Final = 1 << 24
RECORD = static(Record, align=16)


@fn
def select(number: u32) -> None:
    """Let a core be the one that runs."""
    if CPU.number != number:
        copy(CORES[CPU.number], CPU)
        copy(CPU, CORES[number])


@fn
def fetch(address: u32) -> u32:
    """Fetch the line of a virtual address; return where its byte is."""
    return fetch_line(translate(address, u32(ACCESS_FETCH)))


@fn
def exclusive(address: u32) -> None:
    """Do what LDREX does besides loading."""
    hold_exclusive(translate(address, u32(ACCESS_READ)))


@fn
def maintain_line(address: u32, op: u32) -> None:
    """DCCMVAC, DCIMVAC or DCCIMVAC."""
    physical = translate(address, u32(ACCESS_READ))
    maintain.data_line(physical, MAPPING.ns, op)


@fn
def load_as(address: u32, kind: u32, rd: u32, rn: u32, rm: u32, slots: u32) -> u64:
    """Load as an instruction of that kind does which is issued so many slots later."""
    RECORD.rd = u8(rd)
    RECORD.rn = u8(rn)
    RECORD.rm = u8(rm)
    RECORD.imm = rd
    CPU.slots += u64(slots)
    return load_word_by(address, u32(address_of(RECORD)) | kind if kind != 0 else u32(0))


@fn
def barrier(variant: u32) -> None:
    """Execute a barrier instruction."""
    hint(RECORD, u32(address_of(RECORD)), variant)


@fn
def set_register(number: u32, value: u32) -> None:
    """Write a register."""
    CPU.r[number] = value


@fn
def random_accesses(seed: u32, count: u32, lines: u32) -> u64:
    """Make random accesses, with maintenance and changes of core and mode between them; return a digest of what was loaded."""
    state = seed
    digest = u64(0)
    for _ in u32.range(count, bound=MOST):
        state ^= state << 13
        state ^= state >> 17
        state ^= state << 5
        # Two megabytes twice as large as L1: near ones often, far ones now and then; through three mappings.
        span = lines if state & 7 != 0 else lines * 64
        address = ((state >> 8) % span) * 32 + (state & 0x1C) + ((state >> 3) % 3) * 0x4000_0000 + 0x10_0000
        digest = digest * 31 + _one(state >> 24, address, state)
    return digest


@fn
def _one(choice: u32, address: u32, value: u32) -> u64:
    if choice < 120:
        return load_as(address, value & 7, value & 15, (value >> 4) & 15, (value >> 8) & 15, (value >> 12) & 15)
    if choice < 140:
        return load_byte(address | (value & 3))
    if choice < 220:
        return u64(store_word(address, value))
    if choice < 235:
        return u64(store_byte(address | (value & 3), value))
    if choice < 238:
        return load_word(address | 2)
    if choice < 240:
        preload(address)
        return u64(choice)
    if choice < 244:
        select(value & 1)
        return u64(1)
    return _rare(choice, address, value)


@fn(inline=False)
def _rare(choice: u32, address: u32, value: u32) -> u64:
    match choice:
        case 244 | 245:
            set_mode(u32(0x10) if CPU.mode == 0x13 else u32(0x13))
        case 246:
            maintain_line(address, u32(1))
        case 247:
            maintain_line(address, u32(3))
        case 248:
            maintain.data_set_way(value & 0xC000_1FE0, u32(3))
        case 249:
            tlb.maintain(u32(tlb.ALL), u32(0))
        case 250:
            mark_code(translate(address, u32(ACCESS_READ)))
        case 251:
            level2_maintain.by_line(address & 0x3FFF_FFE0, (value >> 5) & 1, True, True)
        case 252 | 253:
            fetch(address & 0x3FFF_FFFF)
        case 254:
            maintain.instruction_line(address & 0x3FFF_FFE0, u32(0))
        case _:
            exclusive(address)
    return u64(choice)
