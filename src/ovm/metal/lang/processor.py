# SPDX-License-Identifier: Apache-2.0
"""The simulated processor that metal code reaches under CPython.

CP15 accesses, barriers, inline assembly, extern functions and `forever` loops are things that CPython cannot
do itself. They go to the current processor. The default one refuses them all, so that a test never passes
because hardware was silently ignored; `ovm.metal.simulate` installs another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ovm.metal.lang.errors import SimulationError

if TYPE_CHECKING:
    from ovm.metal.lang.machine import Cp15


class Processor:
    """A processor on which nothing is simulated."""

    def cp15_read(self, register: Cp15) -> int:
        """Return the value of a CP15 register."""
        raise SimulationError(f"nothing simulates a read of CP15 register {register.name}")

    def cp15_write(self, register: Cp15, value: int) -> None:
        """Write a CP15 register."""
        raise SimulationError(f"nothing simulates a write of CP15 register {register.name}")

    def barrier(self, name: str) -> None:
        """Perform `dsb`, `dmb`, `isb`, `clrex`, `sev`, `wfe` or `wfi`."""
        raise SimulationError(f"nothing simulates {name}")

    def assembly(self, template: str, inputs: tuple[int, ...]) -> int:
        """Perform inline assembly; the result is what `{out}` receives."""
        raise SimulationError(f"nothing simulates the assembly {template!r}")

    def call(self, symbol: str, arguments: tuple[Any, ...]) -> Any:
        """Call code that is not metal: an extern or naked function."""
        raise SimulationError(f"nothing simulates the function {symbol!r}")

    def volatile(self, action: str, address: int, size: int, value: int) -> None:
        """Take note of one volatile access."""

    def forever_turn(self) -> None:
        """Begin a turn of a `forever()` loop."""


_STACK: list[Processor] = [Processor()]


def current() -> Processor:
    """Return the processor on which metal code now runs."""
    return _STACK[-1]


def push(processor: Processor) -> Callable[[], None]:
    """Make `processor` current; call the result to go back."""
    _STACK.append(processor)

    def restore() -> None:
        _STACK.remove(processor)

    return restore
