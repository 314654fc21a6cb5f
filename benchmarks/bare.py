# SPDX-License-Identifier: Apache-2.0
"""Build bare programs: one source, several link bases, no operating system, no hypervisor.

An image for base 0 runs unchanged on the virtual board, on Unicorn and on QEMU's `xilinx-zynq-a9`. What needs the
Security Extensions is linked for QEMU's `vexpress-a9` as well, since its Zynq has none.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ovm.metal.build.elf import Elf
from ovm.metal.build.image import compiler_runtime_archive
from ovm.metal.build.objects import ARM, compile_ir
from ovm.metal.build.zig import transform
from ovm.metal.compiler import Options, compile_unit

FOLDER = Path(__file__).parent / "programs"
BASE = 0x0010_0000
FLAGS = (
    "--target=armv7a-none-eabi",
    "-mcpu=cortex-a9",
    "-mfloat-abi=soft",
    "-mno-unaligned-access",
    "-O2",
    "-ffreestanding",
    "-fno-builtin",
    "-fno-unwind-tables",
    "-fno-ident",
)
# Where RAM and the private peripherals are, for programs that are linked for QEMU's Versatile Express.
EXPRESS_BASE = 0x6010_0000
EXPRESS = {"RAM_BASE": 0x6000_0000, "PERIPHERALS": 0x1E00_0000, "LEVEL2": 0x1E00_A000}


@dataclass(frozen=True)
class Bare:
    """A bare program: the name of its source, and what is defined when it is compiled."""

    name: str
    source: str
    define: Mapping[str, int] = field(default_factory=dict)
    instruction_set: str = "arm"


def build(program: Bare, base: int = BASE, board: Mapping[str, int] | None = None) -> Elf:
    """Compile and link a program; all of it, start code included, comes from `programs/`."""
    define = {**program.define, **(board or {})}
    objects = {"start.o": _assemble("start.S", define), "memory.o": _compile("memory.c", define, "arm")}
    if program.source.endswith(".py"):
        objects["program.o"] = _metal(program)
    elif program.source.endswith(".S"):
        objects["program.o"] = _assemble(program.source, define)
    else:
        objects["program.o"] = _compile(program.source, define, program.instruction_set)
    inputs = {**objects, "runtime.a": compiler_runtime_archive(), "program.ld": (FOLDER / "program.ld").read_bytes()}
    command = ("ld.lld", "-static", "-T", "program.ld", "-e", "_start", "-z", "max-page-size=4096", f"--defsym=base={base:#x}")
    return Elf(transform(inputs, (*command, *objects, "runtime.a", "-o", "program.elf"), "program.elf"))


def _compile(name: str, define: Mapping[str, int], instruction_set: str) -> bytes:
    files = {name: (FOLDER / name).read_bytes(), **{each.name: each.read_bytes() for each in FOLDER.glob("*.h")}}
    options = (*FLAGS, f"-m{instruction_set}", *(f"-D{key}={value:#x}u" for key, value in define.items()))
    return transform(files, ("clang", *options, "-c", name, "-o", "o.o"), "o.o")


def _assemble(name: str, define: Mapping[str, int]) -> bytes:
    options = (*FLAGS, *(f"-D{key}={value:#x}" for key, value in define.items()))
    return transform({name: (FOLDER / name).read_bytes()}, ("clang", *options, "-c", name, "-o", "o.o"), "o.o")


def _metal(program: Bare) -> bytes:
    name = f"{__package__}.programs.{program.source.removesuffix('.py')}"
    module = importlib.import_module(name)
    constants = {f"{name}.{key}": value for key, value in program.define.items()}
    unit = compile_unit((module.work, module.on_panic), Options(target="arm", constants=constants))
    return compile_ir(unit.ir, ARM, optimise="2")
