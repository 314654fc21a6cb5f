# SPDX-License-Identifier: Apache-2.0
"""Compressed streams as kernels, modules and initramfs archives use them: bounded, and with an end that is known."""

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Protocol

from ovm.linux.errors import LinuxError

# No kernel or initramfs of a guest is larger than a guest's RAM may be; a small file that grows without end is refused.
MOST_BYTES = 256 << 20
# zstd's decompressor has no limit of its own: it gets its input in steps, each of which holds at most some 128 MiB.
_ZSTD_STEP = 1 << 12


class Decompressor(Protocol):
    """The common part of the decompressors of the standard library."""

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Return what `data` holds, at most `max_length` bytes."""
        ...

    @property
    def eof(self) -> bool:
        """Tell whether the end of the stream was met."""
        ...

    @property
    def unused_data(self) -> bytes:
        """Return what follows the stream."""
        ...


@dataclass(frozen=True)
class Method:
    """A way of compression: its name, how a stream begins, and a decompressor; None where we have none."""

    name: str
    magic: bytes
    make: Callable[[], Decompressor] | None


def _gzip() -> Decompressor:
    return zlib.decompressobj(16 + zlib.MAX_WBITS)


def _lzma_alone() -> Decompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=MOST_BYTES)


METHODS = (
    Method("xz", b"\xfd7zXZ\0", lzma.LZMADecompressor),
    Method("gzip", b"\x1f\x8b\x08", _gzip),
    Method("lzma", b"\x5d\0\0", _lzma_alone),
    Method("bzip2", b"BZh", bz2.BZ2Decompressor),
    Method("zstd", b"\x28\xb5\x2f\xfd", None),
    Method("lz4", b"\x02\x21\x4c\x18", None),
    Method("lzo", b"\x89LZO\0\r\n\x1a\n", None),
)


def method_of(data: bytes) -> Method | None:
    """Return how `data` is compressed; None when it does not look compressed."""
    return next((method for method in METHODS if data.startswith(method.magic)), None)


def decompress(method: Method, data: bytes) -> tuple[bytes, bytes]:
    """Return what the stream at the start of `data` holds, and the bytes behind it."""
    if method.name == "zstd":
        return _zstd(data)
    if method.make is None:
        raise LinuxError(f"{method.name} compression is not supported", "compress it with gzip, xz or zstd")
    stream = method.make()
    try:
        content = stream.decompress(data, MOST_BYTES)
    except (OSError, EOFError, lzma.LZMAError, zlib.error, ValueError) as error:
        raise LinuxError(f"a damaged {method.name} stream: {error}") from error
    if not stream.eof:
        raise LinuxError(f"a {method.name} stream is cut off, or holds more than {MOST_BYTES >> 20} MiB")
    return content, stream.unused_data


def _zstd(data: bytes) -> tuple[bytes, bytes]:
    zstandard = _zstandard()
    stream = zstandard.ZstdDecompressor(max_window_size=MOST_BYTES).decompressobj()
    content = bytearray()
    at = 0
    try:
        while not stream.eof and at < len(data) and len(content) <= MOST_BYTES:
            content += stream.decompress(data[at : at + _ZSTD_STEP])
            at += _ZSTD_STEP
    except zstandard.ZstdError as error:
        raise LinuxError(f"a damaged zstd stream: {error}") from error
    if not stream.eof or len(content) > MOST_BYTES:
        raise LinuxError(f"a zstd stream is cut off, or holds more than {MOST_BYTES >> 20} MiB")
    return bytes(content), stream.unused_data + data[at:]


def _zstandard() -> ModuleType:
    try:
        import zstandard
    except ImportError as error:
        raise LinuxError("zstd compression needs the package zstandard", "pip install 'ovm[linux]'") from error
    return zstandard


def compress(method: Method, data: bytes) -> bytes:
    """Return `data` as a stream of `method` that a kernel can read: of xz's checks it knows CRC32 alone."""
    if method.name == "xz":
        return lzma.compress(data, check=lzma.CHECK_CRC32, preset=1)
    if method.name == "gzip":
        return gzip.compress(data, mtime=0)
    if method.name == "zstd":
        return bytes(_zstandard().compress(data))
    raise LinuxError(f"modules compressed by {method.name} are not supported", "modules of Debian are plain or .xz")
