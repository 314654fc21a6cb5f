# SPDX-License-Identifier: Apache-2.0
"""The state that the parts of one function's emission share."""

from __future__ import annotations

from dataclasses import dataclass, field

from ovm.metal.emit.debug import Debug
from ovm.metal.emit.memory import Memory
from ovm.metal.emit.spelling import Spelling
from ovm.metal.emit.writer import Writer
from ovm.metal.tree.nodes import Location, Variable
from ovm.metal.tree.program import Function, Program
from ovm.metal.tree.types import Type


@dataclass
class ModuleContext:
    """State of the whole module."""

    program: Program
    memory: Memory
    spelling: Spelling
    debug: Debug
    checked: bool
    panic: str
    # Assembly templates in the order of first use; the host's simulated processor is asked by this number.
    templates: list[str] = field(default_factory=list)
    texts: dict[bytes, str] = field(default_factory=dict)
    text_addresses: dict[bytes, int] = field(default_factory=dict)
    # Whether loops are marked, and each by name: file, place, bound.
    marked: bool = False
    loops: dict[str, tuple[str, Location, int]] = field(default_factory=dict)


@dataclass
class FunctionContext:
    """State of one function."""

    module: ModuleContext
    function: Function
    writer: Writer
    scope: int
    slots: dict[Variable, str] = field(default_factory=dict)
    storage: list[str] = field(default_factory=list)
    # (label of break, label of continue), innermost last.
    loops: list[tuple[str, str]] = field(default_factory=list)
    host_frame: int = 0
    # Loops met so far.
    marks: list[tuple[Location, int]] = field(default_factory=list)
    panics: dict[int, str] = field(default_factory=dict)

    @property
    def memory(self) -> Memory:
        """Return the target's way to memory."""
        return self.module.memory

    def type(self, kind: Type) -> str:
        """Return the LLVM spelling of a tree type."""

        return self.module.spelling.type(kind)

    def at(self, location: Location) -> None:
        """Tie the instructions that follow to `location`."""
        if location.line:
            self.writer.debug = self.module.debug.at(self.scope, location)
