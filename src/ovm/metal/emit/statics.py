# SPDX-License-Identifier: Apache-2.0
"""Fixed addresses for statics and texts in the host's simulated 32-bit memory."""

from __future__ import annotations

from dataclasses import dataclass

from ovm.metal.tree.nodes import TextReference
from ovm.metal.tree.program import Program
from ovm.metal.tree.visit import nodes_of

HOST_STATICS = 0x1000_0000


@dataclass(frozen=True)
class HostPlacement:
    """The address of a constant or static on the host, and its initial bytes."""

    address: int
    size: int
    align: int
    init: bytes | None


def text_constants(program: Program) -> dict[str, bytes]:
    """Return the texts of a program by name, in the order of first use."""
    found: dict[bytes, str] = {}
    for function in program.functions.values():
        for node in nodes_of(function):
            if isinstance(node, TextReference):
                found.setdefault(node.data, f".text.{len(found)}")
    return {name: data for data, name in found.items()}


def place_on_host(program: Program) -> dict[str, HostPlacement]:
    """Lay out statics and texts in sequence."""
    placed: dict[str, HostPlacement] = {}
    following = HOST_STATICS
    for static in program.statics.values():
        following = -(-following // max(static.align, 16)) * max(static.align, 16)
        placed[static.symbol] = HostPlacement(following, static.size, static.align, static.init)
        following += static.size
    for name, data in text_constants(program).items():
        placed[name] = HostPlacement(following, len(data), 1, data)
        following += len(data)
    return placed
