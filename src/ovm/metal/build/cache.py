# SPDX-License-Identifier: Apache-2.0
"""A disk cache of build results, addressed by all of their inputs.

A key covers the inputs and the tools: the version of zig, of Python, and the text of every source file
of metal itself, so that a changed compiler never serves results of its predecessor. An entry carries a
checksum that is verified at each read; a damaged, cut-off or foreign entry counts as absent and is made
again. Entries appear by an atomic rename, so any number of processes may share one cache, and a process that dies half-way
leaves at most a temporary file behind.

A cache that can't be read or written costs time, never a result.
"""

import contextlib
import functools
import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ovm.metal.build.zig import digest, zig_version

_MAGIC = b"OVM-CACHE-1\n"
_CHECKSUM_BYTES = 32
_TEMPORARY_PREFIX = ".write-"
_ABANDONED_AFTER_SECONDS = 3600
SOURCE_SUFFIXES = (".py", ".c", ".h", ".S", ".ld", ".zig")


def is_whole(file: Path, sha256: str) -> bool:
    """Return whether a file is there and has this SHA-256, in hexadecimal digits."""
    return file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == sha256


def source_digest(directory: Path) -> str:
    """Return one digest over the names and texts of all source files below `directory`."""
    files = sorted(path for path in directory.rglob("*") if path.suffix in SOURCE_SUFFIXES and path.is_file())
    parts: list[bytes | str] = []
    for path in files:
        parts += [path.relative_to(directory).as_posix(), path.read_bytes()]
    return digest(*parts)


@functools.cache
def toolchain_fingerprint() -> str:
    """Return a text that identifies the tools of this process: zig, Python and metal's own sources."""
    return digest(zig_version(), sys.version, source_digest(Path(__file__).parent.parent))


def key_of(kind: str, *parts: bytes | str) -> str:
    """Return the key of a result of `kind` made from `parts` by the tools of this process."""
    return digest(kind, toolchain_fingerprint(), *parts)


def default_directory() -> Path:
    """Return `$OVM_CACHE`, else `ovm` below the user's cache folder."""
    chosen = os.environ.get("OVM_CACHE")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "ovm"


class Cache:
    """Byte strings on disk under hexadecimal keys."""

    def __init__(self, directory: Path | None = None) -> None:
        self.directory = directory if directory is not None else default_directory()

    def path_of(self, key: str) -> Path:
        """Return the path of the entry of `key`, whether it exists or not."""
        return self.directory / key[:2] / key

    def get(self, key: str) -> bytes | None:
        """Return the entry of `key`; None when there is none that can be trusted."""
        try:
            stored = self.path_of(key).read_bytes()
        except OSError:
            return None
        head = len(_MAGIC) + _CHECKSUM_BYTES
        payload = stored[head:]
        if stored[: len(_MAGIC)] != _MAGIC or stored[len(_MAGIC) : head] != _checksum(key, payload):
            return None
        return payload

    def put(self, key: str, payload: bytes) -> None:
        """Store `payload` under `key`; an error of the disk is ignored."""
        target = self.path_of(key)
        with contextlib.suppress(OSError):
            target.parent.mkdir(parents=True, exist_ok=True)
            _write_atomically(target, _MAGIC + _checksum(key, payload) + payload)

    def get_or_make(self, key: str, make: Callable[[], bytes]) -> bytes:
        """Return the entry of `key`, made by `make` and stored when it is missing or damaged."""
        found = self.get(key)
        if found is None:
            found = make()
            self.put(key, found)
        return found


def _checksum(key: str, payload: bytes) -> bytes:
    """Return a checksum that includes the key: a whole entry under another entry's name is damage too."""
    return hashlib.sha256(key.encode() + b"\0" + payload).digest()


def _write_atomically(target: Path, content: bytes) -> None:
    """Let `target` appear whole or not at all."""
    _sweep_abandoned(target.parent)
    handle, name = tempfile.mkstemp(prefix=_TEMPORARY_PREFIX, dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _sweep_abandoned(directory: Path) -> None:
    """Remove temporary files whose writer died; a live writer's are younger than this."""
    horizon = time.time() - _ABANDONED_AFTER_SECONDS
    for path in directory.glob(_TEMPORARY_PREFIX + "*"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < horizon:
                path.unlink()
