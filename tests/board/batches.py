# SPDX-License-Identifier: Apache-2.0
"""Batches of random cases on Unicorn's Cortex-A9 and on ours, from equal states."""

import ctypes
import random
import struct
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from ovm.board import state
from ovm.board.decode.pattern import Encoding
from ovm.board.decode.tables import CONDITIONAL, NARROW, UNCONDITIONAL, WIDE
from ovm.metal import offsetof, sizeof
from tests.board import batch, batch_words
from tests.board.batch_rows import row_of
from tests.board.cases import SYSTEM
from tests.board.processor import Processor
from tests.board.unicorn_side import UnicornSide

_ALIGNMENT = 1
_SUPERVISOR_CALL = 8
ITSTATE = 0x0600_FC00
_USER_BANK = {"R8": 0x1_8000, "R9": 0x1234_5678, "R10": 0x1_9000, "R11": 0xFFFF_FFF0, "R12": 5, "R13": 0x1_A000, "R14": 0x1_B004}
_USER_PSR = 0x1D0
_LIBRARY = ctypes.CDLL(None)
# CLREX as a word in memory.
CLEAR = (batch_words.CLREX, batch_words.CLREX_WIDE >> 16 | (batch_words.CLREX_WIDE & 0xFFFF) << 16)
# Instruction sets: tables, the second of T32 with halves of two, whether T32.
SETS = {"a32": ([*CONDITIONAL, *UNCONDITIONAL], [], False), "t32": (NARROW, WIDE, True)}


@dataclass
class Tally:
    """The outcomes of many cases. Each executed instruction counts as one."""

    compared: int = 0
    faulted: int = 0
    unpredictable: int = 0
    unaligned: int = 0
    repeated: int = 0
    modified: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


