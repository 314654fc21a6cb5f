# SPDX-License-Identifier: Apache-2.0
"""Calls of compiled metal as if it were the Python in which it was written.

`Typed` takes the decorated functions and statics of a module, finds their counterparts in a compiled program and converts
arguments and results, so that one scenario runs under CPython, on the host and under Unicorn:

    typed = Typed(HostProgram(unit))
    with typed.memory():
        assert typed.call(push, typed.view(QUEUE), u8(3))
        assert typed.view(QUEUE).count == 1
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from ovm.metal.build.registry import static_object
from ovm.metal.build.values import bits_of, value_of
from ovm.metal.lang import memory
from ovm.metal.lang.functions import Function
from ovm.metal.lang.references import load
from ovm.metal.lang.storage import Var, static_of


class Program(Protocol):
    """A compiled program that can be called: `HostProgram` or `UnicornProgram`."""

    @property
    def memory(self) -> memory.Memory:
        """Return the memory in which it runs."""
        ...

    @property
    def static_symbols(self) -> tuple[str, ...]:
        """Return the names of its statics."""
        ...

    def address_of(self, symbol: str) -> int:
        """Return the address of a static."""
        ...

    def call(self, symbol: str, *arguments: int) -> int | None:
        """Call a function with bits."""
        ...


class Typed:
    """A compiled program seen through the types of its source."""

    def __init__(self, program: Program) -> None:
        self.program = program
        found = ((static_object(symbol), symbol) for symbol in program.static_symbols)
        self._symbols = {id(thing): symbol for thing, symbol in found if thing is not None}

    @contextmanager
    def memory(self) -> Iterator[None]:
        """Let references read and write the program's memory inside."""
        memory.push(self.program.memory)
        try:
            yield
        finally:
            memory.pop(self.program.memory)

    def view(self, static: Any) -> Any:
        """Return the static as it lies in the program's memory."""
        information = static_of(static)
        if information is None or id(static) not in self._symbols:
            raise LookupError(f"{static!r} is not a static of this program")
        address = self.program.address_of(self._symbols[id(static)])
        return Var(information.kind, address) if isinstance(static, Var) else load(information.kind, address)

    def call(self, function: Any, *arguments: Any, **keywords: Any) -> Any:
        """Call a metal function; arguments are checked and converted as a call under CPython would."""
        if not isinstance(function, Function):
            raise TypeError(f"{function!r} is not a metal function")
        signature = function.signature
        values = signature.arguments(arguments, keywords)
        result = self.program.call(function.symbol, *(self._bits(value) for value in values))
        return None if result is None else value_of(signature.result, result)

    def _bits(self, value: Any) -> int:
        symbol = self._symbols.get(id(value))
        return bits_of(value) if symbol is None else self.program.address_of(symbol)
