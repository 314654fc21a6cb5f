# SPDX-License-Identifier: Apache-2.0
"""The machine code that blocks are made of, as Capstone reads it: whole instructions, known ones, jumps that stay inside."""

import capstone
import pytest
from capstone import x86

from ovm.board import state
from ovm.board.arena.place import ARENA, ARENA_BYTES, IS_BLOCK, WORDS, Blocks
from ovm.board.record import RECORD_BYTES, SLOT_BASE, SLOT_BYTES
from ovm.metal import offsetof, sizeof
from tests.board.blocks.pool import Pool
from tests.board.blocks.programs import RAM, build
from tests.board.blocks.sides import Hot

PROGRAMS = 5
# What holds the core, memory's end and beginning, and the table of lines; these stay as they are.
CORE, END, MEMORY, LINES = "rbx", "rbp", "r12", "r13"
FIXED = {CORE, END, MEMORY, LINES, "rsp"}
PLAIN = {"mov", "movzx", "movsx", "lea", "add", "adc", "sub", "sbb", "and", "or", "xor", "cmp", "test", "not", "neg"}
PLAIN |= {"inc", "call", "imul", "mul", "shl", "shr", "sar", "ror", "rol", "bswap", "bsr", "jmp"}
ENDS = ("leave", "not_taken", "taken", "wrong", "across")  # what all blocks share
FAMILIES = ("set", "cmov", "j")


@pytest.fixture(scope="module")
def hot() -> Hot:
    return Hot()


def beginnings(hot: Hot) -> list[int]:
    """Return where blocks begin."""
    memory = hot.core.memory
    used = memory.load(hot.core.program.address_of("ovm.board.record.USED_SLOTS"), 4)
    found = []
    for slot in range(1, used + 1):
        base = SLOT_BASE + slot * SLOT_BYTES
        marks = bytes(memory.read(base, SLOT_BYTES))[3::RECORD_BYTES]
        places = (base + number * RECORD_BYTES for number, mark in enumerate(marks) if mark == IS_BLOCK >> 8)
        found += [memory.load(WORDS + (place >> 2), 4) for place in places]
    return sorted(found)


def check_operands(each: capstone.CsInsn) -> None:
    """Check that an instruction writes no register that is to stay, and reaches memory only where it should."""
    _, written = each.regs_access()
    assert each.mnemonic == "call" or not {each.reg_name(number) for number in written} & FIXED, each
    for operand in each.operands:
        if operand.type != x86.X86_OP_MEM or each.mnemonic == "lea":
            continue
        base, index = each.reg_name(operand.mem.base), each.reg_name(operand.mem.index)
        if base == CORE and not index:
            # Of the core's state, or beside it: where blocks were left, which is written, and what is only read.
            inside = 0 <= operand.mem.disp <= sizeof(state.Cpu) - operand.size
            assert inside or each.mnemonic in ("mov", "cmp") and operand.size == 4, each
        elif base == CORE:
            assert (operand.mem.disp, operand.mem.scale) == (offsetof(state.Cpu, "returns"), 4), each
        else:
            assert (base, index) in ((END, None), (END, "rcx"), (LINES, "rcx"), (MEMORY, "rax")), each


def is_jump(each: capstone.CsInsn) -> bool:
    return bool((each.mnemonic[0] == "j" or each.mnemonic == "call") and each.operands[0].type == x86.X86_OP_IMM)


def instructions(hot: Hot, begin: int, end: int, engine: capstone.Cs) -> list[capstone.CsInsn]:
    """Return the instructions of a block, as control gets to them: what led out before a jump was linked is not among them."""
    code = bytes(hot.core.memory.read(begin, end - begin))
    found: dict[int, capstone.CsInsn] = {}
    ways = [begin]
    while ways:
        at = ways.pop()
        while begin <= at < end and at not in found:
            each = next(engine.disasm(code[at - begin :], at, 1), None)
            assert each is not None, f"{at:#x} is no instruction"
            found[at] = each
            if is_jump(each):
                ways.append(each.operands[0].imm)
            at = end if each.mnemonic == "jmp" else at + each.size
    assert sum(each.size for each in found.values()) > (end - begin) // 2
    return list(found.values())


@pytest.mark.parametrize("thumb", [False, True])
def test_code_is_whole(hot: Hot, thumb: bool) -> None:
    hot.core.reset()
    hot.core.map(RAM)
    pool = Pool(hot.core, thumb, 1)
    engine = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64)
    engine.detail = True
    seen: set[str] = set()
    for seed in range(PROGRAMS):
        hot.run(build(pool, thumb, seed), 1)
        blocks = beginnings(hot)
        used = hot.core.memory.load(hot.blocks + offsetof(Blocks, "used"), 4)
        ends = [hot.core.memory.load(hot.blocks + offsetof(Blocks, name), 4) for name in ENDS]
        assert ARENA < min(ends) and max(ends) < blocks[0] and blocks[-1] < used <= ARENA + ARENA_BYTES
        places, targets = set(ends), set[int]()
        for begin, end in zip(blocks, [*blocks[1:], used], strict=True):
            for each in instructions(hot, begin, end, engine):
                places.add(each.address)
                seen.add(each.mnemonic)
                assert each.mnemonic in PLAIN or each.mnemonic.startswith(FAMILIES), each
                if is_jump(each):
                    targets.add(each.operands[0].imm)
                else:
                    check_operands(each)
        assert targets <= places
    assert len(seen) > 30
