# SPDX-License-Identifier: Apache-2.0
"""Places of the hypervisor's data, for tools: statics by name, fields by their struct's layout.

As for `core_image`, core is reached by name alone.
"""

import importlib
from collections.abc import Callable
from functools import cache
from typing import Any

from ovm.metal.build.elf import Elf
from ovm.metal.lang.kinds import size_of
from ovm.metal.lang.storage import static_of

CORE = "ovm.core"
Read = Callable[[int, int], bytes]


class CoreMemory:
    """The statics of one built hypervisor, read from a machine's memory by `read(physical, size)`."""

    def __init__(self, content: bytes, read: Read) -> None:
        self._read = read
        self._places = {symbol.name: symbol.address for symbol in Elf(content).all_symbols if symbol.kind == "object"}

    def get(self, static: str, *path: str | int) -> int:
        """Return a number: a static's dotted name below `ovm.core`, then names of fields and indexes of arrays."""
        kind, address = _kind(static), self.place(static)
        for step in path:
            if isinstance(step, int):
                kind = kind.element
                address += step * size_of(kind)
            else:
                layout = kind.LAYOUT.fields[step]
                kind, address = layout.kind, address + layout.offset
        return int.from_bytes(self._read(address, size_of(kind)), "little")

    def place(self, static: str) -> int:
        """Return the address of a static."""
        return self._places[f"{CORE}.{static}"]


@cache
def _kind(static: str) -> Any:
    module, _, name = static.rpartition(".")
    info = static_of(getattr(importlib.import_module(f"{CORE}.{module}"), name))
    if info is None:
        raise KeyError(static)
    return info.kind
