# SPDX-License-Identifier: Apache-2.0
"""The runner of metal compiled for this machine, inside this process.

The program sees nothing but its own 4 GiB (`sandbox`). `call` raises a panic as `Panic`; the program's requests for hardware or
foreign code (CP15, barriers, assembly, extern functions) go to Python handlers, and `call` raises an exception in one of these
unchanged. Neither ends the process.
"""

import ctypes
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from ovm.metal.build.cache import Cache, key_of
from ovm.metal.build.elf import Elf
from ovm.metal.build.errors import BuildError
from ovm.metal.build.handlers import Handlers
from ovm.metal.build.host_image import HostImage
from ovm.metal.build.objects import HOST, Source, compile_ir, compile_source
from ovm.metal.build.outcomes import panic_of
from ovm.metal.build.prototypes import Prototype, prototypes
from ovm.metal.build.sandbox import SHADOW_STACK_TOP, SandboxMemory
from ovm.metal.build.zig import digest, transform

_MOST_ARGUMENTS = 12
_PANICKED, _FAILED = 1, 2
_SHIM = Path(__file__).with_name("host_shim.c")
_C_TYPES = {1: "_Bool", 8: "u8", 16: "u16", 32: "u32", 64: "u64"}
_WORDS = ctypes.POINTER(ctypes.c_uint64)
_HANDLER = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_uint32, ctypes.c_uint32, _WORDS, ctypes.c_uint32)


class HostUnit(Protocol):
    """The parts of a unit compiled for the host that running needs."""

    @property
    def parts(self) -> Mapping[str, str]:
        """LLVM IR as text, by the part's name."""
        ...

    @property
    def statics(self) -> Mapping[str, Any]:
        """Return statics by symbol (`Placed`)."""
        ...


class HostProgram:
    """One loaded program with memory of its own; load a unit twice and the two share nothing."""

    def __init__(
        self,
        unit: HostUnit | HostImage,
        handlers: Handlers | None = None,
        *,
        optimise: str = "2",
        cache: Cache | None = None,
    ) -> None:
        image = unit if isinstance(unit, HostImage) else host_image(unit, optimise, cache)
        self.statics = image.statics
        self.prototypes = image.prototypes
        self.handlers = handlers or Handlers()
        self.memory = SandboxMemory()
        self._pending: BaseException | None = None
        self._externs = image.externs
        self._library = _load(image.content)
        self._handler = _HANDLER(self._answer)
        self._variable(ctypes.c_void_p, "metal_handler").value = ctypes.cast(self._handler, ctypes.c_void_p).value
        self._variable(ctypes.c_void_p, "metal_memory_base").value = self.memory.base
        self.reset()

    def reset(self) -> None:
        """Put memory back to its state when the program was loaded."""
        self.memory.clear()
        self._variable(ctypes.c_uint32, "metal_stack_pointer").value = SHADOW_STACK_TOP
        for static in self.statics.values():
            if static.init:
                self.memory.write(static.address, static.init)

    @property
    def static_symbols(self) -> tuple[str, ...]:
        """Return the names of its statics."""
        return tuple(self.statics)

    @property
    def stack_pointer(self) -> int:
        """Return the pointer of the shadow stack, which holds structs and arrays of running calls."""
        return int(self._variable(ctypes.c_uint32, "metal_stack_pointer").value)

    def address_of(self, symbol: str) -> int:
        """Return the address of a static in the program's memory."""
        if symbol not in self.statics:
            raise BuildError("B011", f"the unit has no static '{symbol}'")
        return int(self.statics[symbol].address)

    def code_of(self, symbol: str) -> int:
        """Return the address of a function's machine code, for code that the program writes itself."""
        self._prototype(symbol, len(self.prototypes[symbol].parameters) if symbol in self.prototypes else 0)
        return int(ctypes.cast(self._library[symbol], ctypes.c_void_p).value or 0)

    def call(self, symbol: str, *arguments: int) -> int | None:
        """Call a function by its symbol; arguments and result are bits, as unsigned numbers."""
        prototype = self._prototype(symbol, len(arguments))
        pairs = zip(arguments, prototype.parameters, strict=True)
        words = [int(argument) & ((1 << width) - 1) for argument, width in pairs]
        vector = (ctypes.c_uint64 * _MOST_ARGUMENTS)(*words)
        result = ctypes.c_uint64(0)
        function = ctypes.cast(self._library[symbol], ctypes.c_void_p)
        outcome = self._library.metal_call(function, vector, ctypes.byref(result))
        if outcome == _FAILED and self._pending is not None:
            failure, self._pending = self._pending, None
            raise failure
        if outcome == _PANICKED:
            code = int(self._variable(ctypes.c_uint32, "metal_panic_code").value)
            raise panic_of(code, symbol)
        return None if prototype.result is None else result.value & ((1 << prototype.result) - 1)

    def _prototype(self, symbol: str, count: int) -> Prototype:
        prototype = self.prototypes.get(symbol)
        if prototype is None or not prototype.is_defined:
            raise BuildError("B011", f"the unit has no function '{symbol}'")
        if len(prototype.parameters) != count:
            raise TypeError(f"{symbol} takes {len(prototype.parameters)} arguments, not {count}")
        if count > _MOST_ARGUMENTS:
            raise BuildError("B012", f"{symbol} takes {count} arguments; the host loader passes {_MOST_ARGUMENTS}")
        return prototype

    def _variable(self, kind: Any, name: str) -> Any:
        return kind.in_dll(self._library, name)

    def _answer(self, request: int, which: int, words: Any, count: int) -> int:
        """Serve one request. An exception is kept, and the shim is told to leave the program."""
        arguments = tuple(words[index] for index in range(count))
        try:
            return self._dispatch(request, which, arguments) & 0xFFFF_FFFF_FFFF_FFFF
        except BaseException as error:  # noqa: BLE001 - raised again by `call`, on the far side of compiled code
            self._pending = error
            self._variable(ctypes.c_uint32, "metal_handler_failed").value = 1
            return 0

    def _dispatch(self, request: int, which: int, arguments: tuple[int, ...]) -> int:
        handlers = self.handlers
        answers: Sequence[Callable[[], int | None]] = (
            lambda: handlers.cp15_read(which),
            lambda: handlers.cp15_write(which, arguments[0]),
            lambda: handlers.barrier(which),
            lambda: handlers.assembly(which, arguments),
            lambda: handlers.extern(self._externs[which], arguments),
        )
        return int(answers[request]() or 0)


