# SPDX-License-Identifier: Apache-2.0
"""Fields of the board's structs, read and written from outside by name."""

from typing import Any

from ovm.metal.build.sandbox import SandboxMemory
from ovm.metal.lang.kinds import ArrayType, is_struct, size_of
from ovm.metal.lang.structs import Struct


class View:
    """A struct, or an array of structs, of the compiled board at a fixed address."""

    def __init__(self, memory: SandboxMemory, kind: Any, address: int) -> None:
        self._memory = memory
        self._kind = kind
        self.address = address

    def place(self, *path: str | int) -> tuple[int, int]:
        """Return a field's address and its bytes; a path consists of names of fields and indexes of arrays."""
        kind, address = self._kind, self.address
        for step in path:
            if isinstance(step, str):
                layout = kind.LAYOUT.fields[step]
                kind, address = layout.kind, address + layout.offset
            else:
                kind = kind.element if isinstance(kind, ArrayType) else kind
                address += step * size_of(kind)
        return address, size_of(kind)

    def get(self, *path: str | int) -> int:
        """Return the unsigned value of a field."""
        address, size = self.place(*path)
        return int.from_bytes(self._memory.read(address, size), "little")

    def set(self, value: int, *path: str | int) -> None:
        """Change a field; bits beyond its width are cut off."""
        address, size = self.place(*path)
        self._memory.write(address, (value & ((1 << (8 * size)) - 1)).to_bytes(size, "little"))

    def bytes(self) -> bytes:
        """Return the whole struct."""
        return bytes(self._memory.read(self.address, size_of(self._kind)))


def scalar_fields(struct: type[Struct]) -> list[str]:
    """Return the names of a struct's fields that are numbers."""
    fields = struct.LAYOUT.fields.values()
    return [each.name for each in fields if not isinstance(each.kind, ArrayType) and not is_struct(each.kind)]
