# SPDX-License-Identifier: Apache-2.0
"""Single steps of VFP and Advanced SIMD on Unicorn's Cortex-A9 and on ours: core registers, D0 to D31, FPSCR, memory."""

import ctypes
import random
import struct
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from unicorn import arm_const as names

from ovm.board import state
from ovm.board.decode.pattern import Encoding
from ovm.board.vfp.state import FPEXC_EN
from ovm.metal import offsetof, sizeof
from tests.board import batch as memory_layout
from tests.board.processor import Processor
from tests.board.unicorn_side import UnicornSide
from tests.board.vfp import batch
from tests.board.vfp.cases import States, differs, to_thumb, word_for

_CORE = [int(getattr(names, f"UC_ARM_REG_R{number}")) for number in range(15)]
_DOUBLES = [int(getattr(names, f"UC_ARM_REG_D{number}")) for number in range(32)]
_SIZE = sizeof(batch.FloatingCase)
_AFTER = offsetof(batch.FloatingCase, "doubles_after")
_PLACE = offsetof(batch.FloatingCase, "place")
_ENDING = offsetof(batch.FloatingCase, "failed")
_SPACING = 16
_ALIGNMENT = 1
_LIBRARY = ctypes.CDLL(None)


class _Block:
    """Registers of 4 or 8 bytes, and one buffer with their values in the order of a case."""

    def __init__(self, parts: Sequence[tuple[int, int]]) -> None:
        self.count = len(parts)
        self.size = sum(size for _, size in parts)
        self.values = (ctypes.c_uint8 * self.size)()
        self.start = ctypes.addressof(self.values)
        self.numbers = (ctypes.c_int * self.count)(*(number for number, _ in parts))
        places = [self.start + sum(size for _, size in parts[:index]) for index in range(self.count)]
        self.pointers = (ctypes.c_void_p * self.count)(*places)


class FloatingSide(UnicornSide):
    """Unicorn with extension registers enabled."""

    def __init__(self) -> None:
        super().__init__({})
        self.engine.reg_write(names.UC_ARM_REG_C1_C0_2, 0xF << 20)
        doubles = [(number, 8) for number in _DOUBLES]
        core = [(number, 4) for number in _CORE]
        self.before = _Block([*doubles, (names.UC_ARM_REG_CPSR, 4), *core, (names.UC_ARM_REG_FPSCR, 4)])
        last = [(number, 4) for number in (names.UC_ARM_REG_PC, names.UC_ARM_REG_CPSR, names.UC_ARM_REG_FPSCR)]
        self.behind = _Block([*doubles, *core, *last])

    def step(self, case: bytes, begin: int, end: int, count: int) -> tuple[bytes, bool]:
        """Execute one instruction (by its end, or by count 1); the state behind it and whether it failed."""
        before, behind = self.before, self.behind
        self.engine.reg_write(names.UC_ARM_REG_FPEXC, FPEXC_EN)
        ctypes.memmove(before.start, case, before.size)
        self._library.uc_reg_write_batch(self._handle, before.numbers, before.pointers, before.count)
        failed = self.go_on(begin, end, count)
        self._library.uc_reg_read_batch(self._handle, behind.numbers, behind.pointers, behind.count)
        return bytes(behind.values), failed != 0


@dataclass
class Tally:
    """The outcomes of many cases."""

    compared: int = 0
    faulted: int = 0
    unpredictable: int = 0
    unaligned: int = 0
    repeated: int = 0
    modified: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


