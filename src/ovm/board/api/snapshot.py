# SPDX-License-Identifier: Apache-2.0
"""Copies of the whole machine at one moment, to keep, compare and restore.

Everything that decides the machine's future lies in the memory of its program: state of cores, caches, TLBs and
devices, decoded instructions, RAM. So a snapshot is that memory's pages, without those that hold only zeros. The user's
settings (breakpoints, subscriptions) are set again after a restore.
"""

import hashlib
from dataclasses import dataclass, field

from ovm.metal.build.sandbox import PAGE_BYTES, SHADOW_STACK_TOP, SandboxMemory

_ZERO = bytes(PAGE_BYTES)
# Below it is the stack of calls from Python, which is empty between calls.
_FIRST_PAGE = SHADOW_STACK_TOP // PAGE_BYTES
Range = tuple[int, int]


@dataclass(frozen=True)
class Snapshot:
    """A machine at `cycle`. Snapshots of one machine share the pages that are equal."""

    cycle: int
    pages: dict[int, bytes] = field(repr=False)

    @property
    def bytes(self) -> int:
        """Return the size of its pages."""
        return len(self.pages) * PAGE_BYTES


def take(memory: SandboxMemory, cycle: int, before: Snapshot | None = None) -> Snapshot:
    """Return a snapshot of a machine; equal pages are shared with `before`."""
    known = before.pages if before else {}
    pages: dict[int, bytes] = {}
    for page in memory.touched():
        if page < _FIRST_PAGE:
            continue
        content = memory.read(page * PAGE_BYTES, PAGE_BYTES)
        if content != _ZERO:
            old = known.get(page)
            pages[page] = old if old == content else content
    return Snapshot(cycle, pages)


def put_back(memory: SandboxMemory, snapshot: Snapshot) -> None:
    """Restore a machine's memory."""
    for page in memory.touched():
        if page not in snapshot.pages and page >= _FIRST_PAGE:
            memory.release(page)
    for page, content in snapshot.pages.items():
        if memory.read(page * PAGE_BYTES, PAGE_BYTES) != content:
            memory.write(page * PAGE_BYTES, content)


def digest(memory: SandboxMemory, leave_out: list[Range]) -> str:
    """Return a hash of a machine's memory. `leave_out` lists (address, bytes) of data that doesn't affect the future."""
    state = hashlib.blake2b(digest_size=32)
    skipped = sorted(leave_out)
    for page in memory.touched():
        if page < _FIRST_PAGE:
            continue
        content = _without(memory.read(page * PAGE_BYTES, PAGE_BYTES), page * PAGE_BYTES, skipped)
        if content != _ZERO:
            state.update(page.to_bytes(4, "little"))
            state.update(content)
    return state.hexdigest()


def _without(content: bytes, address: int, ranges: list[Range]) -> bytes:
    """Return a page's content with some ranges zero."""
    for start, length in ranges:
        first, end = max(start - address, 0), min(start + length - address, PAGE_BYTES)
        if first < end:
            content = content[:first] + bytes(end - first) + content[end:]
    return content
