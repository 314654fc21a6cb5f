# SPDX-License-Identifier: Apache-2.0
"""Compiled metal programs, kept for each state of their sources and options.

The key covers every source file of OVM and of the program's own package, so that everything that a root can reach is part of
it. An entry holds the data for linking, stack analysis and reports: the IR and facts about functions, as JSON.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from types import ModuleType
from typing import Any

from ovm.metal.build.cache import Cache, key_of, source_digest
from ovm.metal.options import Options

_OVM = FilePath(__file__).resolve().parent.parent


@dataclass(frozen=True)
class CompiledFunction:
    """Facts about one function, in the form that stack analysis needs."""

    file: str
    calls: frozenset[str]
    is_naked: bool


@dataclass(frozen=True)
class Compiled:
    """A compiled program."""

    ir: str
    functions: Mapping[str, CompiledFunction]

    @property
    def files(self) -> set[str]:
        """Return the source files of the program, relative to the import path."""
        return {each.file for each in self.functions.values()}


def compile_program(module: ModuleType, roots: Sequence[Any], options: Options, cache: Cache | None = None) -> Compiled:
    """Compile everything that `roots`, functions listed by `module`, reach."""
    key = key_of("unit", module.__name__, source_digest(_OVM), _foreign_digest(module), *_options(options))
    stored = (cache or Cache()).get_or_make(key, lambda: _compile(roots, options))
    value = json.loads(stored)
    functions = {
        name: CompiledFunction(file, frozenset(calls), naked) for name, (file, calls, naked) in value["functions"].items()
    }
    return Compiled(value["ir"], functions)


def _compile(roots: Sequence[Any], options: Options) -> bytes:
    from ovm.metal.compiler import compile_unit

    unit = compile_unit(roots, options)
    functions = {name: (info.file, sorted(info.calls), info.is_naked) for name, info in unit.functions.items()}
    return json.dumps({"ir": unit.ir, "functions": functions}).encode()


def _foreign_digest(module: ModuleType) -> str:
    """Return a digest of the sources of a program that isn't part of OVM: the folder of its package."""
    file = FilePath(module.__file__ or "").resolve()
    return "" if file.is_relative_to(_OVM) else source_digest(file.parent)


def _options(options: Options) -> list[bytes | str]:
    parts: list[bytes | str] = [options.target, str(options.checked), str(options.debug)]
    for name, value in sorted(options.constants.items()):
        parts += [name, repr(value)]
    for name, content in sorted(options.data.items()):
        parts += [name, content]
    return parts
