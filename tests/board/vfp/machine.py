# SPDX-License-Identifier: Apache-2.0
"""A processor with extensions enabled, for tests that state what the manual says."""

import struct
from collections.abc import Sequence

from ovm.board import state
from ovm.board.processor import status
from ovm.board.shortcuts.slots import drop_records
from ovm.board.vfp.state import FPEXC_EN, Floating
from ovm.metal import offsetof, sizeof
from tests.board.processor import Processor

CODE = 0x8000
DATA = 0x1_0000
UNDEFINED = 4
DATA_ABORT = 0x10
RAM = 1 << 20


class Machine(Processor):
    """One core that executes what it is given, one instruction at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.file = self.program.address_of("ovm.board.vfp.state.FLOATING")
        self.prepare()

    def prepare(self) -> None:
        """Reset; memory up to RAM, CPACR and FPEXC open."""
        self.reset()
        self.map(RAM)
        self.set("cpacr", 0xF << 20)
        self.control("fpexc", FPEXC_EN)
        self.control("fpscr", 0)

    def control(self, name: str, value: int) -> None:
        self.memory.store(self.file + offsetof(Floating, name), 4, value)

    def get_control(self, name: str, core: int = 0) -> int:
        return int(self.memory.load(self.file + core * sizeof(Floating) + offsetof(Floating, name), 4))

    def double(self, number: int, core: int = 0) -> int:
        return int(self.memory.load(self.file + core * sizeof(Floating) + 8 * number, 8))

    def set_double(self, number: int, value: int) -> None:
        self.memory.store(self.file + 8 * number, 8, value)

    def execute(self, word: int, registers: Sequence[int] = (), psr: int = 0x1D3) -> int:
        """Execute one A32 instruction; the vector offset of an exception, 0 for none."""
        self.write(CODE, struct.pack("<I", word))
        self.call(drop_records, CODE, 4)
        self.call(status.return_to, psr)
        self.registers = (*registers, *(0,) * (15 - len(registers)))
        self.set("exception", 0)
        self.start(CODE)
        for _ in range(16):
            if self.run(1) or self.get("exception") or self.get("stopped"):
                break
        return self.get("exception")

    @property
    def is_unpredictable(self) -> bool:
        return self.get("stopped") == state.STOP_UNPREDICTABLE

    def world(self, field: str, value: int) -> None:
        """Set a Secure CP15 register."""
        place = self.cpu + offsetof(state.Cpu, "world") + offsetof(state.WorldRegisters, field)
        self.memory.store(place, 4, value)

    def fault_status(self) -> int:
        place = self.cpu + offsetof(state.Cpu, "world") + offsetof(state.WorldRegisters, "dfsr")
        return int(self.memory.load(place, 4))
