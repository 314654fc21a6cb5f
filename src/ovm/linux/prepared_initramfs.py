# SPDX-License-Identifier: Apache-2.0
"""An initramfs with its modules patched, kept in the cache with a report of what was done."""

import functools
import json
from dataclasses import dataclass
from pathlib import Path

from ovm.linux.initramfs import patch_initramfs
from ovm.linux.sensitive import Table
from ovm.metal.build.cache import Cache, source_digest
from ovm.metal.build.zig import digest


@dataclass(frozen=True)
class PreparedInitramfs:
    """A patched initramfs, not compressed; the table of words behind it; how many modules have sites, how many don't."""

    archive: bytes
    table: tuple[int, ...]
    sites: int = 0
    changed: int = 0
    unchanged: int = 0
    signatures: int = 0

    def report(self) -> list[str]:
        """Return the report: bytes, modules, sites in them, signatures that had to go."""
        lines = [f"initramfs       {len(self.archive)} bytes, not compressed"]
        if self.changed or self.unchanged:
            lines.append(f"modules         {self.changed} patched at {self.sites} sites, {self.unchanged} as they were")
        if self.signatures:
            lines.append(f"signatures      {self.signatures} removed: the kernel says that it is tainted")
        return lines


def prepare_initramfs(
    file: bytes, words_before: tuple[int, ...], *, swap_thread_registers: bool = False, cache: Cache | None = None
) -> PreparedInitramfs:
    """Return an initramfs with its modules patched, from the cache or made; `words_before` is the table of its kernel."""
    store = cache or Cache()
    key = digest("initramfs", file, str(words_before), str(swap_thread_registers), _own_digest())
    return _loaded(store.get_or_make(key, lambda: _made(file, words_before, swap_thread_registers)))


def _made(file: bytes, words_before: tuple[int, ...], swap_thread_registers: bool) -> bytes:
    table = Table(words_before)
    done = patch_initramfs(file, table, swap_thread_registers=swap_thread_registers)
    modules = done.modules.values()
    facts = [
        table.words,
        sum(len(module.sites) for module in modules),
        len(modules),
        done.unchanged,
        sum(module.signature_removed for module in modules),
    ]
    return json.dumps(facts).encode() + b"\n" + done.archive


def _loaded(stored: bytes) -> PreparedInitramfs:
    head, _, archive = stored.partition(b"\n")
    words, *counts = json.loads(head)
    return PreparedInitramfs(archive, tuple(words), *counts)


@functools.cache
def _own_digest() -> str:
    return source_digest(Path(__file__).parent)
