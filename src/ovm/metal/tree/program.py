# SPDX-License-Identifier: Apache-2.0
"""A whole program: functions with their bodies, statics, function tables, layouts of structs."""

from __future__ import annotations

from dataclasses import dataclass, field

from ovm.metal.tree.nodes import Expression, Location, Statement, Variable
from ovm.metal.tree.types import StructType, Type


@dataclass(slots=True)
class Storage:
    """A struct or array that lives in a function's frame."""

    type: Type
    size: int
    align: int


@dataclass(slots=True)
class Function:
    """One function of the program. `kind` is fn, naked or extern; `assembly` is a naked
    function's body, in pieces with their lines."""

    symbol: str
    module: str
    name: str
    file: str
    location: Location
    parameters: list[Variable]
    result: Type
    kind: str = "fn"
    inline: bool | None = None
    section: str | None = None
    exported: bool = False
    assembly: list[tuple[str, Location]] = field(default_factory=list)
    body: list[Statement] = field(default_factory=list)
    variables: list[Variable] = field(default_factory=list)
    storage: list[Storage] = field(default_factory=list)
    end: Location = Location(0, 0)
    # Symbols that its inline assembly names: reachable, though not called by the tree.
    mentions: set[str] = field(default_factory=set)
    # A body with all its nodes, for `tree.visit`.
    visited: tuple[list[Statement], list[Expression | Statement]] | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Member:
    """One field of a struct, for the debugger."""

    name: str
    type: Type
    offset: int


@dataclass(slots=True)
class Static:
    """One static object: zeroed, or `init` bytes (padded with zeros)."""

    symbol: str
    type: Type
    size: int
    align: int
    section: str | None
    init: bytes | None
    read_only: bool
    exported: bool = False
    # The place of its declaration; without a file if no source declares it.
    file: str = ""
    line: int = 0


@dataclass(slots=True)
class Table:
    """A function table: symbols of functions with one signature."""

    symbol: str
    functions: list[str]
    parameters: list[Type]
    result: Type


@dataclass(slots=True)
class Program:
    """Everything reachable from the roots, in the order it was reached."""

    functions: dict[str, Function] = field(default_factory=dict)
    statics: dict[str, Static] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    layouts: dict[StructType, tuple[Member, ...]] = field(default_factory=dict)
    roots: list[str] = field(default_factory=list)
