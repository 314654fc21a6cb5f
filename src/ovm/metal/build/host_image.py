# SPDX-License-Identifier: Apache-2.0
"""A program compiled for this machine, in a form that needs neither its sources nor the compiler to be loaded.

It can be written down: a large program that is started often is kept as these bytes, and nothing is compiled, or even
read, when it starts.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ovm.metal.build.prototypes import Prototype

_LENGTH_BYTES = 8


@dataclass(frozen=True)
class Placed:
    """Where a static lies on the host, and what it holds at first; None for zeros."""

    address: int
    init: bytes | None
    size: int = 0


@dataclass(frozen=True)
class HostImage:
    """A loadable program: a shared object, what it leaves to others, its functions and its statics (`Placed`)."""

    content: bytes
    externs: tuple[str, ...]
    prototypes: Mapping[str, Prototype]
    statics: Mapping[str, Any]

    def to_bytes(self) -> bytes:
        """Write it down."""
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
