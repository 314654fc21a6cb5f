# SPDX-License-Identifier: Apache-2.0
"""The calls of each function, read from the machine code.

Only the code that runs shows all calls: which of them the compiler inlined or made jumps, and which routines it called by
itself. Only A32 branches matter (ARM DDI 0406C, section A8.8): B, BL
and BLX with an offset name their target; BLX and BX with a register, except a return through LR, do not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ovm.metal.build.elf import Elf, Symbol

_LR = 14
_THUNK = "__ARMv7ABSLongThunk_"  # lld's bridge to a function too far for a branch; it uses no stack


@dataclass(frozen=True)
class Calls:
    """The reach of one function: functions by name, and whether it reaches code without a name."""

    direct: frozenset[str]
    has_indirect: bool


def machine_calls(elf: Elf) -> Mapping[str, Calls]:
    """Return the calls of every function of an ARM image. Functions at one address are all listed."""
    return {symbol.name: _calls_of(elf, symbol) for symbol in elf.symbols.values() if symbol.kind == "function"}


def _calls_of(elf: Elf, function: Symbol) -> Calls:
    direct: set[str] = set()
    has_indirect = False
    for address, word in _instructions(elf, function):
        target = branch_target(address, word)
        if target is not None:
            called = elf.symbol_at(target)
            inside = function.address <= target < function.address + function.size
            if called is not None and called.kind == "function" and (not inside or is_call(word)):
                direct.add(called.name.removeprefix(_THUNK))
        has_indirect = has_indirect or is_indirect(word)
    return Calls(frozenset(direct), has_indirect)


def _instructions(elf: Elf, function: Symbol) -> Iterator[tuple[int, int]]:
    code = elf.bytes_at(function.address, function.size) if function.size else b""
    skipped = [area for area in elf.data_in_code if area[0] < function.address + function.size]
    for offset in range(0, len(code) - 3, 4):
        address = function.address + offset
        if not any(start <= address < end for start, end in skipped):
            yield address, int.from_bytes(code[offset : offset + 4], "little")


def branch_target(address: int, word: int) -> int | None:
    """Return the target of B, BL or BLX (immediate) at `address`; None for any other instruction."""
    if word >> 25 & 0b111 != 0b101:
        return None
    offset = word & 0xFF_FFFF
    offset -= (offset & 0x80_0000) << 1
    return (address + 8 + 4 * offset) & 0xFFFF_FFFF


def is_call(word: int) -> bool:
    """Return whether a branch keeps a return address: BL or BLX, where B inside a function only loops."""
    return bool(word >> 24 & 1) or word >> 28 == 0xF


def is_indirect(word: int) -> bool:
    """Return whether an instruction is BLX (register), or BX by another register than LR."""
    is_blx = word & 0x0FFF_FFF0 == 0x012F_FF30
    is_bx = word & 0x0FFF_FFF0 == 0x012F_FF10
    return word >> 28 != 0xF and (is_blx or (is_bx and word & 0xF != _LR))
