# SPDX-License-Identifier: Apache-2.0
"""Loads and stores of extension registers in blocks: where they go, and whether they may be used."""

import random

import pytest

from ovm.board.vfp.state import FPEXC_EN, Floating
from ovm.metal import offsetof, sizeof
from tests.board.assembler import assemble
from tests.board.blocks.branching import DATA, Code, Side
from tests.board.blocks.test_branches import same

BASE, TURNS = 0x8000, 150
LINES = (
    *("vldr s1, [r2]", "vldr s7, [r2, #8]", "vldr d3, [r2, #24]", "vldr d9, [r2, #-4]", "vldr d20, [r2, #28]"),
    *("vstr s1, [r2, #4]", "vstr d3, [r2, #20]", "vstr d9, [r3, #28]", "vstr s31, [r3]", "vstr d31, [r3, #-12]"),
    *("vldmia r2, {s4-s6}", "vldmia r3!, {d1-d4}", "vldmdb r2!, {s3}", "vstmia r3!, {s8-s15}", "vstmdb r3!, {d1-d2}"),
    *("vpush {d0-d2}", "vpop {d4-d6}", "vpush {s1-s3}", "vpop {s9-s11}", "vpush {d8-d15}", "vpop {d8-d15}"),
    *(
        "vldr s3, [pc, #4]",
        "vldr d3, [pc, #8]",
        "vadd.f32 s1, s2, s3",
        "vmov r4, s1",
        "vmov s2, r4",
        "vmla.f64 d1, d2, d3",
        "vmov.f64 d3, #1.5",
    ),
    *(
        "vmov.f64 d3, #1.5",
        "vmul.f32 s4, s1, s9",
        "vsub.f64 d3, d1, d4",
        "vcvt.s32.f32 s5, s1",
        "vcvt.f64.s32 d5, s3",
        "vdiv.f32 s6, s1, s2",
    ),
    *("vadd.i16 q1, q2, q3", "vmull.s16 q2, d1, d3", "vmov r4, r5, d3", "vmov d7, r4, r2", "vcmp.f32 s1, s2", "vdup.32 q3, r4"),
    *("add r2, r2, #4", "add r3, r3, #20", "eor r4, r4, r2", "cmp r4, #9", "sub r3, r3, #8", "sub r2, r2, #12"),
)
CONDITIONS = (
    "vldrhi s1, [r2]",
    "vaddhi.f32 s1, s2, s3",
    "vmovls r4, s1",
    "vldrls d7, [r3, #4]",
    "vstrhi s1, [r3, #8]",
    "vldmiahi r2!, {s1-s2}",
)
SHORT_VECTOR = 1 << 16


class Able(Side):
    """With the extension registers enabled, or not."""

    def enable(self, cpacr: int, fpexc: int, fpscr: int, scr: int, nsacr: int) -> None:
        core = self.core
        for name, value in (("cpacr", cpacr), ("scr", scr), ("nsacr", nsacr)):
            core.set(name, value)
        for name, value in (("fpexc", fpexc), ("fpscr", fpscr)):
            core.memory.store(self.place("vfp.state.FLOATING") + offsetof(Floating, name), 4, value)

    def state(self) -> dict[str, bytes]:
        floating = self.core.memory.read(self.place("vfp.state.FLOATING"), sizeof(Floating))
        return super().state() | {"floating": bytes(floating), "data": bytes(self.core.read(DATA - 0x1000, 0x4000))}


@pytest.fixture(scope="module")
def sides() -> tuple[Able, Able]:
    return Able(0), Able(1)


def program(source: random.Random, thumb: bool) -> Code:
    choices = LINES if thumb else (*LINES, *CONDITIONS)
    lines = [source.choice(choices) for _ in range(source.randrange(10, 50))] + ["subs r0, r0, #1"]
    pieces = [bytes(each) for each in assemble(lines, thumb) if isinstance(each, bytes)]
    assert len(pieces) == len(lines)
    body = b"".join(pieces)
    if thumb:
        offset = -(len(body) + 4) >> 1  # bne.w, wfi
        end = (0xF440 | offset >> 11 & 0x3F).to_bytes(2, "little") + (0xA800 | offset & 0x7FF).to_bytes(2, "little") + b"\x30\xbf"
    else:
        end = (0x1A00_0000 | -(len(body) + 8) >> 2 & 0xFF_FFFF).to_bytes(4, "little") + b"\x03\xf0\x20\xe3"
    return Code(thumb, BASE, body + end, {f"f{number}": 0 for number in range(16)})


def begin(side: Side, code: Code) -> None:
    side.begin(code, TURNS)
    registers = list(side.core.registers)
    registers[2:4] = [DATA + 0x400, DATA + 0x800]
    side.core.registers = tuple(registers)


ABLE = (0xF0_0000, FPEXC_EN, 0, 0, 0)
LESS = {
    "cpacr": (0, FPEXC_EN, 0, 0, 0),
    "only 16": (0x40F0_0000, FPEXC_EN, 0, 0, 0),
    "fpexc": (0xF0_0000, 0, 0, 0, 0),
    "short vectors": (0xF0_0000, FPEXC_EN, SHORT_VECTOR, 0, 0),
    "nsacr": (0xF0_0000, FPEXC_EN, 0, 1, 0),
    "nsacr, only 16": (0xF0_0000, FPEXC_EN, 0, 1, 0x4C00),
    "non-secure": (0xF0_0000, FPEXC_EN, 0, 1, 0xC00),
}


@pytest.mark.parametrize("thumb", [False, True], ids=["a32", "t32"])
@pytest.mark.parametrize("seed", range(12))
def test_all_is_as_without(sides: tuple[Able, Able], seed: int, thumb: bool) -> None:
    """Then with less allowed, for as long as that takes to show, while the blocks are there."""
    source = random.Random(seed)
    code = program(source, thumb)
    for side in sides:
        side.prepare(code, b"")
        side.core.write(DATA, random.Random(seed).randbytes(0x4000))
        side.enable(*ABLE)
        begin(side, code)
        side.run()
    assert sides[1].made > 500
    same(sides, "the first run")
    for name, less in LESS.items():
        for side in sides:
            side.enable(*less)
            begin(side, code)
            side.run(900)
            side.core.set("scr", 0)
        same(sides, name)
