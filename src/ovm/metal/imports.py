# SPDX-License-Identifier: Apache-2.0
"""The modules that a source imports, read from its text: quicker than its syntax tree, for many files at once."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from ovm.metal.code_text import code_of

_IMPORT = re.compile(
    r"^\s*(?:from\s+(?P<base>[\w.]+)\s+import\s+(?P<names>\([^)]*\)|[^\n]*)|import\s+(?P<plain>[^\n]*))", re.MULTILINE
)


def imports_of(module: str) -> set[str]:
    """Return the names that an imported module imports; without a source of its own, none."""
    file = getattr(sys.modules.get(module), "__file__", None)
    if file is None or not file.endswith(".py"):
        return set()
    package = module if file.endswith("__init__.py") else module.rpartition(".")[0]
    return imported_names(Path(file).read_text(encoding="utf-8"), package)


def imported_names(text: str, package: str) -> set[str]:
    """Return the names of modules that a source may import; names of other things among them do no harm."""
    found: set[str] = set()
    for match in _IMPORT.finditer(code_of(text)[0]):
        if match["plain"]:
            found |= {part.split()[0] for part in match["plain"].split(",") if part.strip()}
            continue
        base = match["base"]
        level = len(base) - len(base.lstrip("."))
        if level:
            above = package.split(".")[: len(package.split(".")) - level + 1]
            base = ".".join([*above, base.lstrip(".")]).rstrip(".")
        names = re.findall(r"(\w+)(?:\s+as\s+\w+)?", match["names"])
        found |= {base, *(f"{base}.{name}" for name in names)}
    return found
