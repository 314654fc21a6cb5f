# SPDX-License-Identifier: Apache-2.0
"""An assembler of x86-64 instructions (Intel SDM volume 2, chapters 2 to 5).

Registers are named by their numbers. These have fixed uses in a block: RBX is the core that runs (`CPU`), RBP the end of the
program's memory, R12 its begin, R13 the table of lines that hit, R14 the issue slots up to now minus the limit (negative), R15
the instructions executed. EAX, ECX and EDX are scratch, the others keep guest registers (`registers`).
"""

from typing import Final

from ovm.board.arena.place import BLOCKS
from ovm.metal import VirtAddr, fn, pointer, u8, u32

EAX: Final = 0
ECX: Final = u32(1)
EDX: Final = 2
RBX: Final = 3
RBP: Final = 5
ESI: Final = 6
FIRST_FREE: Final = u32(6)  # ESI, EDI, R8 to R11
LAST_FREE: Final = 11
R14: Final = 14
R15: Final = 15

# Two-operand instructions: the opcode that has the register as target; the immediate forms' extension is OPCODE >> 3.
ADD: Final = u32(0x03)
OR: Final = 0x0B
ADC: Final = 0x13
SBB: Final = u32(0x1B)
AND: Final = 0x23
SUB: Final = u32(0x2B)
XOR: Final = 0x33
CMP: Final = 0x3B
MOV: Final = 0x8B
MOV_TO: Final = u32(0x89)
ADD_TO: Final = 0x01
SUB_TO: Final = 0x29
LEA: Final = 0x8D

# Two-byte opcodes, the second byte.
MOVZX_BYTE: Final = u32(0xB6)
MOVZX_WORD: Final = u32(0xB7)
MOVSX_BYTE: Final = 0xBE
MOVSX_WORD: Final = 0xBF
IMUL: Final = 0xAF
BSR: Final = 0xBD

# Extensions of C1, shifts by a constant, and D3, by CL.
ROR: Final = 1
SHL: Final = 4
SHR: Final = 5
SAR: Final = 7

# Conditions.
IF_OVERFLOW: Final = 0
IF_BELOW: Final = 2
IF_ABOVE_OR_EQUAL: Final = 3
IF_EQUAL: Final = 4
IF_NOT_EQUAL: Final = 5
IF_BELOW_OR_EQUAL: Final = 6
IF_ABOVE: Final = 7
IF_SIGN: Final = 8
IF_NO_SIGN: Final = 9
IF_LESS: Final = 12
IF_GREATER_OR_EQUAL: Final = 13
IF_LESS_OR_EQUAL: Final = 14
IF_GREATER: Final = 15


@fn
def put(value: u32) -> None:
    """Append a byte."""
    pointer(u8, VirtAddr(BLOCKS.here))[0] = u8(value)
    BLOCKS.here += 1


@fn
def put_word(value: u32) -> None:
    """Append four bytes."""
    pointer(u32, VirtAddr(BLOCKS.here))[0] = value
    BLOCKS.here += 4


@fn
def _short(value: u32) -> bool:
    return value + 128 < 256


@fn
def _rex(register: u32, other: u32) -> None:
    prefix = ((register >> 3) << 2) | (other >> 3)
    if prefix != 0:
        put(0x40 | prefix)


@fn
def both(opcode: u32, target: u32, source: u32) -> None:
    """Write `opcode target, source`, between registers."""
    _rex(target, source)
    put(opcode)
    put(0xC0 | ((target & 7) << 3) | (source & 7))


@fn
def both_wide(opcode: u32, target: u32, source: u32) -> None:
    """Write the same, 64 bits wide."""
    put(0x48 | ((target >> 3) << 2) | (source >> 3))
    put(opcode)
    put(0xC0 | ((target & 7) << 3) | (source & 7))


@fn
def both_long(opcode: u32, target: u32, source: u32) -> None:
    """Write the same for an opcode of two bytes."""
    _rex(target, source)
    put(0x0F)
    put(opcode)
    put(0xC0 | ((target & 7) << 3) | (source & 7))


@fn
def constant(opcode: u32, target: u32, value: u32) -> None:
    """Write `opcode target, value`."""
    if opcode == MOV:
        _rex(0, target)
        put(0xB8 | (target & 7))
        put_word(value)
        return
    _rex(0, target)
    put(0x83 if _short(value) else 0x81)
    put(0xC0 | (opcode & 0x38) | (target & 7))
    if _short(value):
        put(value)
    else:
        put_word(value)


