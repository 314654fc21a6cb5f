# SPDX-License-Identifier: Apache-2.0
"""The contents of the caches as Python values."""

from dataclasses import dataclass

from ovm.board.cache import level1
from ovm.metal.build.host import HostProgram

_LINE_ADDRESS = 0xFFFF_FFE0
_WORD = 4
# UG585 3.4; the lock-by-line bit of a tag in `ovm.board.cache.level2_tags`.
_LEVEL2_SETS, _LEVEL2_WAYS, _LEVEL2_LOCKED = 2048, 8, 1 << 3


@dataclass(frozen=True)
class CacheLine:
    """A valid line of 32 bytes at a physical address of the Non-secure (`ns`) or Secure address space."""

    set: int
    way: int
    physical: int
    ns: bool
    dirty: bool
    locked: bool = False


@dataclass(frozen=True)
class CacheState:
    """One cache: its capacity, and its valid lines in the order of sets and ways."""

    sets: int
    ways: int
    lines: tuple[CacheLine, ...]

    def find(self, physical: int, ns: bool | None = None) -> CacheLine | None:
        """Return the line that holds an address, of either address space unless `ns` chooses one."""
        for line in self.lines:
            if line.physical == physical & _LINE_ADDRESS and ns in (None, line.ns):
                return line
        return None


def data_cache(program: HostProgram, core: int) -> CacheState:
    """Return a core's L1 data cache."""
    base = program.address_of("ovm.board.cache.level1.DATA") + core * level1.LINES * _WORD
    return _read(program, base, _WORD, level1.SETS, level1.WAYS)


def instruction_cache(program: HostProgram, core: int) -> CacheState:
    """Return a core's L1 instruction cache."""
    base = program.address_of("ovm.board.cache.level1.INSTRUCTIONS") + core * level1.LINES * _WORD
    return _read(program, base, _WORD, level1.SETS, level1.WAYS)


def level2_cache(program: HostProgram) -> CacheState:
    """Return the L2C-310."""
    base = program.address_of("ovm.board.cache.level2_tags.TAGS")
    return _read(program, base, _WORD, _LEVEL2_SETS, _LEVEL2_WAYS, _LEVEL2_LOCKED)


def _read(program: HostProgram, base: int, step: int, sets: int, ways: int, locked: int = 0) -> CacheState:
    content = program.memory.read(base, sets * ways * step)
    lines = []
    for number in range(sets * ways):
        tag = int.from_bytes(content[number * step : number * step + _WORD], "little")
        if tag & level1.VALID:
            ns, dirty = bool(tag & level1.NON_SECURE), bool(tag & level1.DIRTY)
            way = CacheLine(number // ways, number % ways, tag & _LINE_ADDRESS, ns, dirty, bool(tag & locked))
            lines.append(way)
    return CacheState(sets, ways, tuple(lines))
