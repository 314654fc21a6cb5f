# SPDX-License-Identifier: Apache-2.0
"""Programs run by blocks, by the interpreter, and by Unicorn."""

import struct
from dataclasses import dataclass, replace

import unicorn
from unicorn import arm_const as names

from ovm.arm.control import SCTLR_Z
from ovm.board import events, parameters, predictor, state
from ovm.board.arena.place import ARENA, ARENA_BYTES, IS_BLOCK, Blocks
from ovm.board.cache import level1, level2_tags
from ovm.board.processor import status
from ovm.board.record import RECORD_BYTES, SLOT_BASE, SLOT_BYTES
from ovm.board.run import loop
from ovm.board.shortcuts import lines
from ovm.metal import offsetof, sizeof
from tests.board.blocks.programs import RAM, VECTOR, WINDOW, Program, handler
from tests.board.cache.rig import LATENCIES
from tests.board.processor import Processor

COMPUTE = "ovm.board.blocks.floating.compute"
FLAGS = 0xF80F_0000
ENDS = (state.STOP_WAIT, state.STOP_UNPREDICTABLE)
_BEHIND_TURNS = offsetof(state.Cpu, "r13")  # what lies before it is how the loop was cut
_STATES = (
    ("ovm.board.state.CPU", 0, offsetof(state.Cpu, "turn")),
    ("ovm.board.state.CPU", _BEHIND_TURNS, sizeof(state.Cpu) - _BEHIND_TURNS),
    ("ovm.board.predictor.GHB", 0, predictor.COUNTERS * 3),
    ("ovm.board.predictor.BTAC", 0, sizeof(predictor.Target) * predictor.SETS * predictor.WAYS),
    ("ovm.board.cache.level1.DATA", 0, level1.LINES * 4),
    ("ovm.board.cache.level2_tags.TAGS", 0, level2_tags.LINES * 4),
)
_TIMES = {**LATENCIES, "random_seed": 3, "mispredict": 9, "branch_history": 12, "cross_word": 1, "cross_doubleword": 6}


@dataclass(frozen=True)
class Outcome:
    """The state that a program leaves."""

    registers: tuple[int, ...]
    flags: int
    window: bytes


@dataclass(frozen=True)
class Ours:
    """The same with what only the board has."""

    outcome: Outcome
    times: tuple[int, ...]
    counts: tuple[int, ...]
    state: bytes
    blocks: int


class Unicorn:
    """A Cortex-A9 with RAM and nothing behind."""

    def __init__(self) -> None:
        self.engine = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_ARM)
        self.engine.ctl_set_cpu_model(names.UC_CPU_ARM_CORTEX_A9)
        self.engine.mem_map(0, RAM)
        self.every = [getattr(names, f"UC_ARM_REG_R{number}") for number in range(15)]

    def run(self, program: Program) -> tuple[Outcome, int]:
        """Return what it leaves, and how many accesses failed: each one is passed over."""
        engine = self.engine
        engine.mem_write(0, bytes(2 * program.place))
        engine.mem_write(program.place, program.code)
        engine.mem_write(WINDOW, program.data)
        engine.ctl_flush_tb()
        engine.reg_write(names.UC_ARM_REG_CPSR, 0x1D3 | program.thumb << 5)
        engine.reg_write_batch(list(zip(self.every, program.registers, strict=True)))
        at, failed = program.entry, 0
        while at != program.end:
            try:
                engine.emu_start(at | program.thumb, program.end)
                at = engine.reg_read(names.UC_ARM_REG_PC)
                assert at == program.end
            except unicorn.UcError as error:
                assert error.errno in (unicorn.UC_ERR_READ_UNMAPPED, unicorn.UC_ERR_WRITE_UNMAPPED), error
                at = engine.reg_read(names.UC_ARM_REG_PC)
                at += self._size(program, at)
                failed += 1
        registers = tuple(engine.reg_read_batch(self.every))
        flags = engine.reg_read(names.UC_ARM_REG_CPSR) & FLAGS
        return Outcome(registers, flags, bytes(engine.mem_read(WINDOW, RAM - WINDOW))), failed

    @staticmethod
    def _size(program: Program, at: int) -> int:
        (first,) = struct.unpack_from("<H", program.code, at - program.place)
        return 2 if program.thumb and first >> 11 < 0b11101 else 4