@fn
def constant_product(target: u32, source: u32, value: u32) -> None:
    """Write `imul target, source, value`."""
    _rex(target, source)
    put(0x69)
    put(0xC0 | ((target & 7) << 3) | (source & 7))
    put_word(value)


@fn
def shifted(extension: u32, target: u32, amount: u32) -> None:
    """Write a shift by a constant from 1 to 31."""
    _rex(0, target)
    put(0xC1)
    put(0xC0 | (extension << 3) | (target & 7))
    put(amount)


@fn
def single(opcode: u32, extension: u32, target: u32) -> None:
    """Write an instruction with one operand: F7 /2 NOT, /4 MUL, /5 IMUL; D3 shifts by CL."""
    _rex(0, target)
    put(opcode)
    put(0xC0 | (extension << 3) | (target & 7))


@fn
def _displaced(register: u32, base: u32, displacement: u32) -> None:
    if _short(displacement):
        put(0x40 | ((register & 7) << 3) | (base & 7))
        put(displacement)
    else:
        put(0x80 | ((register & 7) << 3) | (base & 7))
        put_word(displacement)


@fn
def memory(opcode: u32, register: u32, base: u32, displacement: u32) -> None:
    """Write `opcode register, [base + displacement]`, or the reverse; the base is not RSP or R12."""
    _rex(register, base)
    put(opcode)
    _displaced(register, base, displacement)


@fn
def state(opcode: u32, register: u32, offset: u32) -> None:
    """Write `opcode register, [field of CPU]`, or the reverse."""
    memory(opcode, register, RBX, offset)


@fn
def state_byte(register: u32, offset: u32) -> None:
    """Load a field of CPU that is 0 or 1."""
    put(0x0F)
    put(MOVZX_BYTE)
    _displaced(register, RBX, offset)


@fn
def set_state(condition: u32, offset: u32) -> None:
    """Set a field of CPU, which is 0 or 1, to the value of a condition."""
    put(0x0F)
    put(0x90 | condition)
    _displaced(0, RBX, offset)


@fn
def compare_state(offset: u32, value: u32) -> None:
    """Compare a field of CPU with a small constant."""
    put(0x83)
    _displaced(7, RBX, offset)
    put(value)


@fn
def compare_state_byte(offset: u32, value: u32) -> None:
    """Compare a field of CPU that is 0 or 1."""
    put(0x80)
    _displaced(7, RBX, offset)
    put(value)


@fn
def constant_state(offset: u32, value: u32) -> None:
    """Write a constant to a field of CPU."""
    put(0xC7)
    _displaced(0, RBX, offset)
    put_word(value)


@fn
def increment(offset: u32) -> None:
    """Add one to a field of CPU."""
    put(0xFF)
    _displaced(0, RBX, offset)


@fn
def line_field(opcode: u32, register: u32, offset: u32) -> None:
    """Write `opcode register, [R13 + RCX + offset]`: a field of the line to which ECX leads."""
    put(0x41 | ((register >> 3) << 2))
    put(opcode)
    put(0x44 | ((register & 7) << 3))
    put(0x0D)
    put(offset)


@fn
def place(register: u32, offset: u32) -> None:
    """Write the operand [R12 + RAX + offset] of an instruction whose prefix and opcode are written."""
    if offset == 0:
        put(0x04 | ((register & 7) << 3))
        put(0x04)
        return
    put(0x44 | ((register & 7) << 3))
    put(0x04)
    put(offset)


@fn
def count(register: u32, amount: u32) -> None:
    """Write `add R14 or R15, amount`, 64 bits wide."""
    if amount == 0:
        return
    put(0x49)
    put(0x83 if _short(amount) else 0x81)
    put(0xC0 | (register & 7))
    if _short(amount):
        put(amount)
    else:
        put_word(amount)


@fn
def jump_if(condition: u32) -> u32:
    """Write a conditional jump to be linked; return the place of its distance."""
    put(0x0F)
    put(0x80 | condition)
    put_word(0)
    return BLOCKS.here - 4


@fn
def jump() -> u32:
    """Write a jump to be linked, which leads to the next instruction until then; return the place of its distance."""
    put(0xE9)
    put_word(0)
    return BLOCKS.here - 4


@fn
def link(site: u32, target: u32) -> None:
    """Let a jump lead to `target`."""
    pointer(u32, VirtAddr(site))[0] = target - (site + 4)


@fn
def jump_to(target: u32) -> None:
    """Write a jump."""
    link(jump(), target)


@fn
def call(target: u32) -> None:
    """Write a call of code that all blocks share."""
    put(0xE8)
    put_word(target - (BLOCKS.here + 4))