class Batches:
    """Both processors, and the cases in ours."""

    # What is in other modes' registers before each case, by CPSR.
    banks: Mapping[int, Mapping[str, int]] = {_USER_PSR: _USER_BANK}

    def __init__(self, name: str, seed: int, processor: Processor | None = None) -> None:
        first, second, self.thumb = SETS[name]
        self.rows = [*first, *second]
        self.left_out = {each.name for each in self.rows if self.is_left_out(each)}
        self.alone = [each.name.startswith("strex") for each in self.rows] + [False]
        self.middle = len(first) if second else 0
        self.ours = processor or Processor()
        self.ours.map(batch.RAM_BYTES)
        self.theirs = UnicornSide(self.banks)
        self._rows = self._table(len(first))
        self._random = self.ours.program.address_of("tests.board.batch.RANDOM")
        self.host = self.ours.memory.base
        self.cases = self.host + self.ours.program.address_of("tests.board.batch.CASES")
        self.ram = self.host + self.ours.ram_address
        self.restart(seed)

    def restart(self, seed: int) -> None:
        """Begin anew: memory empty except the window, random numbers from `seed`, nothing counted."""
        self.tally = Tally()
        ctypes.memset(self.ram, 0, batch.RAM_BYTES)
        self._place("ROWS", self._rows)
        self._place("USER_BANK", struct.pack("<7I", *self.banks[_USER_PSR].values()))
        self._place("RANDOM", struct.pack("<Q", seed))
        self.ours.write(batch.WINDOW, random.Random(seed).randbytes(batch.WINDOW_BYTES))
        self.ours.call(batch.forget_code)

    def is_left_out(self, each: Encoding) -> bool:
        """Tell whether an encoding is judged elsewhere."""
        return each.name in SYSTEM

    def explained(self, case: bytes, values: bytes) -> bool:
        """Tell whether only ITSTATE in the middle of an IT block differs: Unicorn has it in its translation alone."""
        (mine,), (other,) = struct.unpack_from("<I", case, AFTER + 64), struct.unpack_from("<I", values, 64)
        rest = case[AFTER : AFTER + 64] == values[:64]
        return rest and mine & ITSTATE != 0 and (mine ^ other) & ~ITSTATE == 0

    def execute(self, first: int, count: int) -> None:
        """Execute cases on ours."""
        self.ours.call(batch.execute_cases, first, count)

    def _table(self, narrow: int) -> bytes:
        rows = b""
        for index, each in enumerate(self.rows):
            halves = batch.HAS_TWO_HALVES if self.thumb and index >= narrow else 0
            plain = row_of(each, self.is_left_out(each))
            rows += plain[:20] + struct.pack("<I", struct.unpack("<I", plain[20:])[0] | halves)
        return rows

    def _place(self, name: str, data: bytes) -> None:
        self.ours.memory.write(self.ours.program.address_of(f"tests.board.batch.{name}"), data)

    def run(self, count: int, longest: int) -> None:
        """Make `count` cases of up to `longest` instructions and run them on both."""
        seed = self.ours.memory.read(self._random, 8)
        before = ctypes.string_at(self.ram, batch.RAM_BYTES)
        self._make(count, longest)
        known = len(self.tally.failures)
        self._run_part(0, count)
        if len(self.tally.failures) > known:
            # Only what differs alone, from equal memories, is a difference: a store may have changed a later instruction.
            del self.tally.failures[known:]
            self.tally.repeated += 1
            self._place("RANDOM", bytes(seed))
            ctypes.memmove(self.ram, before, batch.RAM_BYTES)
            self.ours.call(batch.forget_code)
            self._make(count, longest)
            for number in range(count):
                self._run_alone(number)

    def _make(self, count: int, longest: int) -> None:
        self.ours.call(batch_words.make_cases, count, 0, self.middle, len(self.rows), int(self.thumb), longest)
        self.made = ctypes.string_at(self.ram, batch.RAM_BYTES)
        ctypes.memmove(self.theirs.base, self.made, batch.RAM_BYTES)
        self.theirs.forget_code()

    def _run_alone(self, number: int) -> None:
        """Run one case. It counts as modified, whatever it did, if a store changed its code: its own, which needs an ISB, or
        an earlier case's, which may have made what is not compared.
        """
        known = len(self.tally.failures)
        place = self.cases + number * sizeof(batch.Case)
        begin, end = (int.from_bytes(ctypes.string_at(place + at, 4), "little") for at in (0, AFTER + 88))
        self._run_part(number, 1)
        if len(self.tally.failures) > known and self.ours.read(begin, end - begin) != self.made[begin:end]:
            del self.tally.failures[known:]
            self.tally.modified += 1
            ctypes.memmove(self.theirs.base, self.ram, batch.RAM_BYTES)

    def _run_part(self, first: int, count: int) -> None:
        self.execute(first, count)
        size = sizeof(batch.Case)
        start = self.cases + first * size
        every = ctypes.string_at(start, count * size)
        for number in range(count):
            self._compare(every[number * size : number * size + size], start + number * size)
        self._check_memory(first)

    def _compare(self, case: bytes, place: int) -> None:
        begin, _count = struct.unpack_from("<2I", case)
        pc, _cpsr, done, exception, stopped, fault, row, _end = struct.unpack_from("<8I", case, AFTER + 60)
        tally = self.tally
        if row < len(self.rows):
            tally.rows[self.rows[row].name] += 1
        if stopped in (state.STOP_UNPREDICTABLE, state.STOP_ABSENT):
            tally.unpredictable += 1
        elif exception in (0x0C, 0x10) and fault & 0xF == _ALIGNMENT:
            tally.unaligned += 1
        elif exception == _SUPERVISOR_CALL:
            pass
        elif exception and not done:
            self._expect_failure(case, place, begin)
            return
        if done:
            self._expect(case, place, pc, done)
        if exception == 0x10:
            self.theirs.clear_edges()

    def _expect_failure(self, case: bytes, place: int, begin: int) -> None:
        """Both refuse the first instruction."""
        thumb = int(self.thumb)
        count = struct.unpack_from("<I", case, 4)[0]
        size = struct.unpack_from("<I", case, AFTER + 88)[0] - begin if count == 1 else 4
        if self.theirs.run(place + 8, begin | thumb, begin + size, 0) == 0:
            self._fail(case, "ours: exception; theirs: none")
        else:
            self.tally.compared += 1
            self.tally.faulted += 1
            if struct.unpack_from("<I", case, AFTER + 72)[0] == 0x10:
                self.theirs.clear_edges()

    def _expect(self, case: bytes, place: int, pc: int, done: int) -> None:
        """Both come to the same state; a branch to where nothing is fails on theirs after its own effects."""
        (begin, count), (row,) = struct.unpack_from("<2I", case), struct.unpack_from("<I", case, AFTER + 84)
        lead = 4 if self.alone[row] and count == 1 else 0
        if lead and self.theirs.word(begin - 4) not in CLEAR:
            return  # an earlier case stored there
        (jumped,) = struct.unpack_from("<I", case, AFTER + 92)
        thumb = int(self.thumb)
        first = begin - lead
        if jumped not in (0, first):
            failed = self.theirs.run(place + 8, first | thumb, jumped, 0)
            first = jumped
        else:
            self.theirs.set_state(place + 8)
        if jumped == pc:
            return  # a branch to itself has no end
        if jumped and pc < batch.RAM_BYTES:
            # What was translated there runs past the end.
            self.theirs.forget_code()
        failed = self.theirs.go_on(first | thumb, pc, int(jumped != 0))
        values = self.theirs.registers()
        self.tally.compared += done
        if values != case[AFTER : AFTER + 68] and not self.explained(case, values):
            self._fail(case, f"{'theirs: error ' + str(failed) + '; ' if failed else ''}{_difference(case, values)}")

    def _fail(self, case: bytes, why: str) -> None:
        begin, count, status, saved = struct.unpack_from("<4I", case)
        end = struct.unpack_from("<I", case, AFTER + 88)[0]
        code = self.ours.read(begin, end - begin)
        before = " ".join(f"{value:x}" for value in struct.unpack_from("<15I", case, 16))
        row = struct.unpack_from("<I", case, AFTER + 84)[0]
        name = self.rows[row].name if row < len(self.rows) else "?"
        self.tally.failures.append(f"{name} {code.hex()} at {begin:x} cpsr {status:x} spsr {saved:x} r {before}: {why}")

    def _check_memory(self, first: int) -> None:
        if _LIBRARY.memcmp(ctypes.c_void_p(self.theirs.base), ctypes.c_void_p(self.ram), batch.RAM_BYTES):
            ours = ctypes.string_at(self.ram, batch.RAM_BYTES)
            theirs = ctypes.string_at(self.theirs.base, batch.RAM_BYTES)
            places = [at for at in range(batch.RAM_BYTES) if ours[at] != theirs[at]]
            text = ", ".join(f"{at:x} {ours[at]:02x}/{theirs[at]:02x}" for at in places[:8])
            ctypes.memmove(self.theirs.base, self.ram, batch.RAM_BYTES)
            self.tally.failures.append(f"{len(places)} bytes of memory differ after the cases from {first}: {text}")


AFTER = offsetof(batch.Case, "after")


def _difference(case: bytes, values: bytes) -> str:
    labels = [*(f"r{number}" for number in range(15)), "pc", "cpsr"]
    mine, other = struct.unpack_from("<17I", case, AFTER), struct.unpack("<17I", values)
    parts = [f"{label} {a:08x}/{b:08x}" for label, a, b in zip(labels, mine, other, strict=True) if a != b]
    return "ours/theirs " + ", ".join(parts)


def compare(batches: Batches, count: int) -> Tally:
    """Run at least `count` instructions, half of them alone, half in runs."""
    while batches.tally.compared < count and len(batches.tally.failures) < 20:
        batches.run(min(batch.MOST_CASES, count), 1)
        batches.run(min(512, count), batch.MOST_IN_STREAM)
    return batches.tally
