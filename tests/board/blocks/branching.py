# SPDX-License-Identifier: Apache-2.0
"""Random programs of branches, calls and returns, and a core that keeps what its predictor is."""

import random
import struct
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from elftools.elf.elffile import ELFFile

from ovm.board import parameters, predictor, state
from ovm.board.arena.place import ARENA, ARENA_BYTES, Blocks
from ovm.board.mmu import maintain
from ovm.board.processor import status
from ovm.board.run import loop
from ovm.board.shortcuts import lines
from ovm.metal import offsetof, sizeof
from ovm.metal.build.zig import zig_binary
from tests.board.cache.rig import LATENCIES
from tests.board.processor import Processor

DATA, TABLES, RAM = 0x20_0000, 0x30_0000, 0x40_0000
SCTLR_Z = 1 << 11
STACKED = (
    "push {r4, lr}; bl f1; pop {r3, pc}",
    "push {r4-r6, r9-r11, lr}; add r9, #1; bl f0; pop {r3, r5-r6, r9-r11, pc}",
    "str lr, [sp, #-4]!; add r4, #2; ldr pc, [sp], #4",
    "ldr pc, [r7, #4]",
)
BACK = "back: mov lr, r8; bx lr"  # to the caller of who calls it, which nobody expects
CONDITIONS = ["eq", "ne", "hs", "lo", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le"]
FUNCTIONS = (
    "bx lr",
    "add r4, #1; bx lr",
    "mov r8, lr; bl f1; mov lr, r8; bx lr",
    "mov r8, lr; bl f0; bx r8",
    "b f1",
    "mov r8, lr; bl back; add r4, #9; bx r8",
    *STACKED,
    "cmp r1, #2; bne 7f; add r4, #3; 7: bx lr",
)
ONLY_ARM = (
    "cmp r1, #3; bxhi lr; add r4, #5; bx lr",
    "cmp r1, #3; mov r8, lr; blls f1; bxls r8; mov lr, r8; bx lr",
    "push {r1, lr}; cmp r1, #3; pophi {r3, pc}; add r4, #1; ldmia sp!, {r3, pc}",
)
ONLY_THUMB = (
    "cmp r1, #3; it hi; bxhi lr; add r4, #5; bx lr",
    "cmp r1, #3; mov r8, lr; itt ls; addls r4, #3; blls f1; cmp r1, #1; it hi; bxhi r8; mov lr, r8; bx lr",
    "cmp r1, #2; ittee lo; addlo r4, #1; lsllo r4, r4, #3; subhs r4, #7; bhs f1; bx lr",
    "push {r1, lr}; cmp r1, #3; it hi; pophi {r3, pc}; add r4, #1; ldmia sp!, {r3, pc}",
)
CALLED = {False: (*FUNCTIONS, *ONLY_ARM), True: (*FUNCTIONS, *ONLY_THUMB)}
COMPUTE = "ovm.board.blocks.floating.compute"
VARIED = ("turn", "decoded", "uncounted", "turns")  # how far the loop came by itself


@dataclass(frozen=True)
class Code:
    """A program at its address, with the address of each label."""

    thumb: bool
    base: int
    content: bytes
    labels: dict[str, int]


def _piece(source: random.Random, number: int, thumb: bool) -> list[str]:
    """Draw a piece that branches by a word that is loaded."""
    count = len(CALLED[thumb])
    condition, kind = source.choice(CONDITIONS), source.choice("bh")
    lines = ["ldr r1, [r2], #4", f"cmp r1, #{source.randrange(8)}"]
    match source.randrange(9):
        case 8 if thumb:
            shift, size = (", lsl #1", "hword") if kind == "h" else ("", "byte")
            table = [f"tb{kind} [pc, r3{shift}]", "7:", f".{size} (8f - 7b) / 2", f".{size} (9f - 7b) / 2"]
            return [*lines, "and r3, r1, #1", *table, "8: add r4, #3", "9:"]
        case 7 if thumb:
            opposite = CONDITIONS[CONDITIONS.index(condition) ^ 1]
            body = [f"add{condition} r4, r1", f"cmp{opposite} r4, #77", f"ldr{condition} r4, [r7, #4]", f"eor{opposite} r4, r1"]
            return [*lines, f"itete {condition}", *body]
        case 0 | 1:
            return [*lines, f"b{condition} 1f", f"add r4, #{number & 7}", "1:"]
        case 2:
            return [*lines, f"bl f{source.randrange(count)}"]
        case 3:
            first = source.randrange(count)
            return [*lines, f"and r3, r1, #{source.choice((0, 1))}", f"add r3, #{first}", "ldr r3, [r7, r3, lsl #2]", "blx r3"]
        case 4:
            return [*lines, f"ldr r3, [r7, #{4 * (16 + number)}]", "bx r3", "add r4, #1", f"here{number}:"]
        case 5 if thumb:
            return [*lines, f"cb{source.choice(('z', 'nz'))} r1, 1f", "add r4, #7", "1:"]
        case 5:
            return [*lines, f"bl{condition} f{source.randrange(count)}"]
        case _:
            return [*lines, "b 1f", "add r4, #7", "1:"]


def _text(source: random.Random, thumb: bool) -> str:
    words = [".syntax unified", ".thumb" if thumb else ".arm", "b.w start" if thumb else "b start"]
    for number, function in enumerate(CALLED[thumb]):
        words += [f"f{number}:", *function.split("; ")]
    words += [*BACK.split("; "), ".p2align 2", "start:"]
    for number in range(source.randrange(8, 90)):
        words += _piece(source, number, thumb)
    return "\n".join([*words, "subs r0, #1", "bne.w start" if thumb else "bne start", "wfi", ""])


@cache
def program(seed: int, thumb: bool) -> Code:
    """Return a random program."""
    source = random.Random(seed)
    lines = _text(source, thumb)
    base = source.choice((0x8000, 0x8F40, 0x8E80))  # across pages too
    target = "--target=thumbv7a-none-eabi" if thumb else "--target=armv7a-none-eabi"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.s").write_text(lines)
        for command in (
            ["clang", target, "-mcpu=cortex-a9", "-c", "a.s", "-o", "a.o"],
            ["ld.lld", "--image-base=0", f"-Ttext={base:#x}", "-e", "0", "a.o", "-o", "a"],
        ):
            subprocess.run([str(zig_binary()), *command], cwd=folder, check=True, capture_output=True)
        with (Path(folder) / "a").open("rb") as file:
            elf = ELFFile(file)
            symbols, text = elf.get_section_by_name(".symtab"), elf.get_section_by_name(".text")
            assert symbols is not None and text is not None
            labels = {each.name: each["st_value"] & ~1 | thumb for each in symbols.iter_symbols()}
            return Code(thumb, base, text.data(), labels)


class Side:
    """A core with blocks or without."""

    def __init__(self, blocks: int) -> None:
        self.core = Processor()
        self.blocks = blocks

    def place(self, name: str) -> int:
        return self.core.program.address_of(f"ovm.board.{name}")

    def parameter(self, name: str, value: int) -> None:
        self.core.memory.store(self.place("parameters.PARAMETERS") + offsetof(parameters.Parameters, name), 4, value)

    def prepare(self, code: Code, words: bytes) -> None:
        """Put a program there."""
        core = self.core
        core.reset()
        core.map(RAM)
        assert core.program.memory.allow_code(ARENA, ARENA_BYTES)
        core.memory.store(self.place("arena.place.BLOCKS") + offsetof(Blocks, "allowed"), 4, self.blocks)
        core.memory.store(self.place("arena.place.BLOCKS") + offsetof(Blocks, "compute"), 8, core.program.code_of(COMPUTE))
        for name, value in {**LATENCIES, "mispredict": 9, "branch_history": 12}.items():
            self.parameter(name, value)
        core.write(code.base, code.content)
        core.write(DATA, words)
        functions = [code.labels[f"f{number}"] for number in range(len(CALLED[code.thumb]))]
        heres = [code.labels.get(f"here{number}", 0) for number in range(90)]
        core.write(TABLES, struct.pack("<16I", *functions, *[functions[0]] * (16 - len(functions))))
        core.write(TABLES + 64, struct.pack("<90I", *heres))
        self.predict(True)

    def predict(self, on: bool) -> None:
        """Write SCTLR.Z, and forget translations, so that pages are entered anew."""
        at = self.core.cpu + offsetof(state.Cpu, "world") + offsetof(state.WorldRegisters, "sctlr")
        value = self.core.memory.load(at, 4) & ~SCTLR_Z
        self.core.memory.store(at, 4, value | SCTLR_Z if on else value)
        self.core.call(lines.drop_lines)
        self.core.call(maintain.maintain, maintain.ALL, 0)

    def begin(self, code: Code, turns: int) -> None:
        """Be about to run the program."""
        core = self.core
        core.call(status.return_to, 0x1D3 | code.thumb << 5)
        core.registers = (turns, 0, DATA, 0, 0, 0, 0, TABLES, *[0] * 5, DATA, 0)
        core.start(code.base)

    def run(self, slots: int = 0) -> bool:
        """Run to the end, or for some slots; tell whether that was the end."""
        core = self.core
        limit = core.get("slots") + slots if slots else 0
        core.memory.store(core.cpu + offsetof(state.Cpu, "limit"), 8, limit)
        core.run(loop.MOST_TURNS)
        assert slots or core.get("stopped") == state.STOP_WAIT
        return core.get("stopped") == state.STOP_WAIT

    def state(self) -> dict[str, bytes]:
        """Return what can be seen of the core and its predictor."""
        memory = self.core.memory
        cpu = bytearray(memory.read(self.core.cpu, sizeof(state.Cpu)))
        cpu[60:64] = bytes(4)  # r15, which is there only inside an instruction
        for field in VARIED:
            cpu[offsetof(state.Cpu, field) : offsetof(state.Cpu, field) + 4] = bytes(4)
        return {
            "cpu": bytes(cpu),
            "counters": bytes(memory.read(self.place("predictor.GHB"), predictor.COUNTERS * 3)),
            "targets": bytes(memory.read(self.place("predictor.BTAC"), sizeof(predictor.Target) * predictor.SETS * 4)),
            "counts": bytes(memory.read(self.place("events.CORE_COUNTS"), 0x200)),
        }

    @property
    def made(self) -> int:
        """Bytes of blocks."""
        used = self.core.memory.load(self.place("arena.place.BLOCKS") + offsetof(Blocks, "used"), 4)
        return max(used - ARENA, 0)