def host_image(unit: HostUnit, optimise: str = "2", cache: Cache | None = None) -> HostImage:
    """Compile a unit to what can be loaded, and kept, without it."""
    known = prototypes(*unit.parts.values())
    content, externs = _shared_object(unit.parts, known, optimise, cache or Cache())
    return HostImage(content, tuple(externs), known, unit.statics)


def _shared_object(
    parts: Mapping[str, str], known: Mapping[str, Prototype], optimise: str, cache: Cache
) -> tuple[bytes, list[str]]:
    """Return the loadable form of a program, and the names of the functions that it leaves to others."""
    objects = [compile_ir(ir, HOST, optimise=optimise, cache=cache) for ir in parts.values()]
    shim = compile_source(Source(_SHIM, _SHIM.parent), HOST, cache=cache)
    read = [Elf(each) for each in (shim, *objects)]
    needed = dict.fromkeys(name for each in read[1:] for name in each.undefined)
    provided = {name for each in read for name in each.symbols}
    externs = [name for name in needed if name not in provided]
    files = {f"unit{number}.o": each for number, each in enumerate(objects)}
    files |= {"shim.o": shim, "externs.o": _trampolines(externs, known, cache)}
    command = ("ld.lld", "-shared", "--build-id=none", "--gc-sections", "--no-undefined", *files, "-o", "unit.so")
    key = key_of("shared", *command, *(digest(content) for content in files.values()))
    return cache.get_or_make(key, lambda: transform(files, command, "unit.so")), externs


def _trampolines(externs: list[str], known: Mapping[str, Prototype], cache: Cache) -> bytes:
    """Return an object whose functions hand each call of an extern function to Python."""
    lines = ["typedef unsigned char u8; typedef unsigned short u16; typedef unsigned int u32;"]
    lines += ["typedef unsigned long long u64;", "u64 metal_request(u32, u32, u64 *, u32);"]
    for index, name in enumerate(externs):
        if name not in known:
            raise BuildError("B013", f"the host program needs '{name}', which nothing declares as a function")
        lines.append(_trampoline(index, name, known[name]))
    with tempfile.TemporaryDirectory(prefix="ovm-build-") as folder:
        path = Path(folder) / "externs.c"
        path.write_text("\n".join(lines) + "\n")
        return compile_source(Source(path, path.parent), HOST, cache=cache)


def _trampoline(index: int, name: str, prototype: Prototype) -> str:
    parameters = ", ".join(f"{_C_TYPES[width]} a{place}" for place, width in enumerate(prototype.parameters))
    values = ", ".join(f"a{place}" for place in range(len(prototype.parameters)))
    result = "void" if prototype.result is None else _C_TYPES[prototype.result]
    give = "" if prototype.result is None else f"return ({result})"
    return (
        f'{result} extern_{index}({parameters or "void"}) __asm__("{name}");\n'
        f"{result} extern_{index}({parameters or 'void'})\n{{\n"
        f"    u64 arguments[] = {{{values or '0'}}};\n"
        f"    {give}metal_request(4, {index}, arguments, {len(prototype.parameters)});\n}}"
    )


def _load(content: bytes) -> ctypes.CDLL:
    """Load a shared object from memory, as an instance that shares no variables with another."""
    handle, name = tempfile.mkstemp(prefix="ovm-unit-", suffix=".so")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        return ctypes.CDLL(name)
    finally:
        os.unlink(name)
