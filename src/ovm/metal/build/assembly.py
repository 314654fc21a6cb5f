# SPDX-License-Identifier: Apache-2.0
"""Machine code by way of assembly text, which is where the lines of sources are put in.

The text that clang makes from IR is kept; it names lines by their numbers among the lines of code (`metal.code_text`). So a
change of a comment costs no run of the optimiser, only one of the assembler, and debug information is right all the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ovm.metal.build.cache import Cache, key_of
from ovm.metal.build.errors import BuildError
from ovm.metal.build.objects import ARM, assembly_of, target_flags
from ovm.metal.build.zig import transform
from ovm.metal.code_text import line_of
from ovm.metal.diagnostics import MetalError

# For each source file of a program, the lines that have code.
Lines = Mapping[str, Sequence[int]]
_NAMED = re.compile(r'!DIFile\(filename: "([^"]*)"')
_FILE = re.compile(r'^\t\.file\t(\d+) "[^"]*" "([^"]*)"', re.MULTILINE)
_LOC = re.compile(r"^(\t\.loc\t(\d+) )(\d+)( [^@\n]*)[^\n]*", re.MULTILINE)
# Attributes of an entry of debug information: the number of a file, and behind it that of a line in it.
_PAIR = re.compile(
    r"(\t\.byte\t(?P<file>\d+) +@ DW_AT_(?P<kind>decl|call)_file\n\t\.short\t)(?P<line>\d+)( +@ DW_AT_(?P=kind)_line)"
)

# What stands between a mark and the next instruction: records and comments, and perhaps labels that are jumped to.
_MARK = re.compile(r"^\.Lovm_mark\d+:", re.MULTILINE)
_RECORD = re.compile(r"(\t\.long\t\.Lovm_mark\d+\n\t\.long\t)([01])(?=\n)")
_LABEL = re.compile(r"^\.LBB\d+_\d+:", re.MULTILINE)
_INSTRUCTION = re.compile(r"^\t(?:[a-z]|\.inst)", re.MULTILINE)
# Added to a record's kind where a label lies between the mark and the next instruction.
BEFORE_LABEL = 2


def assemble(ir: str, lines: Lines, optimise: str, cache: Cache) -> bytes:
    """Return the ARM object file of IR whose lines are numbers; `MetalError` for assembly that clang refuses."""
    used = {name: lines[name] for name in sorted(set(_NAMED.findall(ir))) if name in lines}
    # Or the folder in which clang runs, which has another name each time, would be in the debug information.
    command = ("clang", *target_flags(ARM), "-fdebug-compilation-dir=.", "-c", "unit.s", "-o", "unit.o")
    key = key_of("assembled", ir, json.dumps(used), optimise, *command)
    return cache.get_or_make(key, lambda: _assemble(ir, used, command, optimise, cache))


def _assemble(ir: str, lines: Lines, command: Sequence[str], optimise: str, cache: Cache) -> bytes:
    try:
        text = with_places(with_lines(assembly_of(ir, optimise, cache), lines))
        return transform({"unit.s": text.encode()}, command, "unit.o")
    except BuildError:
        raise
    except MetalError as error:
        places = [replace(each, line=line_of(lines.get(each.file, ()), each.line)) for each in error.diagnostics]
        raise MetalError(places) from None


def with_lines(text: str, lines: Lines) -> str:
    """Put the lines of files into assembly."""
    files = {number: lines.get(name, ()) for number, name in _FILE.findall(text)}

    def located(match: re.Match[str]) -> str:
        return f"{match[1]}{line_of(files[match[2]], int(match[3]))}{match[4]}"

    def described(match: re.Match[str]) -> str:
        return f"{match[1]}{line_of(files[match['file']], int(match['line']))}{match[5]}"

    # Without a folder of its own, a debugger shows a file by the name that IR gives it.
    return _FILE.sub(r'\t.file\t\1 "\2"', _PAIR.sub(described, _LOC.sub(located, text)))


def with_places(text: str) -> str:
    """Say in the record of a mark whether a jump can reach the instruction behind it without passing the mark."""
    found: list[str] = []
    after = 0
    for mark in _MARK.finditer(text):
        instruction = _INSTRUCTION.search(text, mark.end())
        end = instruction.start() if instruction else len(text)
        record = _RECORD.search(text, mark.end())
        if record and _LABEL.search(text, mark.end(), end):
            found += [text[after : record.start()], record[1], str(int(record[2]) + BEFORE_LABEL)]
            after = record.end()
    return "".join([*found, text[after:]])
