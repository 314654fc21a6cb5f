# SPDX-License-Identifier: Apache-2.0
"""The compiled board: made once for each state of its sources, then only loaded.

A warm start reads one file of the cache and the sources' bytes for its key. A cold one reads the board's sources as
metal, which takes seconds, and lets clang optimise the interpreter, which takes longer.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from ovm.metal.build.cache import Cache, key_of
from ovm.metal.build.host import HostProgram, host_image
from ovm.metal.build.host_image import HostImage
from ovm.metal.build.sources import SourceIndex

Progress = Callable[[str], None]
_API = Path(__file__).resolve().parent
_BOARD = _API.parent
_ENTRY = _API / "entry.py"
# Tests that compile many variants don't use it.
OPTIMISE = os.environ.get("OVM_BOARD_OPTIMISE", "2")


def load_program(progress: Progress | None = None, cache: Cache | None = None, optimise: str = OPTIMISE) -> HostProgram:
    """Return the board with memory of its own; `progress` is told the steps of a cold start."""
    return HostProgram(board_image(progress, cache, optimise))


def board_image(progress: Progress | None = None, cache: Cache | None = None, optimise: str = OPTIMISE) -> HostImage:
    """Return the compiled board, from the cache or newly made."""
    store = cache or Cache()
    sources = SourceIndex(store, key_of("sources", "board"), _BOARD.parent.parent)
    sources.renew(_files())
    key = key_of("board", sources.digest, optimise)
    stored = store.get_or_make(key, lambda: _compile(progress or (lambda step: None), store, optimise))
    return HostImage.from_bytes(stored)


def _files() -> Iterator[str]:
    """Yield the sources that are compiled, relative to the import path."""
    for folder in (_BOARD, _BOARD.parent / "arm"):
        for file in folder.rglob("*.py"):
            if _API not in file.parents or file == _ENTRY:
                yield file.relative_to(_BOARD.parent.parent).as_posix()


def _compile(progress: Progress, cache: Cache, optimise: str) -> bytes:
    from ovm.metal.compiler import Options, compile_once

    progress("reading the board's sources")
    from ovm.board.api.entry import PARTS, ROOTS

    progress("compiling the board: reading")
    unit = compile_once(ROOTS, Options(target="host", debug=False, parts=PARTS))
    progress("compiling the board: optimising (once)")
    return host_image(unit, optimise, cache).to_bytes()
