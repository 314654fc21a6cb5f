# SPDX-License-Identifier: Apache-2.0
"""The compilation of LLVM IR, C and assembly to object files, for ARM and for this machine.

The flags are the same for every input of a target, so a guest in C and one in metal use the same calling convention: AAPCS,
soft float, no unwinding tables, no thread-local storage. Results come from the cache.
"""

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ovm.metal.build.assembler import located
from ovm.metal.build.cache import Cache, key_of
from ovm.metal.build.errors import BuildError
from ovm.metal.build.zig import digest, run_in, transform, zig_directory
from ovm.metal.diagnostics import MetalError

ARM = "arm"
HOST = "host"

_ARM_FLAGS = (
    "--target=armv7a-none-eabi",
    "-mcpu=cortex-a9",
    "-mfloat-abi=soft",
    "-marm",
    "-mno-unaligned-access",
    "-mno-global-merge",  # merged statics would lose their names
)
_HOST_TRIPLES = {"x86_64": "x86_64-linux-gnu", "aarch64": "aarch64-linux-gnu"}
_COMMON_FLAGS = (
    "-ffreestanding",
    "-fno-builtin",
    "-fno-stack-protector",
    "-fno-unwind-tables",
    "-fno-asynchronous-unwind-tables",
    "-fno-ident",
    "-fno-common",
    "-ffunction-sections",
    "-fdata-sections",
    "-fstack-size-section",
    "-Wno-override-module",
    "-Wno-unused-command-line-argument",
)


def target_flags(target: str) -> tuple[str, ...]:
    """Return Clang's options that choose `target`, which is `ARM` or `HOST`."""
    if target == ARM:
        return _ARM_FLAGS
    machine = platform.machine()
    if machine not in _HOST_TRIPLES or platform.system() != "Linux":
        raise BuildError(
            "B004",
            f"metal cannot run compiled code on {platform.system()} {machine}",
            fix=f"use Linux on one of: {', '.join(sorted(_HOST_TRIPLES))}",
        )
    # An interpreter's handlers end alike; merged ends would make each of them a jump longer. Where a long loop begins within
    # a line of the host's cache changes its speed by a tenth: every function begins at one.
    tuning = ("-enable-tail-merge=0", "-align-all-functions=6")
    return (f"--target={_HOST_TRIPLES[machine]}", "-fPIC", *(word for each in tuning for word in ("-mllvm", each)))


def compile_ir(ir: str, target: str = ARM, *, optimise: str = "2", cache: Cache | None = None) -> bytes:
    """Return the object file of LLVM IR text."""
    return _from_ir(ir, target, "-c", "unit.o", optimise, cache or Cache())


def assembly_of(ir: str, optimise: str, cache: Cache) -> str:
    """Return the assembly text that LLVM IR becomes on ARM."""
    return _from_ir(ir, ARM, "-S", "unit.s", optimise, cache).decode()


def _from_ir(ir: str, target: str, form: str, output: str, optimise: str, cache: Cache) -> bytes:
    flags = (*target_flags(target), *_COMMON_FLAGS, f"-O{optimise}")
    command = ("clang", *flags, form, "unit.ll", "-o", output)
    key = key_of("object", ir, *command)
    try:
        return cache.get_or_make(key, lambda: transform({"unit.ll": ir.encode()}, command, output))
    except BuildError as error:
        places = located(ir, str(error))
        raise (MetalError(places) if places else error) from None


@dataclass(frozen=True)
class Source:
    """A C or assembly file to compile (`.c`, `.S`)."""

    path: Path
    root: Path
    """A folder above `path`. Debug information and `__FILE__` name the file relative to it."""
    include: tuple[Path, ...] = ()
    define: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()


def compile_source(source: Source, target: str = ARM, *, optimise: str = "2", cache: Cache | None = None) -> bytes:
    """Return the object file of a C or assembly source.

    The preprocessed text is compiled, and it is the cache's key: it holds every header that was read.
    """
    flags = (*target_flags(target), *_COMMON_FLAGS, *source.flags, f"-O{optimise}")
    text = _preprocess(source, flags)
    suffix = ".i" if source.path.suffix == ".c" else ".s"
    language = "cpp-output" if suffix == ".i" else "assembler"
    debug = ("-g", "-gdwarf-4", "-fdebug-compilation-dir=.") if suffix == ".i" else ()
    name = f"unit-{digest(_relative(source))[:12]}{suffix}"
    command = ("clang", *flags, *debug, "-x", language, "-c", name, "-o", "unit.o")
    key = key_of("object", text, *command)
    return (cache or Cache()).get_or_make(key, lambda: transform({name: text}, command, "unit.o"))


def _preprocess(source: Source, flags: tuple[str, ...]) -> bytes:
    """Expand `source`, leaving line markers that name files relative to its root or to the compiler's headers."""
    if not source.path.is_file():
        raise BuildError("B005", f"no source file at {source.path}")
    headers = zig_directory() / "lib" / "include"
    language = "c" if source.path.suffix == ".c" else "assembler-with-cpp"
    command = ["clang", *flags, "-E", "-x", language, "-nostdinc", f"-ffile-prefix-map={headers}=compiler"]
    for folder in source.include:
        command += ["-I", _below(folder, source.root)]
    command += ["-isystem", str(headers)]
    command += [f"-D{name}={value}" for name, value in sorted(source.define.items())]
    printed = run_in(source.root, [*command, _relative(source)])
    return printed.replace(f'"{headers}', '"compiler').encode()


def _relative(source: Source) -> str:
    return _below(source.path, source.root)


def _below(path: Path, root: Path) -> str:
    """Return `path` relative to `root`, or unchanged when it lies elsewhere."""
    absolute = path.resolve()
    base = root.resolve()
    return absolute.relative_to(base).as_posix() if absolute.is_relative_to(base) else str(absolute)
