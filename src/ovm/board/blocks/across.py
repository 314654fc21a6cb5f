# SPDX-License-Identifier: Apache-2.0
"""Code that leads from a block to an address that is not known when the block is made, or that lies in another page."""

from typing import Final

from ovm.board.arena.place import BLOCKS, GO_TO, WORDS, Blocks
from ovm.board.arena.x86 import (
    ADD,
    AND,
    CMP,
    EAX,
    ECX,
    EDX,
    ESI,
    IF_EQUAL,
    IF_NOT_EQUAL,
    MOV,
    MOV_TO,
    OR,
    SHL,
    SHR,
    XOR,
    both,
    constant,
    constant_product,
    jump_if,
    jump_to,
    link,
    put,
    put_word,
    shifted,
    single,
    state,
)
from ovm.board.shortcuts.lines import PAGE_COUNT, PAGE_VALID, PAGES, Page
from ovm.board.state import CPU, Cpu
from ovm.metal import address, fn, offsetof, sizeof, u32, unroll

PAGE_VIRTUAL: Final = offsetof(Cpu, "page_virtual")
PAGE_RECORDS: Final = offsetof(Cpu, "page_records")
PAGE_SHIFT: Final = offsetof(Cpu, "page_shift")
NUMBER: Final = offsetof(Cpu, "number")
CONTEXT: Final = offsetof(Cpu, "context")
THUMB: Final = offsetof(Cpu, "thumb")
TARGET: Final = offsetof(Blocks, "target")
KEY: Final = offsetof(Page, "key")
RECORDS: Final = offsetof(Page, "records")
PAGE_BYTES: Final = sizeof(Page)

RECORD_BEGINS_BLOCK: Final = bytes.fromhex("41 80 7C 04 03 FF")  # cmp byte [R12 + RAX + 3], 0xFF
WORD_OF_RECORD: Final = bytes.fromhex("8B 8C 0D")  # mov ECX, [RBP + RCX + what follows]
JUMP_THERE: Final = bytes.fromhex("4C 01 E1 FF E1")  # add RCX, R12; jmp RCX


@fn
def go_on_there() -> None:
    """Continue with the record whose address is in EAX."""
    for each in unroll(RECORD_BEGINS_BLOCK):
        put(u32(each))
    link(jump_if(IF_NOT_EQUAL), BLOCKS.leave)
    both(MOV, ECX, EAX)
    shifted(SHR, ECX, 2)
    for each in unroll(WORD_OF_RECORD):
        put(u32(each))
    put_word(WORDS)
    for each in unroll(JUMP_THERE):
        put(u32(each))


@fn
def go_far(offset: u32) -> None:
    """Continue at the address of the page in progress + an offset that leads out of it."""
    state(MOV, EAX, PAGE_VIRTUAL)
    constant(ADD, EAX, offset)
    jump_to(BLOCKS.across)


@fn
def write_across() -> None:
    """Write the code that goes to an address in EAX in another page: as `flow.goto_page` does if the page is noted.

    Else it is left to that.
    """
    BLOCKS.across = BLOCKS.here
    constant(AND, EAX, 0xFFFF_FFFE)
    _find_page()
    # cmp EDX, [RBX + RCX + the key of the first page]
    _page_field(CMP, EDX, KEY)
    known = jump_if(IF_EQUAL)
    state(MOV_TO, EAX, u32(address(BLOCKS)) + TARGET - u32(address(CPU)))
    constant(MOV, EAX, GO_TO)
    jump_to(BLOCKS.leave)
    link(known, BLOCKS.here)
    state(MOV_TO, ESI, PAGE_VIRTUAL)
    _page_field(MOV, EDX, RECORDS)
    state(MOV_TO, EDX, PAGE_RECORDS)
    constant(AND, EAX, 0xFFF)
    state(MOV, ECX, PAGE_SHIFT)
    single(0xD3, SHL, EAX)
    both(ADD, EAX, EDX)
    go_on_there()


@fn
def _find_page() -> None:
    """Lead ECX to the place where the page of the address in EAX would be noted; EDX is its key, ESI the page."""
    both(MOV, ECX, EAX)
    shifted(SHR, ECX, 12)
    both(MOV, EDX, EAX)
    shifted(SHR, EDX, 18)
    both(XOR, ECX, EDX)
    constant(AND, ECX, PAGE_COUNT - 1)
    state(MOV, EDX, NUMBER)
    constant_product(EDX, EDX, PAGE_COUNT)
    both(ADD, ECX, EDX)
    constant_product(ECX, ECX, PAGE_BYTES)
    state(MOV, EDX, CONTEXT)
    both(ADD, EDX, EDX)
    state(OR, EDX, THUMB)
    constant(OR, EDX, PAGE_VALID)
    both(MOV, ESI, EAX)
    constant(AND, ESI, 0xFFFF_F000)
    both(OR, EDX, ESI)


@fn
def _page_field(opcode: u32, register: u32, offset: u32) -> None:
    """Write the code of `opcode register, [RBX + RCX + a field of the first page]`."""
    put(opcode)
    put(0x84 | (register << 3))
    put(0x0B)
    put_word(u32(address(PAGES)) + offset - u32(address(CPU)))
