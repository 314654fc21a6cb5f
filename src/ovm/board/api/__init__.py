# SPDX-License-Identifier: Apache-2.0
"""The virtual ZC702 as a Python object, to build, load, run and inspect.

```python
from ovm.board.api import Board

board = Board()
board.start(board.load(elf))
print(board.run(cycles=1_000_000), board.cores[0].pc)
```
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ovm.board.api.board import Board, Stop
    from ovm.board.api.core import Core
    from ovm.board.api.errors import BoardError
    from ovm.board.api.events import KINDS, Event
    from ovm.board.api.tlb import Tlb, TlbEntry

__all__ = ["KINDS", "Board", "BoardError", "Core", "Event", "Stop", "Tlb", "TlbEntry"]

# Each name is imported at first use: most of the package reads the board's sources, but its errors and parameters don't.
_MODULES = {
    "Board": "board",
    "Stop": "board",
    "Core": "core",
    "BoardError": "errors",
    "KINDS": "events",
    "Event": "events",
    "Tlb": "tlb",
    "TlbEntry": "tlb",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
