# SPDX-License-Identifier: Apache-2.0
"""One metal function, run in three ways from equal state, and what each way made of it.

A case fills every static with drawn bytes, calls a function, and yields an outcome: the result's bits or the kind of
panic, and the bytes of every static afterwards. Bytes that hold pointers or padding are left out: addresses differ
between machines by design, and a C layout promises nothing about padding.
"""

from __future__ import annotations

import inspect
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any, Protocol

from ovm.metal.build.host import HostProgram
from ovm.metal.compiler import Options, Target, compile_unit
from ovm.metal.lang import memory
from ovm.metal.lang.errors import BoundPanic, IndexPanic, NullPanic, Panic
from ovm.metal.lang.functions import Function
from ovm.metal.lang.integers import Scalar
from ovm.metal.lang.kinds import ArrayType, PointerType, is_struct, size_of
from ovm.metal.lang.references import first
from ovm.metal.lang.storage import static_of
from ovm.metal.simulate import simulate
from tests.metal.unicorn_run import UnicornProgram

#: A function that is compiled even when only some are asked for: it names the statics that parameters refer to.
ANCHOR = "every_static"
#: Panics that a release build need not raise.
CHECKS = ("index", "null", "assert")


@dataclass(frozen=True)
class Outcome:
    """The result of one case on one machine."""

    result: int | str | None
    statics: bytes


def bits_of(value: Any) -> int:
    """Return a value's bits in a register; a reference is its address."""
    if isinstance(value, Scalar):
        return value.to_bits()
    return int(value) if isinstance(value, int) else int(value.address)


def panic_kind(error: BaseException) -> str:
    """Name a panic, equally for every machine."""
    for kind, name in ((IndexPanic, "index"), (NullPanic, "null"), (BoundPanic, "bound"), (AssertionError, "assert")):
        if isinstance(error, kind):
            return name
    return f"panic {error.code}" if isinstance(error, Panic) else repr(error)


def leaves(kind: Any, offset: int = 0) -> Iterator[tuple[int, int, Any]]:
    """Yield (offset, size, kind) of every scalar in a thing of this kind."""
    if is_struct(kind):
        for place in kind.LAYOUT.fields.values():
            yield from leaves(place.kind, offset + place.offset)
    elif isinstance(kind, ArrayType):
        for index in range(kind.length):
            yield from leaves(kind.element, offset + index * size_of(kind.element))
    else:
        yield offset, size_of(kind), kind


class Static:
    """One static of the module under test."""

    def __init__(self, name: str, thing: Any) -> None:
        information = static_of(thing)
        assert information is not None
        self.name = name
        self.thing = thing
        self.kind = information.kind
        self.read_only = information.read_only
        self.size = size_of(self.kind)
        self.leaves = list(leaves(self.kind))
        self.mask = bytearray(self.size)
        for offset, size, kind in self.leaves:
            if not isinstance(kind, PointerType):
                self.mask[offset : offset + size] = b"\xff" * size
        self._mask = int.from_bytes(self.mask, "little")

    def content(self, source: random.Random) -> bytes:
        """Draw content: zeros, small numbers or anything; pointers null, bools one of two."""
        if source.random() < 0.2:
            return bytes(self.size)
        content = bytearray(source.randbytes(self.size))
        for offset, size, kind in self.leaves:
            if kind is bool:
                content[offset] &= 1
            elif source.random() < 0.5:
                content[offset : offset + size] = source.randrange(64).to_bytes(size, "little")
        return bytes(byte & keep for byte, keep in zip(content, self.mask, strict=True))

    def visible(self, content: bytes) -> bytes:
        """Return the bytes that every machine must agree on."""
        return (int.from_bytes(content, "little") & self._mask).to_bytes(self.size, "little")


class Machine(Protocol):
    """A way to run metal."""

    name: str
    memory: memory.Memory

    def address_of(self, static: Static) -> int | None:
        """Return where a static lies; None when the program has none of that name."""
        ...

    def call(self, function: Function, arguments: Sequence[Any]) -> int | None:
        """Call a function; values and statics in, bits out."""
        ...


class PythonMachine:
    """CPython on simulated memory."""

    name = "CPython"

    def __init__(self) -> None:
        self.memory = memory.Memory(memory.IMAGE)

    def address_of(self, static: Static) -> int | None:
        """Return where a static lies."""
        return int(static.thing.address)

    def call(self, function: Function, arguments: Sequence[Any]) -> int | None:
        """Call the Python function."""
        kinds = function.signature.kinds
        values = [_reference(kinds[name], value) for name, value in zip(function.signature.names, arguments, strict=True)]
        with simulate():
            memory.push(self.memory)
            try:
                result = function(*values)
            finally:
                memory.pop(self.memory)
        return None if result is None else bits_of(result)


def _reference(kind: Any, value: Any) -> Any:
    if not isinstance(value, Static):
        return value
    return first(value.thing) if isinstance(kind, PointerType) else value.thing