class Judge:
    """Both processors; cases go through compiled code in batches."""

    def __init__(self, processor: Processor | None = None) -> None:
        self.ours = processor or Processor()
        self.ours.map(memory_layout.RAM_BYTES)
        self.theirs = FloatingSide()
        self.cases = self.ours.program.address_of("tests.board.vfp.batch.CASES")
        self.ram = self.ours.memory.base + self.ours.ram_address
        self.ours.write(memory_layout.WINDOW, random.Random(1).randbytes(memory_layout.WINDOW_BYTES))
        self.tally = Tally()

    def run(self, cases: Sequence[tuple[Encoding, int, bytes]], thumb: bool) -> None:
        """Run cases: the row, the word, the state."""
        block = b"".join(
            before + struct.pack("<I", memory_layout.CODE + _SPACING * index) + bytes(_SIZE - len(before) - 4)
            for index, (_, _, before) in enumerate(cases)
        )
        for index, (_, word, _) in enumerate(cases):
            self.ours.write(memory_layout.CODE + _SPACING * index, _code(word, thumb))
        ctypes.memmove(self.theirs.base, self.ram, memory_layout.RAM_BYTES)
        memory = ctypes.string_at(self.ram, memory_layout.RAM_BYTES)
        self.theirs.forget_code()
        self.ours.memory.write(self.cases, block)
        known = len(self.tally.failures)
        self._run_part(cases, 0, len(cases), thumb)
        if len(self.tally.failures) > known:
            # Unicorn now and then executes more than was asked: only what happens alone and by count too counts.
            del self.tally.failures[known:]
            self.tally.repeated += 1
            for target in (self.ram, self.theirs.base):
                ctypes.memmove(target, memory, memory_layout.RAM_BYTES)
            self.ours.memory.write(self.cases, block)
            for index in range(len(cases)):
                self.theirs.forget_code()
                self._run_part(cases, index, 1, thumb)

    def _run_part(self, cases: Sequence[tuple[Encoding, int, bytes]], first: int, count: int, thumb: bool) -> None:
        self.ours.call(batch.execute_floating, first, count)
        every = bytes(self.ours.memory.read(self.cases + first * _SIZE, count * _SIZE))
        for number in range(count):
            each, word, _ = cases[first + number]
            case = every[number * _SIZE : (number + 1) * _SIZE]
            why = self._compare(each, case, thumb, count == 1)
            if why and self._is_modified(case, word, thumb):
                self.tally.modified += 1  # an earlier case stored here: a branch to where nothing is fails at once on theirs
            elif why:
                self.tally.failures.append(f"{each.name} {word:08x} fpscr {_fpscr(case):08x}: {why} {_inputs(case)}")
        if _LIBRARY.memcmp(ctypes.c_void_p(self.theirs.base), ctypes.c_void_p(self.ram), memory_layout.RAM_BYTES):
            ctypes.memmove(self.theirs.base, self.ram, memory_layout.RAM_BYTES)
            self.tally.failures.append(f"memory differs after {cases[first][0].name} and {count - 1} more")

    def _is_modified(self, case: bytes, word: int, thumb: bool) -> bool:
        (place,) = struct.unpack_from("<I", case, _PLACE)
        return self.ours.read(place, 4) != _code(word, thumb)

    def _compare(self, each: Encoding, case: bytes, thumb: bool, alone: bool) -> str:
        tally = self.tally
        (place,) = struct.unpack_from("<I", case, _PLACE)
        failed, stopped, fault = struct.unpack_from("<3I", case, _ENDING)
        if stopped in (state.STOP_UNPREDICTABLE, state.STOP_ABSENT):
            tally.unpredictable += 1
            return ""
        if failed == 0x10 and fault & 0xF == _ALIGNMENT:
            tally.unaligned += 1
            return ""
        theirs, complaint = self.theirs.step(case, place | thumb, place + 4, int(alone))
        tally.compared += 1
        if failed and complaint:
            tally.faulted += 1
            if failed == 0x10:
                self.theirs.clear_edges()
            return ""
        if failed:
            return f"exception of ours {failed:#x}, none of theirs"
        tally.rows[each.name] += 1
        mine = case[_AFTER : _AFTER + len(theirs)]
        return "" if mine == theirs else f"{'exception of theirs, ' * complaint}{_difference(mine, theirs)}"


def _code(word: int, thumb: bool) -> bytes:
    return struct.pack("<HH", word >> 16, word & 0xFFFF) if thumb else struct.pack("<I", word)


def _fpscr(case: bytes) -> int:
    return int(struct.unpack_from("<I", case, offsetof(batch.FloatingCase, "fpscr"))[0])


def _inputs(case: bytes) -> str:
    doubles = " ".join(f"d{index}={value:016x}" for index, value in enumerate(struct.unpack_from("<32Q", case)))
    return f"{doubles} status and r {struct.unpack_from('<16I', case, 256)}"


def _difference(mine: bytes, theirs: bytes) -> str:
    labels = [*(f"d{index}" for index in range(32)), *(f"r{index}" for index in range(15)), "pc", "cpsr", "fpscr"]
    pairs = zip(labels, struct.unpack("<32Q18I", mine), struct.unpack("<32Q18I", theirs), strict=True)
    return "ours/theirs " + ", ".join(f"{label} {a:x}/{b:x}" for label, a, b in pairs if a != b)


def compare(rows: Sequence[Encoding], count: int, seed: int, *, thumb: bool = False, judge: Judge | None = None) -> Tally:
    """Run `count` random cases over rows of the decoder."""
    judge, source = judge or Judge(), random.Random(seed)
    judge.tally = Tally()
    states = States(source)
    left = count
    while left > 0 and len(judge.tally.failures) < 20:
        cases: list[tuple[Encoding, int, bytes]] = []
        while len(cases) < min(512, left):
            each = source.choice(rows)
            word = word_for(source, each, rows)
            before = states.draw(thumb)
            if word is not None and not differs(word, before):
                cases.append((each, to_thumb(word) if thumb else word, before))
        judge.run(cases, thumb)
        left -= len(cases)
    return judge.tally
