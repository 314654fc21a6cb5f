# SPDX-License-Identifier: Apache-2.0
"""Names of objects: which module global a static, table or function is."""

from __future__ import annotations

import sys
from typing import Any

from ovm.metal.frontend.source import source_of
from ovm.metal.lang.functions import Function, FunctionTable
from ovm.metal.lang.storage import static_of


class Registry:
    """Finds module globals by identity and by symbol; looks at the imported modules again when something is missing."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._symbols: dict[str, Any] = {}

    def _scan(self) -> None:
        self._names, self._symbols = {}, {}
        for module_name, module in sorted(sys.modules.items()):
            names = getattr(module, "__dict__", None)
            if names is None or module_name.startswith("ovm.metal.lang"):
                continue
            for name, value in list(names.items()):
                if isinstance(value, Function):
                    if value.module == module_name:
                        self._symbols[value.symbol] = value
                elif isinstance(value, FunctionTable) or static_of(value) is not None:
                    self._note(module_name, name, value)

    def _note(self, module: str, name: str, value: Any) -> None:
        source = source_of(module)
        if source is not None and name in source.assigned:
            symbol = f"{module}.{name}"
            self._names.setdefault(id(value), symbol)
            self._symbols[symbol] = value

    def name_of(self, value: Any) -> str | None:
        """Return the symbol of a static or table, or None if no module global is bound to it."""
        if id(value) not in self._names:
            self._scan()
        return self._names.get(id(value))

    def find(self, symbol: str) -> Any:
        """Return the function, static or table with a symbol, or None."""
        if symbol not in self._symbols:
            self._scan()
        return self._symbols.get(symbol)
