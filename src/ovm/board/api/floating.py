# SPDX-License-Identifier: Apache-2.0
"""Extension registers by name: `s0` to `s31`, `d0` to `d31`, `q0` to `q15`, `fpscr`, `fpexc`."""

import re

from ovm.board.vfp.state import Floating
from ovm.metal import offsetof, sizeof
from ovm.metal.build.host import HostProgram

_NUMBERED = {"s": (4, 32), "d": (8, 32), "q": (16, 16)}
_NAME = re.compile(r"([sdq])(\d+)")
_CONTROL = ("fpscr", "fpexc")
NAMES = [f"{kind}{number}" for kind, (_, count) in _NUMBERED.items() for number in range(count)] + list(_CONTROL)


class FloatingRegisters:
    """Those of one core."""

    def __init__(self, program: HostProgram, number: int) -> None:
        self._memory = program.memory
        self._address = program.address_of("ovm.board.vfp.state.FLOATING") + number * sizeof(Floating)

    def place(self, name: str) -> tuple[int, int] | None:
        """Return the place of a register and its number of bytes; None if there is none with this name."""
        if name in _CONTROL:
            return self._address + offsetof(Floating, name), 4
        found = _NAME.fullmatch(name)
        if found is None:
            return None
        size, count = _NUMBERED[found[1]]
        number = int(found[2])
        return (self._address + number * size, size) if number < count else None

    def get(self, place: tuple[int, int]) -> int:
        """Return the bits of a register."""
        return int.from_bytes(self._memory.read(*place), "little")

    def set(self, place: tuple[int, int], value: int) -> None:
        """Change a register; bits beyond its width are cut off."""
        address, size = place
        self._memory.write(address, (value & ((1 << 8 * size) - 1)).to_bytes(size, "little"))
