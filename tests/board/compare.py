# SPDX-License-Identifier: Apache-2.0
"""Single steps on Unicorn's Cortex-A9 and on ours, from equal states, one by one (batches.py does many at once)."""

import random
import struct
from dataclasses import dataclass, field

import unicorn
from unicorn import arm_const as names

from board import step
from board.cases import CODE, WINDOW, WINDOW_BYTES, Case
from board.processor import Processor
from ovm.board import state

_REGISTERS = [getattr(names, f"UC_ARM_REG_R{number}") for number in range(15)]
_ALL = [*_REGISTERS, names.UC_ARM_REG_PC, names.UC_ARM_REG_CPSR]
_RAM = 0x2_0000
_SVC = 0x1D3
_ALIGNMENT = 1


@dataclass
class Tally:
    """What came of many cases."""

    compared: int = 0
    faulted: int = 0
    unpredictable: int = 0
    unaligned: int = 0
    repeated: int = 0
    failures: list[str] = field(default_factory=list)


class Pair:
    """Both processors with the same memory: code at 0x8000, data in a window, nothing behind."""

    def __init__(self, processor: Processor | None = None, *, retry: bool = True) -> None:
        self.retry = retry
        self.ours = processor or Processor()
        self.ours.map(_RAM)
        self.theirs = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_ARM)
        self.theirs.ctl_set_cpu_model(names.UC_CPU_ARM_CORTEX_A9)
        self.theirs.mem_map(0, _RAM)
        noise = random.Random(1).randbytes(WINDOW_BYTES)
        self.theirs.mem_write(WINDOW, noise)
        self.ours.write(WINDOW, noise)
        self.place = 0
        self.tally = Tally()
        self._outcome = self.ours.program.address_of("board.step.OUTCOME")

    def run(self, case: Case) -> None:
        """Run one case on both and compare."""
        self.place = (self.place + 8) % 0x4000
        if self.place == 0:
            self.theirs.ctl_flush_tb()
        why = self._compare(case)
        if why and self.retry:
            # Unicorn now and then executes what an address held before: only what happens twice counts.
            self.theirs.ctl_flush_tb()
            self._settle()
            self.tally.repeated += 1
            why = self._compare(case)
        if why:
            self._settle()
            self.tally.failures.append(f"{case.name} {case.word:08x} flags {case.flags:08x}: {why}")

    def _compare(self, case: Case) -> str:
        address = CODE + self.place
        code = struct.pack("<I", case.word) if case.size == 4 and not case.thumb else _halves(case)
        self.theirs.mem_write(address, code)
        self.ours.write(address, code)
        *mine, fault, stopped, status = self._step(case, address)
        if stopped in (state.STOP_UNPREDICTABLE, state.STOP_ABSENT):
            self.tally.unpredictable += 1
            return ""
        if fault in (0x0C, 0x10) and status & 0xF == _ALIGNMENT:
            self.tally.unaligned += 1
            return ""
        values, failed = self._other(case, address)
        self.tally.compared += 1
        if failed and fault != 0:
            self.tally.faulted += 1
            self._settle()
            return ""
        if fault != 0:
            return f"ours: exception {fault:#x}; theirs: none"
        # A branch to where nothing is fails on theirs already, after its own effects.
        return "" if values == tuple(mine) else f"{'theirs: exception; ' * failed}{_difference(tuple(mine), values)}"

    def _step(self, case: Case, address: int) -> tuple[int, ...]:
        """Registers, PC, CPSR, exception, reason to stop and fault status after the case on ours."""
        self.ours.registers = case.registers
        self.ours.call(step.single_step, address, case.flags | _SVC | (0x20 if case.thumb else 0))
        return struct.unpack("<20I", self.ours.memory.read(self._outcome, 80))

    def _other(self, case: Case, address: int) -> tuple[tuple[int, ...], bool]:
        """What theirs made of it, and whether it complained."""
        theirs, failed = self.theirs, False
        flags = case.flags | _SVC | (0x20 if case.thumb else 0)
        theirs.reg_write_batch([(names.UC_ARM_REG_CPSR, flags), *zip(_REGISTERS, case.registers, strict=True)])
        try:
            theirs.emu_start(address | int(case.thumb), 0xFFFF_FFF0, count=1)
        except unicorn.UcError:
            failed = True
        return tuple(value & 0xFFFF_FFFF for value in theirs.reg_read_batch(_ALL)), failed

    def _settle(self) -> None:
        """Make the memories equal again after an access that only one completed in part."""
        self.theirs.mem_write(0, self.ours.read(0, _RAM))

    def check_memory(self, about: str) -> None:
        """Compare all data memory."""
        if bytes(self.theirs.mem_read(0, _RAM)) != self.ours.read(0, _RAM):
            self.tally.failures.append(f"memory differs after {about}")
            self._settle()


def _halves(case: Case) -> bytes:
    if case.size == 2:
        return struct.pack("<H", case.word)
    return struct.pack("<HH", case.word >> 16, case.word & 0xFFFF)


def _difference(mine: tuple[int, ...], other: tuple[int, ...]) -> str:
    labels = [*(f"r{number}" for number in range(15)), "pc", "cpsr"]
    parts = [f"{label} {a:08x}/{b:08x}" for label, a, b in zip(labels, mine, other, strict=True) if a != b]
    return "ours/theirs " + ", ".join(parts)
