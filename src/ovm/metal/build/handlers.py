# SPDX-License-Identifier: Apache-2.0
"""The interface that answers a compiled program's requests for hardware or foreign code.

The default refuses everything, so that no test passes because hardware was silently left out.
"""

from ovm.metal.lang.errors import SimulationError


class Handlers:
    """The answers to a compiled program's requests. Each raises until a test replaces it."""

    def cp15_read(self, encoding: int) -> int:
        """Read the CP15 register with this encoding (crn<<12 | op1<<8 | crm<<4 | op2)."""
        raise SimulationError(f"nothing simulates a read of CP15 register {encoding:#06x}")

    def cp15_write(self, encoding: int, value: int) -> None:
        """Write a CP15 register."""
        raise SimulationError(f"nothing simulates a write of CP15 register {encoding:#06x}")

    def barrier(self, kind: int) -> None:
        """Perform a barrier or hint, by its number."""
        raise SimulationError(f"nothing simulates barrier {kind}")

    def assembly(self, template: int, arguments: tuple[int, ...]) -> int:
        """Perform inline assembly, by the number of its template."""
        raise SimulationError(f"nothing simulates assembly {template}")

    def extern(self, symbol: str, arguments: tuple[int, ...]) -> int:
        """Perform an extern function."""
        raise SimulationError(f"nothing simulates the function {symbol!r}")
