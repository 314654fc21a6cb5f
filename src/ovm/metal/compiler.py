# SPDX-License-Identifier: Apache-2.0
"""The compiler's passes in order: read, check, write.

`compile_unit` takes the functions from which a program starts and returns LLVM IR text for one target, with the data that the
build needs besides it. The same input gives the same text, byte for byte.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ovm.metal.checks import check_program
from ovm.metal.checks.graph import calls_of
from ovm.metal.emit.module import Module, emit_program
from ovm.metal.frontend.overrides import with_parameters
from ovm.metal.frontend.program import Builder
from ovm.metal.frontend.source import code_numbers, forget_sources
from ovm.metal.options import Options, Target
from ovm.metal.tree.program import Program
from ovm.metal.tree.verify import verify_program

__all__ = ["FunctionInfo", "Options", "StaticPlacement", "Target", "Unit", "compile_once", "compile_unit"]


@dataclass(frozen=True)
class FunctionInfo:
    """One compiled function. `calls` holds symbols, those reached through tables and named in assembly included."""

    file: str
    line: int
    calls: frozenset[str]
    is_naked: bool


@dataclass(frozen=True)
class StaticPlacement:
    """One static, or a constant text on the host; `address` is given on the host only."""

    size: int
    align: int
    section: str | None
    address: int | None
    init: bytes | None
    read_only: bool


@dataclass(frozen=True)
class Unit:
    """A compiled program: the LLVM IR of each of its parts, by name."""

    parts: Mapping[str, str]
    functions: Mapping[str, FunctionInfo]
    statics: Mapping[str, StaticPlacement]
    # Host: assembly templates by the number that the code passes to the simulated processor.
    templates: tuple[str, ...]
    # Marked loops by name: file, line as debug information has it, column, bound.
    loops: Mapping[str, tuple[str, int, int, int]] = field(default_factory=dict)

    @property
    def ir(self) -> str:
        """Return the IR of a program that is one part."""
        (only,) = self.parts.values()
        return only


def compile_unit(roots: Sequence[Any], options: Options) -> Unit:
    """Compile what the roots reach; raise MetalError with every broken rule that was found."""
    with _without_collection():
        return _compile(roots, options)


def compile_once(roots: Sequence[Any], options: Options) -> Unit:
    """Compile a program, and forget the sources that were read: Python would look through their trees whenever it collects."""
    with _without_collection():
        unit = _compile(roots, options)
        forget_sources()
    return unit


@contextmanager
def _without_collection() -> Iterator[None]:
    """Let the cyclic collector rest: a compilation makes millions of nodes and drops none before its end."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _compile(roots: Sequence[Any], options: Options) -> Unit:
    host = options.target == "host"
    with with_parameters(roots, options.constants) as functions:
        program = Builder(host=host, checked=options.checked, data=options.data).build(functions)
    check_program(program)
    verify_program(program)
    numbers = cache(code_numbers) if options.numbered else None
    module = emit_program(
        program, options.parts, host=host, checked=options.checked, debug=options.debug, numbers=numbers,
        marked=options.marked,
    )
    placements = {
        name: StaticPlacement(placed.size, placed.align, None, placed.address, placed.init, False)
        for name, placed in module.placements.items()
    }
    placements.update(_statics(program, placements))
    return Unit(module.texts, _functions(program, host), placements, module.templates, _loops(module, options))


def _loops(module: Module, options: Options) -> dict[str, tuple[str, int, int, int]]:
    return {
        name: (file, code_numbers(file, where.line) if options.numbered else where.line, where.column + 1, bound)
        for name, (file, where, bound) in module.loops.items()
    }


def _statics(program: Program, placed: Mapping[str, StaticPlacement]) -> dict[str, StaticPlacement]:
    return {
        name: StaticPlacement(
            static.size,
            static.align,
            static.section,
            placed[name].address if name in placed else None,
            static.init,
            static.read_only,
        )
        for name, static in program.statics.items()
    }


def _functions(program: Program, host: bool) -> dict[str, FunctionInfo]:
    return {
        name: FunctionInfo(
            function.file,
            function.location.line,
            frozenset(calls_of(program, function, host)),
            function.kind == "naked",
        )
        for name, function in program.functions.items()
    }
