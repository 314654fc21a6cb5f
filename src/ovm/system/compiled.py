# SPDX-License-Identifier: Apache-2.0
"""Compiled metal programs, kept for each state of their sources and options.

The key covers the code, without comments, of every module that the program's modules import. An entry holds the data for
linking, stack analysis and reports: the IR of each part and facts about functions, as JSON. The bytes of statics that are a
part of their own are put into that part's IR afterwards: other bytes cost no compilation.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from types import ModuleType
from typing import Any

from ovm.metal.build.cache import Cache, key_of, source_digest
from ovm.metal.build.sources import SourceIndex, reached
from ovm.metal.code_text import line_of
from ovm.metal.emit.spelling import byte_string
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

    parts: Mapping[str, str]
    functions: Mapping[str, CompiledFunction]
    lines: Mapping[str, Sequence[int]]
    # Marked loops by name: file, line, column, bound.
    loops: Mapping[str, tuple[str, int, int, int]]

    @property
    def files(self) -> set[str]:
        """Return the source files of the program, relative to the import path."""
        return {each.file for each in self.functions.values()}


def compile_program(module: ModuleType, roots: Sequence[Any], options: Options, cache: Cache | None = None) -> Compiled:
    """Compile everything that `roots`, functions listed by `module`, reach."""
    store = cache or Cache()
    late = {name: content for name, content in options.data.items() if name in options.parts}
    early = {name: content for name, content in options.data.items() if name not in late}
    kept = replace(options, data=early, numbered=True)
    facts = [module.__name__, _foreign_digest(module), *_options(kept)]
    sources = SourceIndex(store, key_of("sources", *facts), _OVM.parent)
    stored = store.get(key_of("unit", *facts, sources.digest)) if sources.digest else None
    if stored is None:
        stored = _compile(roots, kept)
        sources.renew(reached(module.__name__, _OVM.parent))
        store.put(key_of("unit", *facts, sources.digest), stored)
    value = json.loads(stored)
    functions = {
        name: CompiledFunction(file, frozenset(calls), naked) for name, (file, calls, naked) in value["functions"].items()
    }
    parts = {name: _with_data(ir, late) for name, ir in value["parts"].items()}
    lines = sources.lines(each.file for each in functions.values())
    loops = {
        name: (file, line_of(lines.get(file, ()), number), column, bound)
        for name, (file, number, column, bound) in value["loops"].items()
    }
    return Compiled(parts, functions, lines, loops)


def _with_data(ir: str, data: Mapping[str, bytes]) -> str:
    """Put the bytes of statics into the part that defines them and nothing else."""
    for name, content in data.items():
        head = re.search(rf'^(@"{re.escape(name)}" = constant \[(\d+) x i8\]) zeroinitializer', ir, re.MULTILINE)
        if head and any(content):
            value = byte_string(content.ljust(int(head[2]), b"\0"))
            ir = f"{ir[: head.start()]}{head[1]} {value}{ir[head.end() :]}"
    return ir


def _compile(roots: Sequence[Any], options: Options) -> bytes:
    from ovm.metal.compiler import compile_once

    unit = compile_once(roots, options)
    functions = {name: (info.file, sorted(info.calls), info.is_naked) for name, info in unit.functions.items()}
    return json.dumps({"parts": dict(unit.parts), "functions": functions, "loops": dict(unit.loops)}).encode()


def _foreign_digest(module: ModuleType) -> str:
    """Return a digest of the sources of a program that isn't part of OVM: the folder of its package."""
    file = FilePath(module.__file__ or "").resolve()
    return "" if file.is_relative_to(_OVM) else source_digest(file.parent)


def _options(options: Options) -> list[bytes | str]:
    parts: list[bytes | str] = [options.target, str(options.checked), str(options.debug), str(options.marked)]
    for name, value in sorted(options.constants.items()):
        parts += [name, repr(value)]
    for name, content in sorted(options.data.items()):
        parts += [name, content]
    for name, part in sorted(options.parts.items()):
        parts += [name, part]
    return parts
