# SPDX-License-Identifier: Apache-2.0
"""The whole machine at one moment: kept, compared, put back.

Everything that decides the machine's future lies in the memory of its program: state of cores, caches, TLBs and
devices, decoded instructions, RAM. So a snapshot is that memory's pages, without those that hold nothing but zeros.
What belongs to the user (breakpoints, who hears events) is put back to what it was before a restore.
"""

import hashlib
from dataclasses import dataclass, field

from ovm.metal.build.sandbox import PAGE_BYTES, SHADOW_STACK_TOP, SandboxMemory

_ZERO = bytes(PAGE_BYTES)
# Below it lies the stack of calls from Python, which is empty between them.
_FIRST_PAGE = SHADOW_STACK_TOP // PAGE_BYTES
Range = tuple[int, int]


@dataclass(frozen=True)
class Snapshot:
    """A machine at `cycle`. Snapshots of one machine share the pages that are equal."""

    cycle: int
    pages: dict[int, bytes] = field(repr=False)

    @property
    def bytes(self) -> int:
        """Size of its pages."""
        return len(self.pages) * PAGE_BYTES


def take(memory: SandboxMemory, cycle: int, before: Snapshot | None = None) -> Snapshot:
    """Keep a machine; pages that `before` has equal are shared with it."""
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
    """Make a machine's memory what it was."""
    for page in memory.touched():
        if page not in snapshot.pages and page >= _FIRST_PAGE:
            memory.release(page)
    for page, content in snapshot.pages.items():
        if memory.read(page * PAGE_BYTES, PAGE_BYTES) != content:
            memory.write(page * PAGE_BYTES, content)


def digest(memory: SandboxMemory, leave_out: list[Range]) -> str:
    """A hash of a machine's memory. `leave_out` are (address, bytes) of what decides nothing."""
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
    """A page's content with some ranges zero."""
    for start, length in ranges:
        first, end = max(start - address, 0), min(start + length - address, PAGE_BYTES)
        if first < end:
            content = content[:first] + bytes(end - first) + content[end:]
    return content
