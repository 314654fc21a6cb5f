# SPDX-License-Identifier: Apache-2.0
"""The source files that a compiled program depends on: the modules that its own modules import, and theirs.

They are found when it is compiled, and written down. Which files that are follows from the files themselves, so as long as
none of those has changed, the list is right.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ovm.metal.build.cache import Cache
from ovm.metal.build.zig import digest
from ovm.metal.code_text import code_of
from ovm.metal.imports import imports_of


class SourceIndex:
    """The sources of one program, with what was seen of each when it was last read."""

    def __init__(self, cache: Cache, key: str, root: Path) -> None:
        self._cache = cache
        self._key = key
        self._root = root
        stored = cache.get(key)
        # For each file: digest of its bytes, of its code, and its lines of code.
        self._known: dict[str, tuple[str, str, list[int]]] = json.loads(stored) if stored else {}
        self.digest = self._read(list(self._known)) if self._known else ""

    def renew(self, files: Iterable[str]) -> None:
        """Note the files that the program depends on now, relative to the import path."""
        self.digest = self._read(sorted(files))

    def lines(self, files: Iterable[str]) -> Mapping[str, Sequence[int]]:
        """Return the lines of code of files, given relative to the import path."""
        return {name: self._known[name][2] for name in sorted(set(files)) if name in self._known}

    def _read(self, files: Sequence[str]) -> str:
        """Look at the files, and return a digest of their code; an empty one when a file is gone."""
        before = self._known
        self._known = {}
        for name in files:
            try:
                content = (self._root / name).read_bytes()
            except OSError:
                return ""
            seen = hashlib.sha256(content).hexdigest()
            if name in before and before[name][0] == seen:
                self._known[name] = before[name]
            else:
                code, lines = code_of(content.decode())
                self._known[name] = (seen, digest(code), list(lines))
        if self._known != before:
            self._cache.put(self._key, json.dumps(self._known).encode())
        return digest(*(part for name, (_, code, _) in self._known.items() for part in (name, code)))


def reached(module: str, root: Path) -> set[str]:
    """Return the files below `root` of a module that has been imported, its packages, and everything that these import."""
    found: dict[str, str] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        file = getattr(sys.modules.get(name), "__file__", None)
        if name in found or file is None or not Path(file).is_relative_to(root):
            continue
        found[name] = Path(file).relative_to(root).as_posix()
        waiting += [name.rpartition(".")[0], *imports_of(name)]
    return set(found.values())
