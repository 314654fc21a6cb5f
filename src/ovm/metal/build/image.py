# SPDX-License-Identifier: Apache-2.0
"""The linking of compiled units, C and assembly into one ARM image.

The result depends on the inputs alone: object files go in under numbered names, the linker adds no
build identifier, and no time or path of this machine is recorded. Equal input gives equal bytes.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeAlias, runtime_checkable

from ovm.metal.build.assembly import assemble
from ovm.metal.build.cache import Cache, key_of
from ovm.metal.build.elf import Elf
from ovm.metal.build.errors import BuildError
from ovm.metal.build.objects import ARM, Source, compile_ir, compile_source
from ovm.metal.build.zig import digest, transform, zig_directory


class Compiled(Protocol):
    """A compiled program, as far as linking needs it: the LLVM IR of its parts."""

    @property
    def parts(self) -> Mapping[str, str]:
        """LLVM IR as text, by the part's name."""
        ...


@runtime_checkable
class Numbered(Compiled, Protocol):
    """A program whose lines are numbers among the lines of code (`metal.code_text`)."""

    @property
    def lines(self) -> Mapping[str, Sequence[int]]:
        """For each source file, the lines that have code."""
        ...


Input: TypeAlias = Compiled | Source | bytes

_LINK_FLAGS = (
    "-m",
    "armelf",
    "-static",
    "--build-id=none",
    "--fatal-warnings",
    "-z",
    "max-page-size=4096",
    "-z",
    "norelro",
)
_RUNTIME_TARGET = ("-target", "arm-freestanding-eabi", "-mcpu=cortex_a9")
_RUNTIME_FLAGS = (*_RUNTIME_TARGET, "-OReleaseSmall", "-fstrip", "-ffunction-sections")


def link_arm(
    inputs: Sequence[Input],
    linker_script: str,
    entry: str,
    *,
    keep: Sequence[str] = (),
    define: Sequence[tuple[str, int]] = (),
    collect_garbage: bool = True,
    compiler_runtime: bool = False,
    optimise: str = "2",
    cache: Cache | None = None,
) -> bytes:
    """Return the ELF executable made of `inputs`, laid out by `linker_script`, starting at the symbol `entry`.

    Sections that nothing reaches from `entry`, `keep` or a `KEEP` in the script are dropped. `define` gives
    symbols fixed values. `compiler_runtime` offers the routines that compiled C may call (division, memcpy).
    """
    store = cache or Cache()
    objects = [each for item in inputs for each in objects_of(item, optimise, store)]
    files = {f"{index:03}.o": content for index, content in enumerate(objects)}
    names = list(files)
    if compiler_runtime:
        files["runtime.a"] = compiler_runtime_archive(store)
        names.append("runtime.a")
    files["image.ld"] = linker_script.encode()
    options = [*_LINK_FLAGS, "-T", "image.ld", "-e", entry]
    options += ["--gc-sections"] if collect_garbage else []
    options += [f"--undefined={name}" for name in keep]
    options += [f"--defsym={name}={value:#x}" for name, value in define]
    command = ("ld.lld", *options, *names, "-o", "image.elf")
    key = key_of("image", *command, *(digest(content) for content in files.values()))
    return store.get_or_make(key, lambda: _link(files, command, keep))


def _link(files: dict[str, bytes], command: Sequence[str], keep: Sequence[str]) -> bytes:
    """Link, and check that all requested symbols are there: lld accepts that a kept symbol is missing."""
    image = transform(files, command, "image.elf")
    defined = Elf(image).symbols if keep else {}
    missing = [name for name in keep if name not in defined]
    if missing:
        raise BuildError("B006", f"no input of the image defines {', '.join(missing)}")
    return image


def objects_of(item: Input, optimise: str = "2", cache: Cache | None = None) -> list[bytes]:
    """Return the ARM object files of one input of the linker: of a program, one for each part."""
    if isinstance(item, bytes):
        return [item]
    if isinstance(item, Source):
        return [compile_source(item, ARM, optimise=optimise, cache=cache)]
    if isinstance(item, Numbered):
        return [assemble(ir, item.lines, optimise, cache or Cache()) for ir in item.parts.values()]
    return [compile_ir(ir, ARM, optimise=optimise, cache=cache) for ir in item.parts.values()]


def compiler_runtime_archive(cache: Cache | None = None) -> bytes:
    """Return Zig's compiler runtime for Cortex-A9, as an archive, from which only the functions in use are linked.

    For C alone: metal brings its own division, whose loops have bounds that the compiler knows.
    """
    source = zig_directory() / "lib" / "compiler_rt.zig"
    build = ("build-obj", *_RUNTIME_FLAGS, "--name", "runtime", "-femit-bin=runtime.o", str(source))
    key = key_of("runtime", *_RUNTIME_FLAGS)
    return (cache or Cache()).get_or_make(key, lambda: _archive(transform({}, build, "runtime.o")))


def _archive(content: bytes) -> bytes:
    """Return a static library of one object; `D` keeps owner and time out of it."""
    return transform({"runtime.o": content}, ("ar", "rcsD", "runtime.a", "runtime.o"), "runtime.a")
