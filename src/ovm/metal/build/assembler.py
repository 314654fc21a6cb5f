# SPDX-License-Identifier: Apache-2.0
"""Complaints of the assembler, reported at the line of the Python source that wrote the assembly.

Inline assembly is checked only when machine code is made. Clang then names a line of the fragment; the IR's debug locations
say where that fragment came from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ovm.metal.build.errors import BuildDiagnostic

CODE = "B007"
_COMPLAINT = re.compile(r"<inline asm>:(?P<line>\d+):(?P<column>\d+): error: (?P<reason>[^\n]*)\n(?P<text>[^\n]*)")
_FRAGMENT = re.compile(r'asm sideeffect "(?P<text>[^"]*)"[^\n]*, !dbg !(?P<location>\d+)')
_OPERAND = re.compile(r"\\\$\\\{\d+\\\}")


@dataclass(frozen=True)
class _Fragment:
    pattern: re.Pattern[str]
    location: int


def located(ir: str, message: str) -> list[BuildDiagnostic]:
    """Return one diagnostic for each complaint about assembly in a tool's `message` that has a place in the source."""
    fragments = list(_fragments(ir))
    found: list[BuildDiagnostic] = []
    for match in _COMPLAINT.finditer(message):
        text = _plain(match["text"])
        for fragment in fragments:
            if fragment.pattern.fullmatch(text):
                diagnostic = _diagnostic(ir, fragment.location, match["reason"], text)
                if diagnostic is not None and diagnostic not in found:
                    found.append(diagnostic)
                break
    return found


def _plain(text: str) -> str:
    return " ".join(text.split())


def _fragments(ir: str) -> Iterator[_Fragment]:
    """Yield the lines of all assembly in the IR, with operands that stand for any register."""
    for match in _FRAGMENT.finditer(ir):
        text = re.sub(r"\\([0-9A-F]{2})", lambda code: chr(int(code[1], 16)), match["text"])
        for line in text.split("\n"):
            if line.strip():
                pattern = _OPERAND.sub(r"\\S+", re.escape(_plain(line)).replace(r"\$\$", r"\$"))
                yield _Fragment(re.compile(pattern), int(match["location"]))


def _node(ir: str, number: int) -> str:
    match = re.search(rf"^!{number} = (.*)$", ir, re.MULTILINE)
    return match[1] if match else ""


def _reference(node: str, name: str) -> int:
    match = re.search(rf"\b{name}: !(\d+)", node)
    return int(match[1]) if match else -1


def _diagnostic(ir: str, location: int, reason: str, text: str) -> BuildDiagnostic | None:
    place = _node(ir, location)
    function = _node(ir, _reference(place, "scope"))
    file = re.search(r'filename: "([^"]*)"', _node(ir, _reference(function, "file")))
    line = re.search(r"line: (\d+)", place)
    if file is None or line is None:
        return None
    return BuildDiagnostic(
        CODE,
        "the assembler refuses this instruction",
        file[1],
        int(line[1]),
        1,
        found=reason,
        expected="an ARMv7-A instruction as LLVM's assembler writes it",
        fix="correct the instruction; its operands are shown as the registers they got",
        source=text,
        width=len(text),
    )
