# SPDX-License-Identifier: Apache-2.0
"""The compiler's passes in order: read, check, write.

`compile_unit` takes the functions from which a program starts and returns LLVM IR text for one target, with the data that the
build needs besides it. The same input gives the same text, byte for byte.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ovm.metal.checks import check_program
from ovm.metal.checks.graph import calls_of
from ovm.metal.emit.module import emit_module
from ovm.metal.frontend.overrides import with_parameters
from ovm.metal.frontend.program import Builder
from ovm.metal.options import Options, Target
from ovm.metal.tree.nodes import Program
from ovm.metal.tree.verify import verify_program

__all__ = ["FunctionInfo", "Options", "StaticPlacement", "Target", "Unit", "compile_unit"]


@dataclass(frozen=True)
class FunctionInfo:
    """One compiled function. `calls` holds symbols, those reached through tables and named in assembly included."""

    file: str
    line: int
    calls: frozenset[str]
    is_entry: bool
    is_naked: bool
    is_extern: bool


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
    """A compiled program."""

    ir: str
    functions: Mapping[str, FunctionInfo]
    statics: Mapping[str, StaticPlacement]
    # Host: assembly templates by the number that the code passes to the simulated processor.
    templates: tuple[str, ...]


def compile_unit(roots: Sequence[Any], options: Options) -> Unit:
    """Compile everything that the roots reach; raise MetalError with every broken rule that was found."""
    host = options.target == "host"
    with with_parameters(roots, options.constants) as functions:
        program = Builder(host=host, checked=options.checked, data=options.data).build(functions)
    check_program(program)
    verify_program(program)
    module = emit_module(program, host=host, checked=options.checked, debug=options.debug)
    placements = {
        name: StaticPlacement(placed.size, placed.align, None, placed.address, placed.init, False)
        for name, placed in module.placements.items()
    }
    placements.update(_statics(program, placements))
    return Unit(module.text, _functions(program, host), placements, module.templates)


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
            name in program.roots,
            function.kind == "naked",
            function.kind == "extern",
        )
        for name, function in program.functions.items()
    }
