# SPDX-License-Identifier: Apache-2.0
"""Code that leads from a block to an address that is not known when the block is made, or that lies in another page."""

from typing import Final

from ovm.board.blocks.place import BLOCKS, GO_TO, WORDS, Blocks
from ovm.board.blocks.x86 import (
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
from ovm.board.lines import PAGE_COUNT, PAGE_VALID, PAGES, Page
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
    link(jump_if(u32(IF_NOT_EQUAL)), BLOCKS.leave)
    both(u32(MOV), u32(ECX), u32(EAX))
    shifted(u32(SHR), u32(ECX), u32(2))
    for each in unroll(WORD_OF_RECORD):
        put(u32(each))
    put_word(u32(WORDS))
    for each in unroll(JUMP_THERE):
        put(u32(each))


@fn
def go_far(offset: u32) -> None:
    """Continue at the address of the page in progress + an offset that leads out of it."""
    state(u32(MOV), u32(EAX), u32(PAGE_VIRTUAL))
    constant(u32(ADD), u32(EAX), offset)
    jump_to(BLOCKS.across)


@fn
def write_across() -> None:
    """Write the code that goes to an address in EAX in another page: as `flow.goto_page` does if the page is noted.

    Else it is left to that.
    """
    BLOCKS.across = BLOCKS.here
    constant(u32(AND), u32(EAX), u32(0xFFFF_FFFE))
    _find_page()
    # cmp EDX, [RBX + RCX + the key of the first page]
    _page_field(u32(CMP), u32(EDX), u32(KEY))
    known = jump_if(u32(IF_EQUAL))
    state(u32(MOV_TO), u32(EAX), u32(address(BLOCKS)) + TARGET - u32(address(CPU)))
    constant(u32(MOV), u32(EAX), u32(GO_TO))
    jump_to(BLOCKS.leave)
    link(known, BLOCKS.here)
    state(u32(MOV_TO), u32(ESI), u32(PAGE_VIRTUAL))
    _page_field(u32(MOV), u32(EDX), u32(RECORDS))
    state(u32(MOV_TO), u32(EDX), u32(PAGE_RECORDS))
    constant(u32(AND), u32(EAX), u32(0xFFF))
    state(u32(MOV), u32(ECX), u32(PAGE_SHIFT))
    single(u32(0xD3), u32(SHL), u32(EAX))
    both(u32(ADD), u32(EAX), u32(EDX))
    go_on_there()


@fn
def _find_page() -> None:
    """Lead ECX to the place where the page of the address in EAX would be noted; EDX is its key, ESI the page."""
    both(u32(MOV), u32(ECX), u32(EAX))
    shifted(u32(SHR), u32(ECX), u32(12))
    both(u32(MOV), u32(EDX), u32(EAX))
    shifted(u32(SHR), u32(EDX), u32(18))
    both(u32(XOR), u32(ECX), u32(EDX))
    constant(u32(AND), u32(ECX), u32(PAGE_COUNT - 1))
    state(u32(MOV), u32(EDX), u32(NUMBER))
    constant_product(u32(EDX), u32(EDX), u32(PAGE_COUNT))
    both(u32(ADD), u32(ECX), u32(EDX))
    constant_product(u32(ECX), u32(ECX), u32(PAGE_BYTES))
    state(u32(MOV), u32(EDX), u32(CONTEXT))
    both(u32(ADD), u32(EDX), u32(EDX))
    state(u32(OR), u32(EDX), u32(THUMB))
    constant(u32(OR), u32(EDX), u32(PAGE_VALID))
    both(u32(MOV), u32(ESI), u32(EAX))
    constant(u32(AND), u32(ESI), u32(0xFFFF_F000))
    both(u32(OR), u32(EDX), u32(ESI))


@fn
def _page_field(opcode: u32, register: u32, offset: u32) -> None:
    """Write the code of `opcode register, [RBX + RCX + a field of the first page]`."""
    put(opcode)
    put(0x84 | (register << 3))
    put(u32(0x0B))
    put_word(u32(address(PAGES)) + offset - u32(address(CPU)))
