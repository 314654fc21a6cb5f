# SPDX-License-Identifier: Apache-2.0
"""The prototypes of functions, read from the LLVM IR itself.

The machine code follows the IR, so the IR is read, rather than a second description of it. Metal
passes integers and references only: every parameter is `iN` or `ptr`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_HEAD = re.compile(
    r"^(?P<verb>define|declare)\s+(?:[a-z_]+\s+)*?(?P<result>void|ptr|i\d+)\s+"
    r'@(?:"(?P<quoted>[^"]+)"|(?P<plain>[\w.$-]+))\((?P<parameters>[^)]*)\)',
    re.MULTILINE,
)
_PARAMETER = re.compile(r"^\s*(ptr|i\d+)\b")
REFERENCE_BITS = 32


@dataclass(frozen=True)
class Prototype:
    """Widths in bits; a result of None is no result."""

    parameters: tuple[int, ...]
    result: int | None
    is_defined: bool


def prototypes(*modules: str) -> Mapping[str, Prototype]:
    """Return all functions that IR defines or declares, LLVM's own intrinsics left out."""
    found: dict[str, Prototype] = {}
    for match in (each for ir in modules for each in _HEAD.finditer(ir)):
        name = match["quoted"] or match["plain"]
        if name.startswith("llvm.") or (name in found and found[name].is_defined):
            continue
        parameters = [part for part in match["parameters"].split(",") if part.strip() and part.strip() != "..."]
        widths = tuple(_width(_type_of(part)) for part in parameters)
        result = None if match["result"] == "void" else _width(match["result"])
        found[name] = Prototype(widths, result, match["verb"] == "define")
    return found


def _type_of(parameter: str) -> str:
    match = _PARAMETER.match(parameter)
    if match is None:
        raise ValueError(f"not a scalar parameter: {parameter!r}")
    return match[1]


def _width(llvm_type: str) -> int:
    return REFERENCE_BITS if llvm_type == "ptr" else int(llvm_type[1:])
