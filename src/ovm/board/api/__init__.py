# SPDX-License-Identifier: Apache-2.0
"""The virtual ZC702 as a Python object: build it, load it, run it, look into it.

```python
from ovm.board.api import Board

board = Board()
board.start(board.load(elf))
print(board.run(cycles=1_000_000), board.cores[0].pc)
```
"""

from ovm.board.api.board import Board, Stop
from ovm.board.api.core import Core
from ovm.board.api.errors import BoardError
from ovm.board.api.events import KINDS, Event
from ovm.board.api.tlb import Tlb, TlbEntry

__all__ = ["KINDS", "Board", "BoardError", "Core", "Event", "Stop", "Tlb", "TlbEntry"]
