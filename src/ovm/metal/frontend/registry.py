# SPDX-License-Identifier: Apache-2.0
"""Names of objects: the module global to which a static, table or function is bound."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from ovm.metal.frontend.source import source_of
from ovm.metal.lang.functions import Function, FunctionTable
from ovm.metal.lang.storage import static_of


def _is_named(value: object) -> bool:
    return isinstance(value, FunctionTable) or static_of(value) is not None


class Registry:
    """An index of module globals by identity and by symbol; it reads the modules again when more have been imported."""

    def __init__(self) -> None:
        self._modules = 0
        self._names: dict[int, str] = {}
        # Export name -> functions that carry it: several programs may be imported at once, each with its `_start`.
        self._exports: dict[str, list[Function]] = {}

    def _scan(self) -> bool:
        """Read all modules, unless none is new."""
        if self._modules == len(sys.modules):
            return False
        self._names, self._exports = {}, {}
        for name, module in _modules():
            for attribute, value in list(vars(module).items()):
                if isinstance(value, Function):
                    if value.module == name and value.export is not None:
                        self._exports.setdefault(value.export, []).append(value)
                elif _is_named(value) and _defines(name, attribute):
                    self._names.setdefault(id(value), f"{name}.{attribute}")
        self._modules = len(sys.modules)
        return True

    def name_of(self, value: Any) -> str | None:
        """Return the symbol of a static or table, or None if no module global is bound to it."""
        if id(value) not in self._names:
            self._scan()
        return self._names.get(id(value))

    def find(self, symbol: str, near: str) -> Any:
        """Return the function, static or table with a symbol, or None; of several exports the nearest to a module."""
        module, _, attribute = symbol.rpartition(".")
        if module:
            value = getattr(sys.modules.get(module), attribute, None)
            if isinstance(value, Function):
                return value if value.symbol == symbol else None
            return value if _is_named(value) and _defines(module, attribute) else None
        self._scan()
        candidates = self._exports.get(symbol, [])
        return max(candidates, key=lambda found: _common(found.module, near), default=None)


def _modules() -> Iterator[tuple[str, ModuleType]]:
    for name, module in sorted(sys.modules.items()):
        is_pythons = name.partition(".")[0] in sys.stdlib_module_names
        if isinstance(module, ModuleType) and not is_pythons and not name.startswith("ovm.metal.lang"):
            yield name, module


def _defines(module: str, attribute: str) -> bool:
    source = source_of(module)
    return source is not None and attribute in source.assigned


def _common(first: str, second: str) -> int:
    return len(os.path.commonprefix([first.split("."), second.split(".")]))
