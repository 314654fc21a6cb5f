# SPDX-License-Identifier: Apache-2.0
"""Handlers that answer a compiled program from the simulated processor on which CPython runs metal.

`ovm.metal.simulate` installs that processor; a test written for it drives compiled code unchanged.
"""

from collections.abc import Sequence
from typing import Any

from ovm.metal.build.handlers import Handlers
from ovm.metal.build.registry import function_of, register_of
from ovm.metal.build.values import bits_of, value_of
from ovm.metal.lang import processor
from ovm.metal.lang.errors import SimulationError
from ovm.metal.lang.functions import Function
from ovm.metal.lang.machine import Cp15

# By the numbers that the emitter gives to the host.
BARRIERS = ("dsb", "dmb", "isb", "clrex", "sev", "wfe", "wfi")


class SimulatedHandlers(Handlers):
    """Handlers that pass every request to `processor.current()`, with the names and types that it expects."""

    def __init__(self, templates: Sequence[str] = ()) -> None:
        self._templates = tuple(templates)
        self._registers: dict[int, Cp15] = {}
        self._functions: dict[str, Function] = {}

    def cp15_read(self, encoding: int) -> int:
        """Read a CP15 register."""
        return processor.current().cp15_read(self._register(encoding))

    def cp15_write(self, encoding: int, value: int) -> None:
        """Write a CP15 register."""
        processor.current().cp15_write(self._register(encoding), value)

    def barrier(self, kind: int) -> None:
        """Perform a barrier or hint."""
        processor.current().barrier(BARRIERS[kind])

    def assembly(self, template: int, arguments: tuple[int, ...]) -> int:
        """Perform inline assembly; the operands a template does not use are left out."""
        text = self._templates[template]
        used = next((count for count in range(len(arguments), 0, -1) if f"{{{count - 1}}}" in text), 0)
        return processor.current().assembly(text, arguments[:used])

    def extern(self, symbol: str, arguments: tuple[int, ...]) -> int:
        """Call an extern function with values of its parameters' types."""
        signature = self._function(symbol).signature
        kinds: list[Any] = [signature.kinds.get(name) for name in signature.names]
        values = tuple(value_of(kind, bits) for kind, bits in zip(kinds, arguments, strict=True))
        result = processor.current().call(symbol, values)
        return 0 if result is None else bits_of(result)

    def _register(self, encoding: int) -> Cp15:
        if encoding not in self._registers:
            found = register_of(encoding)
            if found is None:
                raise SimulationError(f"no loaded module describes the CP15 register {encoding:#06x}")
            self._registers[encoding] = found
        return self._registers[encoding]

    def _function(self, symbol: str) -> Function:
        if symbol not in self._functions:
            found = function_of(symbol)
            if found is None:
                raise SimulationError(f"nothing simulates the function {symbol!r}")
            self._functions[symbol] = found
        return self._functions[symbol]
