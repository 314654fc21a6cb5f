# SPDX-License-Identifier: Apache-2.0
"""How a program is to be compiled: apart from the compiler, which a program that is in the cache doesn't need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Target = Literal["arm", "host"]


@dataclass(frozen=True)
class Options:
    """How to compile. `constants` override `param`s, `data` initial bytes of statics, both by dotted name."""

    target: Target
    checked: bool = False
    constants: Mapping[str, int | bool] = field(default_factory=dict)
    data: Mapping[str, bytes] = field(default_factory=dict)
    debug: bool = True