class CompiledMachine:
    """A compiled program."""

    def __init__(self, name: str, module: ModuleType, program: Any) -> None:
        self.name = name
        self.memory = program.memory
        self._program = program
        self._module = module.__name__
        self._symbols = set(program.static_symbols)

    def address_of(self, static: Static) -> int | None:
        """Return where a static lies."""
        symbol = f"{self._module}.{static.name}"
        return int(self._program.address_of(symbol)) if symbol in self._symbols else None

    def call(self, function: Function, arguments: Sequence[Any]) -> int | None:
        """Call the compiled function."""
        bits = [self.address_of(value) if isinstance(value, Static) else bits_of(value) for value in arguments]
        result: int | None = self._program.call(function.symbol, *bits)
        return result


class Twin:
    """A module's metal functions on several machines."""

    def __init__(
        self,
        module: ModuleType,
        machines: Sequence[Target] = ("host", "arm"),
        *,
        checked: bool = True,
        optimise: str = "2",
        only: Sequence[str] = (),
    ) -> None:
        self.module = module
        self.checked = checked
        self._optimise = optimise
        self.functions: Mapping[str, Function] = {
            name: thing
            for name, thing in vars(module).items()
            if isinstance(thing, Function) and thing.module == module.__name__
            if not only or name in only or name == ANCHOR
        }
        self.machines: list[Machine] = [PythonMachine()]
        self.machines += [CompiledMachine(name, module, self._program(name)) for name in machines]
        found = {name: thing for name, thing in vars(module).items() if static_of(thing) is not None}
        named = [Static(name, thing) for name, thing in found.items()]
        self.statics = [static for static in named if all(machine.address_of(static) is not None for machine in self.machines)]

    def _program(self, target: Target) -> Any:
        options = Options(target=target, checked=self.checked, constants={}, data={})
        unit = compile_unit(tuple(self.functions.values()), options)
        # Visible statics, so that the optimiser keeps what only this test reads.
        unit = replace(unit, parts={"": unit.ir.replace(" = internal global ", " = global ")})
        if target == "host":
            return HostProgram(unit, optimise=self._optimise)
        program = UnicornProgram(unit, optimise=self._optimise)
        # A bare-metal image has no library: LLVM must not have called one.
        assert set(program.externs) <= {"metal_panic"}
        return program

    def static_for(self, kind: Any) -> Static:
        """Return a static that a parameter of reference type can be given."""
        for static in self.statics:
            element = getattr(static.kind, "element", None)
            wanted = kind.target if isinstance(kind, PointerType) else kind[0] if isinstance(kind, tuple) else None
            if element == wanted if wanted else static.kind == kind:
                return static
        raise LookupError(f"no static of {self.module.__name__} fits a parameter of kind {kind!r}")

    def outcomes(self, name: str, arguments: Sequence[Any], seed: int) -> list[Outcome]:
        """Run one case on every machine. In a release build the compiled ones sit out what only checks would stop."""
        outcomes: list[Outcome] = []
        for machine in self.machines:
            outcomes.append(self._outcome(machine, name, arguments, seed))
            if not self.checked and outcomes[0].result in CHECKS:
                break
        return outcomes

    def check(self, name: str, arguments: Sequence[Any], seed: int) -> None:
        """Fail unless all machines agree."""
        outcomes = self.outcomes(name, arguments, seed)
        if any(outcome != outcomes[0] for outcome in outcomes):
            raise AssertionError(self._report(name, arguments, seed, outcomes))

    def _outcome(self, machine: Machine, name: str, arguments: Sequence[Any], seed: int) -> Outcome:
        source = random.Random(seed)
        for static in self.statics:
            if not static.read_only:
                machine.memory.write(machine.address_of(static) or 0, static.content(source))
        result: int | str | None
        try:
            result = machine.call(self.functions[name], arguments)
        except (Panic, AssertionError) as error:
            result = panic_kind(error)
        return Outcome(result, self._statics(machine))

    def _statics(self, machine: Machine) -> bytes:
        return b"".join(
            static.visible(machine.memory.read(machine.address_of(static) or 0, static.size)) for static in self.statics
        )

    def _report(self, name: str, arguments: Sequence[Any], seed: int, outcomes: Sequence[Outcome]) -> str:
        shown = ", ".join(value.name if isinstance(value, Static) else repr(value) for value in arguments)
        lines = [inspect.getsource(self.functions[name].python)]
        lines += [f"{self.module.__name__}.{name}({shown}) from statics drawn with seed {seed}:"]
        for machine, outcome in zip(self.machines, outcomes, strict=False):
            result = hex(outcome.result) if isinstance(outcome.result, int) else outcome.result
            lines.append(f"  {machine.name}: {result}")
            if outcome.statics != outcomes[0].statics:
                lines += self._differences(outcome.statics, outcomes[0].statics)
        return "\n".join(lines)

    def _differences(self, found: bytes, expected: bytes) -> list[str]:
        lines, start = [], 0
        for static in self.statics:
            here, there = found[start : start + static.size], expected[start : start + static.size]
            if here != there:
                lines.append(f"    {static.name}: {here.hex()} instead of {there.hex()}")
            start += static.size
        return lines