class Hot:
    """The board's core."""

    def __init__(self, core: Processor | None = None) -> None:
        self.core = core or Processor()
        assert self.core.program.memory.allow_code(ARENA, ARENA_BYTES)
        self.blocks = self.core.program.address_of("ovm.board.arena.place.BLOCKS")

    def prepare(self, program: Program, allowed: int, **model: int) -> None:
        """Be about to execute a program."""
        core = self.core
        core.reset()
        core.map(RAM)
        core.memory.store(self.blocks + offsetof(Blocks, "allowed"), 4, allowed)
        core.memory.store(self.blocks + offsetof(Blocks, "compute"), 8, core.program.code_of(COMPUTE))
        place = core.program.address_of("ovm.board.parameters.PARAMETERS")
        for name, value in {**_TIMES, **model}.items():
            core.memory.store(place + offsetof(parameters.Parameters, name), 4, value)
        core.write(VECTOR, handler(program.thumb))
        core.write(program.place, program.code)
        core.write(WINDOW, program.data)
        if program.predicts:
            control = core.cpu + offsetof(state.Cpu, "world") + offsetof(state.WorldRegisters, "sctlr")
            core.memory.store(control, 4, core.memory.load(control, 4) | SCTLR_Z)
        core.call(lines.drop_lines)
        core.call(status.return_to, 0x1D3 | program.thumb << 5)
        core.registers = program.registers
        core.start(program.entry)

    def run(self, program: Program, allowed: int, **model: int) -> Ours:
        """Return what a program leaves."""
        self.prepare(program, allowed, **model)
        core = self.core
        core.run(loop.MOST_TURNS)  # no count, which would keep blocks from being used
        assert core.get("stopped") in ENDS
        return self.seen()

    def go(self, slots: int) -> bool:
        """Go on for so many slots; tell whether the program has ended."""
        core = self.core
        core.memory.store(core.cpu + offsetof(state.Cpu, "limit"), 8, core.get("slots") + slots)
        core.run(loop.MOST_TURNS)
        assert core.get("stopped") in (state.STOP_NONE, *ENDS)
        return core.get("stopped") in ENDS

    def seen(self) -> Ours:
        """Return how it is now."""
        core = self.core
        window = core.read(WINDOW, RAM - WINDOW)
        outcome = Outcome(core.registers, core.call(status.cpsr) & FLAGS, window)
        times = tuple(core.get(field) for field in ("slots", "stalled", "instructions"))
        place = core.program.address_of("ovm.board.events.CORE_COUNTS")
        counts = struct.unpack(f"<{events.COUNTS}Q", core.memory.read(place, sizeof(events.Counts)))
        core.set("uncounted", 0)  # is the loop's own
        core.memory.store(core.cpu + 15 * 4, 4, 0)  # is there only inside an instruction
        kept = b"".join(bytes(core.memory.read(core.program.address_of(name) + at, size)) for name, at, size in _STATES)
        return Ours(outcome, times, counts, kept, self.made())

    def bytes(self) -> int:
        """Return how many bytes of blocks have been made, those that are forgotten among them."""
        return max(self.core.memory.load(self.blocks + offsetof(Blocks, "used"), 4) - ARENA, 0)

    def made(self) -> int:
        """Return how many blocks there are."""
        used = self.core.memory.load(self.core.program.address_of("ovm.board.record.USED_SLOTS"), 4)
        size = used * SLOT_BYTES
        content = bytes(self.core.memory.read(SLOT_BASE + SLOT_BYTES, size)) if used else b""
        return content[3::RECORD_BYTES].count(IS_BLOCK >> 8)


def difference(hot: Hot, theirs: Unicorn, program: Program) -> str:
    """Return who does something else than blocks do, "" if nobody does."""
    fast, plain = hot.run(program, 1), hot.run(program, 0)
    if replace(fast, blocks=0) != plain or not fast.blocks:
        return "the interpreter"
    return "" if fast.outcome == theirs.run(program)[0] else "Unicorn"
