# SPDX-License-Identifier: Apache-2.0
"""The core of the virtual board, compiled for this machine, with its state at hand."""

import os
import struct
from collections.abc import Mapping
from functools import cache
from typing import Any

from ovm.board import state
from ovm.board.api.parameters import DEFAULT_FILE
from ovm.board.api.wiring import read_values, wire, wired
from ovm.board.blocks.floating import compute
from ovm.board.mmu import maintain
from ovm.board.processor import debug, debug_steps, status
from ovm.board.ram.storage import DDR_HOST
from ovm.board.run import loop
from ovm.board.shortcuts import lines
from ovm.board.shortcuts.slots import drop_records
from ovm.metal import offsetof, sizeof
from ovm.metal.build.host import HostProgram, host_image
from ovm.metal.build.host_image import HostImage
from ovm.metal.compiler import Options, compile_unit
from tests.board import batch, batch_words, decoding, system_steps
from tests.board.blocks import making
from tests.board.issue import describing
from tests.board.vfp import batch as floating_batch

ROOTS = (
    loop.run,
    compute,
    loop.start,
    loop.program_counter,
    lines.drop_lines,
    drop_records,
    maintain.maintain,
    status.cpsr,
    status.return_to,
    status.set_mode,
    decoding.decode_words,
    making.make_words,
    batch_words.make_cases,
    batch.execute_cases,
    batch.forget_code,
    system_steps.execute_system,
    floating_batch.execute_floating,
    describing.describe_words,
    describing.price,
    debug.add_breakpoint,
    debug.remove_breakpoint,
    debug.add_watchpoint,
    debug.remove_watchpoint,
    debug_steps.forget_pass,
    debug_steps.arm_step,
    debug_steps.count_down,
    debug_steps.disarm,
)
# Tests that compile many variants do without optimisation.
WIRED = wired(read_values(DEFAULT_FILE))
OPTIMISE = os.environ.get("OVM_BOARD_OPTIMISE", "2")
MEGABYTE = 1 << 20
# Tables of `map`, out of the way of every test; sections and pages with AP 011, TEX 001, C, B (ARM B3.5.1).
TABLES = 0x3FF0_0000
_SECTION = 0x1C0E
_PAGE = 0x7E
_SWAPS = 0x400  # SCTLR.SW: Unicorn has SWP whatever it is
_MMU_AND_CACHES = 0x1805 | _SWAPS  # and branch prediction
_SCU = "ovm.board.devices.scu.SCU"
LONG = ("slots", "instructions", "stalled", "limit")


@cache
def image() -> HostImage:
    return host_image(compile_unit(ROOTS, Options(target="host")), OPTIMISE)


class Processor:
    """One core with flat memory, in Secure Supervisor mode, A32, interrupts masked."""

    def __init__(self, constants: Mapping[str, int] | None = None) -> None:
        compiled = image() if constants is None else compile_unit(ROOTS, Options(target="host", constants=constants))
        self.program = HostProgram(compiled, optimise=OPTIMISE)
        self.memory = self.program.memory
        self.cpu = self.program.address_of("ovm.board.state.CPU")
        self.reset()

    @property
    def ram_address(self) -> int:
        """Return where in the program's memory the byte at physical address 0 lies."""
        return DDR_HOST

    def reset(self) -> None:
        self.program.reset()
        wire(self.program, WIRED)
        if _SCU in self.program.static_symbols:
            # All addresses below its end are DDR's, and all of DDR is open to the Non-secure world (SLCR TZ_DDR_RAM).
            self.memory.write(self.program.address_of(_SCU), struct.pack("<5I", 2, 0, 0, 0, 0xFFE0_0000))
            self.memory.store(self.program.address_of("ovm.board.devices.slcr.SLCR") + 0x430, 4, 0xFFFF)
        self.set("mode", 0x13)
        self.set("masks", 0x1C0)
        self.set("zero", 1)
        for world in range(2):
            self.set_world(world, "sctlr", _SWAPS)
        self.call(lines.drop_lines)

    def set_world(self, world: int, field: str, value: int) -> None:
        """Set a CP15 register of a world, 0 for the Secure one."""
        place = self.cpu + offsetof(state.Cpu, "world") + world * sizeof(state.WorldRegisters)
        self.memory.store(place + offsetof(state.WorldRegisters, field), 4, value)

    def map(self, size: int) -> None:
        """Turn the MMU on: Normal memory from 0 to `size` where it is, nothing behind; for both worlds."""
        sections = [megabyte << 20 | _SECTION if megabyte < size >> 20 else 0 for megabyte in range(4096)]
        if size % MEGABYTE:
            sections[size >> 20] = TABLES + 0x4000 | 1
        pages = [page << 12 | _PAGE if page < size % MEGABYTE >> 12 else 0 for page in range(256)]
        self.write(TABLES, struct.pack("<4352I", *sections, *pages))
        for world in range(2):
            for field, value in (("ttbr0", TABLES), ("dacr", 1), ("sctlr", _MMU_AND_CACHES)):
                self.set_world(world, field, value)
        self.call(maintain.maintain, maintain.ALL, 0)

    def call(self, function: Any, *arguments: int) -> int:
        return int(self.program.call(f"{function.__module__}.{function.__name__}", *arguments) or 0)

    def get(self, field: str) -> int:
        return int(self.memory.load(self.cpu + offsetof(state.Cpu, field), 8 if field in LONG else 4))

    def set(self, field: str, value: int) -> None:
        self.memory.store(self.cpu + offsetof(state.Cpu, field), 4, value)

    @property
    def registers(self) -> tuple[int, ...]:
        return struct.unpack("<15I", self.memory.read(self.cpu, 60))

    @registers.setter
    def registers(self, values: tuple[int, ...]) -> None:
        self.memory.write(self.cpu, struct.pack("<15I", *values))

    def write(self, physical: int, data: bytes) -> None:
        """Write memory as a debugger does: before `start`, nothing decoded is there."""
        self.memory.write(DDR_HOST + physical, data)

    def read(self, physical: int, size: int) -> bytes:
        return bytes(self.memory.read(DDR_HOST + physical, size))

    @property
    def pc(self) -> int:
        return self.call(loop.program_counter)

    def start(self, address: int) -> None:
        self.call(loop.start, address)

    def run(self, turns: int) -> int:
        return self.call(loop.run, turns)

    def step(self, count: int = 1) -> int:
        """Execute `count` instructions, fewer if an exception is taken or the core stops; return how many."""
        self.set("exception", 0)
        done = 0
        while done < count and not self.get("exception"):
            done += self.run(1)
            if self.get("stopped"):
                break
        return done
