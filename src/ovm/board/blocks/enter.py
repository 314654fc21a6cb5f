# SPDX-License-Identifier: Apache-2.0
"""The entry code and the exit code that all blocks share."""

from typing import Final

from ovm.board.arena.place import ARENA, BLOCKS
from ovm.board.arena.x86 import put, put_word
from ovm.board.blocks.across import write_across
from ovm.board.blocks.prediction import write_ways
from ovm.board.state import CPU, Cpu
from ovm.metal import address, fn, offsetof, u32, unroll

TABLE: Final = offsetof(Cpu, "table")
SLOTS: Final = offsetof(Cpu, "slots")
LIMIT: Final = offsetof(Cpu, "limit")
INSTRUCTIONS: Final = offsetof(Cpu, "instructions")


def _field(code: str, offset: int) -> bytes:
    """Return an instruction with [RBX + offset]."""
    return bytes.fromhex(code) + offset.to_bytes(4, "little")


# push RBX, RBP, R12 to R15; mov R12, RDI; lea RBX, [R12 + the address of CPU]
BEFORE_CPU: Final = bytes.fromhex("53 55 41 54 41 55 41 56 41 57 49 89 FC 49 8D 9C 24")
# RBP is the end of memory, R13 the table of lines; R14 is slots - limit, or very negative where that is not
# (no limit); R15 is 0. The first R14 is kept on the stack.
AFTER_CPU: Final = b"".join(
    (
        bytes.fromhex("B8 01 00 00 00 48 C1 E0 20 49 8D 2C 04"),  # mov EAX, 1; shl RAX, 32; lea RBP, [R12 + RAX]
        _field("44 8B AB", TABLE),  # mov R13D, [table]
        bytes.fromhex("4D 01 E5"),  # add R13, R12
        bytes.fromhex("48 B8 00 00 00 00 00 00 00 C0"),  # mov RAX, -2^62
        _field("4C 8B B3", SLOTS),  # mov R14, [slots]
        _field("4C 2B B3", LIMIT),  # sub R14, [limit]
        bytes.fromhex("4C 0F 49 F0"),  # cmovns R14, RAX
        bytes.fromhex("41 56 45 31 FF 89 F0 4C 01 E0 FF E0"),  # push R14; xor R15D, R15D; mov EAX, ESI; add RAX, R12; jmp RAX
    )
)
LEAVE: Final = b"".join(
    (
        bytes.fromhex("59 49 29 CE"),  # pop RCX; sub R14, RCX
        _field("4C 01 B3", SLOTS),  # add [slots], R14
        _field("4C 01 BB", INSTRUCTIONS),  # add [instructions], R15
        bytes.fromhex("41 5F 41 5E 41 5D 41 5C 5D 5B C3"),  # pop all, ret
    )
)


@fn
def write_ends() -> None:
    """Write the entry code at the beginning of the arena, and the exit code."""
    BLOCKS.here = ARENA
    for each in unroll(BEFORE_CPU):
        put(u32(each))
    put_word(u32(address(CPU)))
    for each in unroll(AFTER_CPU):
        put(u32(each))
    BLOCKS.leave = BLOCKS.here
    for each in unroll(LEAVE):
        put(u32(each))
    write_ways()
    write_across()
    BLOCKS.used = BLOCKS.here
