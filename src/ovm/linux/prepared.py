# SPDX-License-Identifier: Apache-2.0
"""A kernel's file to a patched Image, kept in the cache, with a report of what was done.

The key of a result is the SHA-256 of the file, the options, and the text of this part of OVM and of the vCPU page: a changed
table never serves results of its predecessor.
"""

import functools
import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ovm.linux.errors import LinuxError
from ovm.linux.image import unpack
from ovm.linux.layout import Layout, Span
from ovm.linux.patch import NOTHING_ELSE, Options, Patched, Site, patch
from ovm.linux.sensitive import decode
from ovm.linux.stubs import Form
from ovm.metal.build.cache import Cache, source_digest

_LENGTH_BYTES = 8


@dataclass(frozen=True)
class Prepared:
    """A patched kernel; `sha256` is that of the file that it came in."""

    sha256: str
    patched: Patched
    from_cache: bool

    def report(self) -> list[str]:
        """Return the report: the file, the symbols, sites by class, room for stubs."""
        done = self.patched
        lines = [
            f"kernel          sha256 {self.sha256}",
            f"linked at       {done.layout.base:#x}, {done.layout.size} bytes",
            f"symbols         {done.symbols} ({done.symbol_layout})",
            f"sites           {len(done.sites)}, {len(done.table)} different words",
        ]
        lines += [f"  {kind.value:<22}{count:>6}" for kind, count in done.by_kind.items()]
        lines += [f"  {form.value:<32}{count:>6}" for form, count in done.by_form.items()]
        lines.append(f"thread swaps    {done.thread_swaps}")
        lines.append(f"tracer's calls  {done.untraced} removed")
        room = done.padding.end - done.padding.start
        lines.append(f"stubs           {done.stub_bytes} of {room} bytes at {done.padding.start:#x}")
        return lines


def prepare(
    file: bytes, options: Options = NOTHING_ELSE, words_before: tuple[int, ...] = (), *, cache: Cache | None = None
) -> Prepared:
    """Return the patched kernel of a vmlinuz or Image, from the cache or made; `words_before` as `patch` has it."""
    sha256 = hashlib.sha256(file).hexdigest()
    kept = cache or Cache()
    key = hashlib.sha256(f"linux {sha256} {options} {words_before} {_own_digest()}".encode()).hexdigest()
    found = kept.get(key)
    if found is not None:
        return Prepared(sha256, _loaded(found), from_cache=True)
    patched = patch(unpack(file), options, words_before)
    kept.put(key, _stored(patched))
    return Prepared(sha256, patched, from_cache=False)


@functools.cache
def _own_digest() -> str:
    return " ".join(source_digest(Path(__file__).parent.parent / part) for part in ("linux", "abi"))


def _stored(patched: Patched) -> bytes:
    """Return a result as bytes: the length of its JSON, the JSON, the Image."""
    facts: dict[str, Any] = {
        "layout": asdict(patched.layout),
        "table": patched.table,
        "sites": [(site.address, site.function, site.span, site.index, site.form.name) for site in patched.sites],
        "thread_swaps": patched.thread_swaps,
        "symbols": patched.symbols,
        "symbol_layout": patched.symbol_layout,
        "stub_bytes": patched.stub_bytes,
        "untraced": patched.untraced,
    }
    text = json.dumps(facts).encode()
    return len(text).to_bytes(_LENGTH_BYTES, "little") + text + patched.image


def _loaded(stored: bytes) -> Patched:
    length = int.from_bytes(stored[:_LENGTH_BYTES], "little")
    facts = json.loads(stored[_LENGTH_BYTES : _LENGTH_BYTES + length])
    layout = facts["layout"]
    spans = tuple(Span(**span) for span in layout["spans"])
    table = tuple(facts["table"])
    return Patched(
        image=stored[_LENGTH_BYTES + length :],
        layout=Layout(layout["base"], layout["size"], spans, Span(**layout["padding"])),
        table=table,
        sites=tuple(_sites(table, facts["sites"])),
        thread_swaps=facts["thread_swaps"],
        symbols=facts["symbols"],
        symbol_layout=facts["symbol_layout"],
        stub_bytes=facts["stub_bytes"],
        untraced=facts["untraced"],
    )


def _sites(table: tuple[int, ...], stored: list[tuple[int, str, str, int, str]]) -> Iterator[Site]:
    """Yield the sites again; what a word is follows from the word."""
    for address, function, span, index, form in stored:
        sensitive = decode(table[index])
        if sensitive is None:
            raise LinuxError(f"the cache holds {table[index]:08x} as a sensitive word, and it is none")
        yield Site(address, function, span, index, sensitive, Form[form])
