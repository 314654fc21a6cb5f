# SPDX-License-Identifier: Apache-2.0
"""Programs from a C compiler, and hand-written IT blocks, run to their end on Unicorn and on ours."""

import random
import struct
from pathlib import Path

import pytest
import unicorn
from unicorn import arm_const as names

from ovm.board import state
from ovm.board.processor import status
from ovm.metal.build.zig import transform
from tests.board.processor import Processor

CODE = 0x8000
RAM = 0x40_0000
SOURCE = Path(__file__).with_name("program.c").read_text()


@pytest.fixture(scope="module")
def processor() -> Processor:
    return Processor()


def compiled(instruction_set: str) -> bytes:
    flags = ("--target=armv7a-none-eabi", "-mcpu=cortex-a9", "-mfloat-abi=soft", "-O2", "-ffreestanding", "-fno-builtin")
    script = "SECTIONS { . = 0x8000; .all : { *(.start) *(.text*) *(.rodata*) *(.data*) *(.bss*) } /DISCARD/ : { *(.ARM*) } }"
    unit = transform({"p.c": SOURCE.encode()}, ("clang", *flags, f"-m{instruction_set}", "-c", "p.c", "-o", "p.o"), "p.o")
    link = ("ld.lld", "p.o", "-T", "p.ld", "--oformat=binary", "-o", "p.bin")
    return transform({"p.o": unit, "p.ld": script.encode()}, link, "p.bin")


def theirs(code: bytes, thumb: bool, end: int, registers: tuple[int, ...] = (0,) * 15) -> tuple[int, ...]:
    machine = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_ARM)
    machine.ctl_set_cpu_model(names.UC_CPU_ARM_CORTEX_A9)
    machine.mem_map(0, RAM)
    machine.mem_write(CODE, code)
    machine.reg_write(names.UC_ARM_REG_CPSR, 0x1D3 | thumb << 5)
    every = [getattr(names, f"UC_ARM_REG_R{number}") for number in range(15)]
    machine.reg_write_batch(list(zip(every, registers, strict=True)))
    machine.emu_start(CODE | thumb, end)
    return (*machine.reg_read_batch(every), machine.reg_read(names.UC_ARM_REG_CPSR) & 0xF80F_0000)


def ours(core: Processor, code: bytes, thumb: bool, registers: tuple[int, ...] = (0,) * 15) -> tuple[int, ...]:
    core.reset()
    core.write(CODE, code)
    core.call(status.return_to, 0x1D3 | thumb << 5)
    core.registers = registers
    core.start(CODE)
    core.run(50_000_000)
    assert core.get("stopped") == state.STOP_WAIT
    return (*core.registers, core.call(status.cpsr) & 0xF80F_0000)


@pytest.mark.parametrize("instruction_set", ["arm", "thumb"])
def test_c_program(processor: Processor, instruction_set: str) -> None:
    code = compiled(instruction_set)
    thumb = instruction_set == "thumb"
    wait = struct.pack("<H", 0xBF30) if thumb else struct.pack("<I", 0xE320F003)
    end = CODE + code.index(wait)
    assert ours(processor, code, thumb)[:13] == theirs(code, thumb, end)[:13]
    assert processor.get("instructions") > 10_000


def test_it_blocks(processor: Processor) -> None:
    """Random IT blocks over random flags: conditions, else parts, no flags from 16-bit instructions."""
    source = random.Random(3)
    inside = (0x1848, 0x1A8A, 0x00DB, 0x4048, 0x3207)
    for _ in range(60):
        halves = []
        for _ in range(12):
            condition, length = source.randrange(14), source.randrange(1, 5)
            mask = source.randrange(16) >> (5 - length) << (5 - length) | 1 << (4 - length)
            halves += [0xBF00 | condition << 4 | mask & 15, *(source.choice(inside) for _ in range(length)), 0x4288]
        end = CODE + 2 * len(halves)
        code = struct.pack(f"<{len(halves) + 1}H", *halves, 0xBF30)
        registers = tuple(source.getrandbits(32) for _ in range(15))
        assert ours(processor, code, True, registers) == theirs(code, True, end, registers)
