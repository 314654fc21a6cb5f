# SPDX-License-Identifier: Apache-2.0
"""The inputs of a core's translation: its registers as a context, memory as `Tables` reads it."""

from collections.abc import Callable

from ovm.board.api import Board, BoardError
from ovm.machines.inspect_walk import Context, ReadWord, Tables

_MMU, _EXCEPTION_ENDIAN, _TEX_REMAP, _ACCESS_FLAG = 1 << 0, 1 << 25, 1 << 28, 1 << 29


def reader(board: Board, core: int) -> ReadWord:
    """Return words of physical memory as a core sees it; None where there is none."""

    def read(place: int) -> int | None:
        try:
            return int.from_bytes(board.read(place, 4, core=core), "little")
        except BoardError:
            return None

    return read


def context_of(get: Callable[[str], int], suffix: str) -> Context:
    """Return the context that CP15 registers describe; `suffix` is the world's: `_S` or `_NS`."""
    control = get(f"SCTLR{suffix}")
    return Context(
        ttbr0=get(f"TTBR0{suffix}"),
        ttbr1=get(f"TTBR1{suffix}"),
        ttbcr=get(f"TTBCR{suffix}"),
        dacr=get(f"DACR{suffix}"),
        enabled=bool(control & _MMU),
        access_flag=bool(control & _ACCESS_FLAG),
        tex_remap=bool(control & _TEX_REMAP),
        big_endian=bool(control & _EXCEPTION_ENDIAN),
    )


def tables_of(board: Board, core: int, suffix: str = "") -> Tables:
    """Return the tables with which a core translates now, or those of one of its worlds."""
    each = board.cores[core]
    world = suffix or ("_S" if each.secure else "_NS")
    return Tables(reader(board, core), context_of(each.get, world))
