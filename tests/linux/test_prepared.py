# SPDX-License-Identifier: Apache-2.0
"""The whole way from a file to a patched Image: kept, reported, made anew when something changed."""

import hashlib
from pathlib import Path

import pytest

from ovm.linux import prepared
from ovm.linux.patch import Options
from ovm.linux.prepared import prepare
from ovm.metal.build.cache import Cache
from tests.linux.made_up import MadeUp, zimage
from tests.linux.test_patch import MRC_TPIDRPRW, PLACES, function

FILE = zimage(MadeUp(words={**PLACES, function(9) + 4: MRC_TPIDRPRW}).image())


def test_a_result_is_kept_whole(tmp_path: Path) -> None:
    made = prepare(FILE, cache=Cache(tmp_path))
    again = prepare(FILE, cache=Cache(tmp_path))
    assert (made.from_cache, again.from_cache) == (False, True)
    assert again.patched == made.patched


def test_options_and_the_table_are_part_of_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = prepare(FILE, cache=Cache(tmp_path))
    swapped = prepare(FILE, Options(swap_thread_registers=True), cache=Cache(tmp_path))
    assert not swapped.from_cache and swapped.patched.image != plain.patched.image
    monkeypatch.setattr(prepared, "_own_digest", lambda: "another table")
    assert not prepare(FILE, cache=Cache(tmp_path)).from_cache


def test_a_damaged_entry_is_made_again(tmp_path: Path) -> None:
    made = prepare(FILE, cache=Cache(tmp_path))
    (entry,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    entry.write_bytes(entry.read_bytes()[:-1])
    again = prepare(FILE, cache=Cache(tmp_path))
    assert not again.from_cache and again.patched == made.patched


def test_the_report(tmp_path: Path) -> None:
    lines = prepare(FILE, Options(swap_thread_registers=True), cache=Cache(tmp_path)).report()
    size = len(MadeUp().image())
    assert lines == [
        f"kernel          sha256 {hashlib.sha256(FILE).hexdigest()}",
        f"linked at       0xc0208000, {size} bytes",
        "symbols         705 (offsets before names)",
        "sites           7, 6 different words",
        "  CPS                        2",
        "  MRS CPSR                   1",
        "  MSR CPSR                   1",
        "  WFI                        1",
        "  MOVS/SUBS PC               1",
        "  STM user registers         1",
        "  traps                                7",
        "thread swaps    1",
        "tracer's calls  0 removed",
        "stubs           0 of 10368 bytes at 0xc0215780",
    ]
