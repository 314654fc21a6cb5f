# SPDX-License-Identifier: Apache-2.0
"""A C program compiled for VFP and Advanced SIMD, run to its end on Unicorn and on ours: twelve hashes of results."""

import struct
from pathlib import Path

import pytest
import unicorn
from unicorn import arm_const as names

from ovm.board import state
from ovm.board.processor import status
from ovm.metal.build.zig import transform, zig_binary
from tests.board.processor import Processor

CODE = 0x8000
RAM = 0x40_0000
SOURCE = Path(__file__).with_name("program.c").read_text()


def compiled(instruction_set: str, level: str) -> bytes:
    flags = ("--target=armv7a-none-eabihf", "-mcpu=cortex-a9", "-mfloat-abi=hard", level, "-ffreestanding", "-fno-math-errno")
    flags += ("-isystem", str(zig_binary().parent / "lib" / "include"))
    inside = "*(.start) *(.text*) *(.rodata*) *(.data*) *(.bss*) *(COMMON)"
    script = f"SECTIONS {{ . = 0x8000; .all : {{ {inside} }} /DISCARD/ : {{ *(.ARM*) }} }}"
    unit = transform({"p.c": SOURCE.encode()}, ("clang", *flags, f"-m{instruction_set}", "-c", "p.c", "-o", "p.o"), "p.o")
    link = ("ld.lld", "p.o", "-T", "p.ld", "--oformat=binary", "-o", "p.bin")
    return transform({"p.o": unit, "p.ld": script.encode()}, link, "p.bin")


def theirs(code: bytes, thumb: bool, end: int) -> tuple[int, ...]:
    machine = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_ARM)
    machine.ctl_set_cpu_model(names.UC_CPU_ARM_CORTEX_A9)
    machine.mem_map(0, RAM)
    machine.mem_write(CODE, code)
    machine.reg_write(names.UC_ARM_REG_CPSR, 0x1D3 | thumb << 5)
    machine.emu_start(CODE | thumb, end)
    return tuple(machine.reg_read(getattr(names, f"UC_ARM_REG_R{number}")) for number in range(12))


def ours(core: Processor, code: bytes, thumb: bool) -> tuple[int, ...]:
    core.reset()
    core.write(CODE, code)
    core.call(status.return_to, 0x1D3 | thumb << 5)
    core.start(CODE)
    core.run(50_000_000)
    assert core.get("stopped") == state.STOP_WAIT
    return core.registers[:12]


@pytest.fixture(scope="module")
def processor() -> Processor:
    return Processor()


@pytest.mark.parametrize("level", ["-O1", "-O3"])
@pytest.mark.parametrize("instruction_set", ["arm", "thumb"])
def test_program(processor: Processor, instruction_set: str, level: str) -> None:
    code = compiled(instruction_set, level)
    thumb = instruction_set == "thumb"
    wait = struct.pack("<H", 0xBF30) if thumb else struct.pack("<I", 0xE320F003)
    mine = ours(processor, code, thumb)
    assert mine == theirs(code, thumb, CODE + code.index(wait))
    assert processor.get("instructions") > 50_000
    assert len(set(mine)) > 10
