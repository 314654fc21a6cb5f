# SPDX-License-Identifier: Apache-2.0
"""Single steps of VFP and Advanced SIMD on Unicorn's Cortex-A9 and on ours: core registers, D0 to D31, FPSCR, memory."""

import random
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from unicorn import arm_const as names

from board.cases import WINDOW, Case
from board.compare import Pair, Tally
from board.processor import Processor
from board.vfp.cases import make
from ovm.board import state
from ovm.board.decode.pattern import Encoding
from ovm.board.vfp.state import FPEXC_EN, Floating
from ovm.metal import offsetof

_DOUBLES = [getattr(names, f"UC_ARM_REG_D{number}") for number in range(32)]
_CUMULATIVE = 0x0800_009F


@dataclass(frozen=True)
class FloatingCase(Case):
    """A case with extension registers."""

    doubles: tuple[int, ...] = ()
    fpscr: int = 0


class FloatingPair(Pair):
    """Both processors with VFP and Advanced SIMD enabled."""

    def __init__(self, processor: Processor | None = None) -> None:
        super().__init__(processor)
        self.theirs.reg_write(names.UC_ARM_REG_C1_C0_2, 0xF << 20)
        self.theirs.reg_write(names.UC_ARM_REG_FPEXC, FPEXC_EN)
        self.ours.set("cpacr", 0xF << 20)
        self.file = self.ours.program.address_of("ovm.board.vfp.state.FLOATING")
        self.ours.memory.store(self.file + offsetof(Floating, "fpexc"), 4, FPEXC_EN)
        self.fpscr = self.file + offsetof(Floating, "fpscr")

    def _step(self, case: Case, address: int) -> tuple[int, ...]:
        assert isinstance(case, FloatingCase)
        self.ours.memory.write(self.file, struct.pack("<32QII", *case.doubles, case.fpscr, FPEXC_EN))
        mine = super()._step(case, address)
        self.after = struct.unpack("<32QI", self.ours.memory.read(self.file, 260))
        return mine

    def _other(self, case: Case, address: int) -> tuple[tuple[int, ...], bool]:
        assert isinstance(case, FloatingCase)
        control = [(names.UC_ARM_REG_FPEXC, FPEXC_EN), (names.UC_ARM_REG_FPSCR, case.fpscr)]
        self.theirs.reg_write_batch([*zip(_DOUBLES, case.doubles, strict=True), *control])
        return super()._other(case, address)

    def _compare(self, case: Case) -> str:
        assert isinstance(case, FloatingCase)
        before = self.tally.compared
        why = super()._compare(case)
        if why or self.tally.compared == before:
            return why
        theirs = (*self.theirs.reg_read_batch(_DOUBLES), self.theirs.reg_read(names.UC_ARM_REG_FPSCR))
        if self.faulted(theirs):
            return ""
        parts = [f"d{index} {a:016x}/{b:016x}" for index, (a, b) in enumerate(zip(self.after, theirs, strict=True)) if a != b]
        if not parts:
            return ""
        registers = case.word
        inputs = " ".join(f"d{index}={value:016x}" for index, value in enumerate(case.doubles))
        return f"ours/theirs {', '.join(parts)} (fpscr {case.fpscr:08x}) {registers:08x} {inputs}"

    def faulted(self, theirs: tuple[int, ...]) -> bool:
        return False


def compare(rows: Sequence[Encoding], count: int, seed: int, *, thumb: bool = False, pair: FloatingPair | None = None) -> Tally:
    """Run `count` random cases over rows of the decoder."""
    pair, source = pair or FloatingPair(), random.Random(seed)
    done = 0
    while done < count:
        case = make(source, source.choice(rows), rows, thumb)
        if case is None:
            continue
        pair.run(case)
        done += 1
        if done % 64 == 0:
            pair.check_memory(case.name)
    pair.check_memory("the last case")
    return pair.tally


__all__ = ["WINDOW", "FloatingCase", "FloatingPair", "compare", "state"]
