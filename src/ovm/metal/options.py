# SPDX-License-Identifier: Apache-2.0
"""Compile options, in a module without the compiler, which a program in the cache doesn't need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Target = Literal["arm", "host"]


@dataclass(frozen=True)
class Options:
    """Options of a compilation. `constants` override `param`s, `data` initial bytes of statics, both by dotted name.

    `parts` cuts the program into parts that are compiled apart: the part of each module, by the longest prefix of its name.
    `numbered` names lines by their numbers among the lines of code (`code_text`).
    `marked` marks loops in the machine code (`emit.marks`).
    """

    target: Target
    checked: bool = False
    constants: Mapping[str, int | bool] = field(default_factory=dict)
    data: Mapping[str, bytes] = field(default_factory=dict)
    debug: bool = True
    parts: Mapping[str, str] = field(default_factory=dict)
    numbered: bool = False
    marked: bool = False
