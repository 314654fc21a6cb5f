# SPDX-License-Identifier: Apache-2.0
"""The cache gives back what was put in, or nothing."""

import multiprocessing
import os
import time
from pathlib import Path

import pytest

from ovm.metal.build import cache as cache_module
from ovm.metal.build.cache import Cache, default_directory, key_of, source_digest

KEY = key_of("test", "content")
PAYLOAD = bytes(range(256)) * 40


def test_returns_what_was_stored(cache: Cache) -> None:
    assert cache.get(KEY) is None
    cache.put(KEY, PAYLOAD)
    assert cache.get(KEY) == PAYLOAD
    assert Cache(cache.directory).get(KEY) == PAYLOAD


def test_stores_an_empty_payload(cache: Cache) -> None:
    cache.put(KEY, b"")
    assert cache.get(KEY) == b""


@pytest.mark.parametrize("place", [0, 11, 12, 43, 44, 45, 5000, -1])
def test_any_flipped_byte_makes_the_entry_absent(cache: Cache, place: int) -> None:
    cache.put(KEY, PAYLOAD)
    path = cache.path_of(KEY)
    damaged = bytearray(path.read_bytes())
    damaged[place] ^= 0x20
    path.write_bytes(damaged)
    assert cache.get(KEY) is None


@pytest.mark.parametrize("length", [0, 5, 12, 43, 44, 45, 1000, len(PAYLOAD) + 43])
def test_a_cut_off_entry_is_absent(cache: Cache, length: int) -> None:
    cache.put(KEY, PAYLOAD)
    path = cache.path_of(KEY)
    path.write_bytes(path.read_bytes()[:length])
    assert cache.get(KEY) is None


def test_a_longer_entry_is_absent(cache: Cache) -> None:
    cache.put(KEY, PAYLOAD)
    path = cache.path_of(KEY)
    path.write_bytes(path.read_bytes() + b"\0")
    assert cache.get(KEY) is None


def test_an_entry_under_another_key_is_absent(cache: Cache) -> None:
    other = key_of("test", "other content")
    cache.put(KEY, PAYLOAD)
    cache.path_of(other).parent.mkdir(parents=True, exist_ok=True)
    os.replace(cache.path_of(KEY), cache.path_of(other))
    assert cache.get(other) is None


def test_a_damaged_entry_is_made_again_and_repaired(cache: Cache) -> None:
    made: list[int] = []

    def make() -> bytes:
        made.append(1)
        return PAYLOAD

    assert cache.get_or_make(KEY, make) == PAYLOAD
    assert cache.get_or_make(KEY, make) == PAYLOAD
    assert len(made) == 1
    cache.path_of(KEY).write_bytes(b"rubbish")
    assert cache.get_or_make(KEY, make) == PAYLOAD
    assert len(made) == 2
    assert cache.get(KEY) == PAYLOAD


def test_a_failing_build_stores_nothing(cache: Cache) -> None:
    def fail() -> bytes:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        cache.get_or_make(KEY, fail)
    assert cache.get(KEY) is None
    assert not cache.directory.exists()


def test_an_interrupted_write_leaves_the_former_entry(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.put(KEY, PAYLOAD)

    def interrupt(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cache_module.os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        cache.put(KEY, b"another")
    monkeypatch.undo()
    assert cache.get(KEY) == PAYLOAD
    assert [path.name for path in cache.path_of(KEY).parent.iterdir()] == [KEY]


def test_what_a_dead_writer_left_is_swept_later(cache: Cache) -> None:
    cache.put(KEY, PAYLOAD)
    folder = cache.path_of(KEY).parent
    abandoned, fresh = folder / ".write-abandoned", folder / ".write-fresh"
    abandoned.write_bytes(b"half")
    fresh.write_bytes(b"half")
    long_ago = time.time() - 100_000
    os.utime(abandoned, (long_ago, long_ago))
    cache.put(KEY, PAYLOAD)
    assert not abandoned.exists()
    assert fresh.exists()


def _write_and_read(directory: Path, seed: int, failures: "multiprocessing.Queue[str]") -> None:
    cache = Cache(directory)
    for turn in range(60):
        key = key_of("shared", str(turn % 3))
        expected = str(turn % 3).encode() * 20_000
        cache.put(key, expected)
        found = cache.get(key)
        if found != expected:
            failures.put(f"writer {seed} turn {turn}: {found[:10] if found else found!r}")


def test_concurrent_writers_never_show_a_wrong_entry(cache: Cache) -> None:
    context = multiprocessing.get_context("fork")
    failures: multiprocessing.Queue[str] = context.Queue()
    writers = [context.Process(target=_write_and_read, args=(cache.directory, seed, failures)) for seed in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0] * 4
    assert failures.empty()
    left = [path.name for path in cache.directory.rglob(".write-*")]
    assert left == []


def test_a_disk_that_refuses_costs_nothing_but_time(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    cache = Cache(blocked / "below")
    assert cache.get_or_make(KEY, lambda: PAYLOAD) == PAYLOAD
    assert cache.get(KEY) is None


def test_keys_differ_by_kind_parts_and_their_borders() -> None:
    keys = {key_of("a", "b"), key_of("b", "a"), key_of("a", "b", ""), key_of("a", "bc"), key_of("a", "b", "c")}
    assert len(keys) == 5
    assert key_of("a", b"b") == key_of("a", "b")


@pytest.mark.parametrize("change", ["edit", "rename", "add", "remove"])
def test_the_key_covers_every_source_of_the_compiler(tmp_path: Path, change: str) -> None:
    package = tmp_path / "metal"
    (package / "inner").mkdir(parents=True)
    for name in ("one.py", "inner/two.py", "inner/shim.c", "inner/layout.ld"):
        (package / name).write_text(name)
    before = source_digest(package)
    assert source_digest(package) == before
    if change == "edit":
        (package / "inner/shim.c").write_text("changed")
    elif change == "rename":
        (package / "one.py").rename(package / "three.py")
    elif change == "add":
        (package / "inner/four.py").write_text("")
    else:
        (package / "inner/layout.ld").unlink()
    assert source_digest(package) != before


def test_the_key_covers_the_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    cache_module.toolchain_fingerprint.cache_clear()
    before = key_of("x", "y")
    try:
        monkeypatch.setattr(cache_module, "zig_version", lambda: "0.0.0+1")
        cache_module.toolchain_fingerprint.cache_clear()
        assert key_of("x", "y") != before
        monkeypatch.undo()
        monkeypatch.setattr(cache_module.sys, "version", "3.99")
        cache_module.toolchain_fingerprint.cache_clear()
        assert key_of("x", "y") != before
    finally:
        monkeypatch.undo()
        cache_module.toolchain_fingerprint.cache_clear()
    assert key_of("x", "y") == before


def test_the_directory_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OVM_CACHE", str(tmp_path / "here"))
    assert default_directory() == tmp_path / "here"
    monkeypatch.delenv("OVM_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "there"))
    assert default_directory() == tmp_path / "there" / "ovm"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert default_directory() == Path.home() / ".cache" / "ovm"
