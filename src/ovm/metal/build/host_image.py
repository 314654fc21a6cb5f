# SPDX-License-Identifier: Apache-2.0
"""A program compiled for this machine, in a form that needs neither its sources nor the compiler to be loaded.

It can be stored: a large program that is started often is kept as these bytes, so nothing is compiled, and no source is read,
when it starts.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ovm.metal.build.prototypes import Prototype

_LENGTH_BYTES = 8


@dataclass(frozen=True)
class Placed:
    """The address of a static on the host, and its initial content; None for zeros."""

    address: int
    init: bytes | None
    size: int = 0


@dataclass(frozen=True)
class HostImage:
    """A loadable program: a shared object, the functions that it needs from others, its own functions and its statics."""

    content: bytes
    externs: tuple[str, ...]
    prototypes: Mapping[str, Prototype]
    statics: Mapping[str, Any]

    def to_bytes(self) -> bytes:
        """Return the image as bytes."""
        facts = {
            "externs": self.externs,
            "prototypes": {name: (each.parameters, each.result) for name, each in self.prototypes.items() if each.is_defined},
            "statics": {
                name: (each.address, each.size, each.init.hex() if each.init else "") for name, each in self.statics.items()
            },
        }
        head = json.dumps(facts).encode()
        return len(head).to_bytes(_LENGTH_BYTES, "little") + head + self.content

    @classmethod
    def from_bytes(cls, stored: bytes) -> "HostImage":
        """Read what `to_bytes` wrote; prototypes are those of defined functions."""
        end = _LENGTH_BYTES + int.from_bytes(stored[:_LENGTH_BYTES], "little")
        facts = json.loads(stored[_LENGTH_BYTES:end])
        known = {name: Prototype(tuple(parameters), result, True) for name, (parameters, result) in facts["prototypes"].items()}
        statics = {
            name: Placed(address, bytes.fromhex(init) or None, size) for name, (address, size, init) in facts["statics"].items()
        }
        return cls(stored[end:], tuple(facts["externs"]), known, statics)
