# SPDX-License-Identifier: Apache-2.0
"""A simulated processor, on which metal code runs under CPython.

`with simulate(...) as machine:` gives the code inside fresh memory, in which statics hold their initial values
again, and sends all that CPython cannot do to handlers: CP15 accesses, barriers, inline assembly, extern functions, device
registers. Everything that happens is logged in order, so that a test can demand an exact sequence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ovm.metal.lang import memory, processor
from ovm.metal.lang.errors import SimulationEnd, SimulationError
from ovm.metal.lang.machine import Cp15
from ovm.metal.lang.memory import Device, Memory

__all__ = ["Device", "Operation", "Simulation", "simulate"]

Assembly = Callable[..., int | None]
Cp15State = dict[Cp15, int]


@dataclass(frozen=True)
class Operation:
    """One operation of the code on its machine.

    `action` is one of `cp15_read`, `cp15_write`, `barrier`, `asm`, `call`, `load`, `store`; `name` says which register,
    barrier, template, symbol or (for volatile accesses) address.
    """

    action: str
    name: str
    values: tuple[Any, ...] = ()


class Simulation(processor.Processor):
    """A processor made of handlers."""

    def __init__(
        self,
        storage: Memory,
        cp15: Mapping[Cp15, int] | None,
        assembly: Mapping[str, Assembly] | None,
        functions: Mapping[str, Callable[..., Any]] | None,
        turns: int | None,
    ) -> None:
        self.memory = storage
        #: The CP15 registers' values; reading any other register is an error.
        self.cp15: Cp15State = dict(cp15 or {})
        self.assembly_handlers = dict(assembly or {})
        self.functions = dict(functions or {})
        self.turns = turns
        self.log: list[Operation] = []
        #: Called before each CP15 write is stored; lets a test model side effects.
        self.on_cp15_write: Callable[[Cp15, int], None] | None = None

    def _note(self, action: str, name: str, *values: Any) -> None:
        self.log.append(Operation(action, name, values))

    def names(self, *actions: str) -> list[str]:
        """Return the names of the logged operations, of some actions only if given."""
        return [entry.name for entry in self.log if not actions or entry.action in actions]

    def cp15_read(self, register: Cp15) -> int:
        """Return the value the test or an earlier write gave the register."""
        if register not in self.cp15:
            raise SimulationError(f"CP15 register {register.name} has no simulated value")
        self._note("cp15_read", register.name, self.cp15[register])
        return self.cp15[register]

    def cp15_write(self, register: Cp15, value: int) -> None:
        """Keep the value."""
        self._note("cp15_write", register.name, value)
        if self.on_cp15_write:
            self.on_cp15_write(register, value)
        self.cp15[register] = value

    def barrier(self, name: str) -> None:
        """Log the barrier."""
        self._note("barrier", name)

    def assembly(self, template: str, inputs: tuple[int, ...]) -> int:
        """Call the handler of this very template."""
        if template not in self.assembly_handlers:
            raise SimulationError(f"nothing simulates the assembly {template!r}")
        result = self.assembly_handlers[template](*inputs) or 0
        self._note("asm", template, *inputs)
        return result

    def call(self, symbol: str, arguments: tuple[Any, ...]) -> Any:
        """Call the handler of an extern or naked function."""
        if symbol not in self.functions:
            raise SimulationError(f"nothing simulates the function {symbol!r}")
        self._note("call", symbol, *arguments)
        return self.functions[symbol](*arguments)

    def volatile(self, action: str, address: int, size: int, value: int) -> None:
        """Log a volatile access: its address as name, its size and value."""
        self._note(action, f"{address:#010x}", size, value)

    def forever_turn(self) -> None:
        """Count a turn of a `forever()` loop down."""
        if self.turns is not None:
            if self.turns == 0:
                raise SimulationEnd("the simulation grants no more turns of forever()")
            self.turns -= 1


@contextmanager
def simulate(
    *,
    cp15: Mapping[Cp15, int] | None = None,
    assembly: Mapping[str, Assembly] | None = None,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    devices: Sequence[tuple[int, int, Device]] = (),
    turns: int | None = None,
) -> Iterator[Simulation]:
    """Give the code inside fresh memory and a processor made of these handlers.

    `assembly` maps templates and `functions` maps symbols to callables; `devices` lists (start, size, model); after
    `turns` turns of `forever()` loops `SimulationEnd` is raised.
    """
    storage = Memory(memory.IMAGE)
    for start, size, device in devices:
        storage.attach(start, size, device)
    simulation = Simulation(storage, cp15, assembly, functions, turns)
    memory.push(storage)
    restore = processor.push(simulation)
    try:
        yield simulation
    finally:
        restore()
        memory.pop(storage)
