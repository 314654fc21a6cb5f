# SPDX-License-Identifier: Apache-2.0
"""A file to its Image: the right payload among false ones, every compression, and refusals of what is no such kernel."""

import bz2
import gzip
import lzma
import struct
from collections.abc import Callable

import pytest
import zstandard

from ovm.linux import compression
from ovm.linux.compression import decompress, method_of
from ovm.linux.errors import LinuxError
from ovm.linux.image import unpack
from tests.linux.made_up import MadeUp, zimage

IMAGE = MadeUp().image()


def alone(data: bytes) -> bytes:
    return lzma.compress(data, lzma.FORMAT_ALONE)


COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "xz": lzma.compress,
    "gzip": gzip.compress,
    "lzma": alone,
    "bzip2": bz2.compress,
    "zstd": zstandard.compress,
}


def wrapped(payload: bytes) -> bytes:
    head = bytearray(0x1800)
    struct.pack_into("<I", head, 0x24, 0x016F_2818)
    return bytes(head) + payload + bytes(64)


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_each_compression(name: str) -> None:
    packed = COMPRESSIONS[name](IMAGE)
    method = method_of(packed)
    assert method is not None and method.name == name
    assert decompress(method, packed + b"behind") == (IMAGE, b"behind")


@pytest.mark.parametrize("name", ["xz", "gzip", "lzma"])
def test_the_payload_of_a_zimage(name: str) -> None:
    size = b"" if name == "gzip" else struct.pack("<I", len(IMAGE))
    assert unpack(wrapped(COMPRESSIONS[name](IMAGE) + size)) == IMAGE


def test_a_magic_number_in_the_decompressor_is_no_payload() -> None:
    file = zimage(IMAGE)
    assert file.count(b"\xfd7zXZ\0") == 2
    assert unpack(file) == IMAGE


def test_a_whole_stream_without_its_size_is_no_payload() -> None:
    other = bytes(range(256)) * 32
    decoy = lzma.compress(other) + b"\0\0\0\0"
    assert unpack(wrapped(decoy + lzma.compress(IMAGE) + struct.pack("<I", len(IMAGE)))) == IMAGE


def test_an_image_is_taken_as_it_is() -> None:
    assert unpack(IMAGE) == IMAGE


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_a_stream_that_is_cut_off_is_refused(name: str) -> None:
    packed = COMPRESSIONS[name](IMAGE)
    method = method_of(packed)
    assert method is not None
    with pytest.raises(LinuxError, match=f"a {name} stream is cut off"):
        decompress(method, packed[:-20])


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_a_stream_that_grows_without_end_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "MOST_BYTES", 1 << 16)
    packed = COMPRESSIONS[name](bytes(1 << 20))
    method = method_of(packed)
    assert method is not None
    with pytest.raises(LinuxError, match="holds more than|memory|Memory|window"):
        decompress(method, packed)


def test_a_zimage_without_a_payload_says_what_was_tried() -> None:
    with pytest.raises(LinuxError, match=r"no payload found in this zImage \(xz at 0x1800: a damaged xz stream"):
        unpack(wrapped(b"\xfd7zXZ\0" + bytes(100)))
    with pytest.raises(LinuxError, match="no known compression in it"):
        unpack(wrapped(bytes(100)))
    with pytest.raises(LinuxError, match="lz4 at 0x1800: lz4 compression is not supported"):
        unpack(wrapped(b"\x02\x21\x4c\x18" + bytes(100)))


@pytest.mark.parametrize(
    ("start", "at", "reason"),
    [
        (b"\x7fELF", 0, "this is an ELF file, perhaps a vmlinux"),
        (b"ARM\x64", 0x38, "this kernel is for arm64"),
        (b"HdrS", 0x202, "this kernel is for x86"),
        (b"\x27\x05\x19\x56", 0, "this is a U-Boot image"),
    ],
)
def test_foreign_files_are_refused(start: bytes, at: int, reason: str) -> None:
    file = bytearray(8192)
    file[at : at + 4] = start
    with pytest.raises(LinuxError, match=reason):
        unpack(bytes(file))


def test_a_short_file_is_no_kernel() -> None:
    with pytest.raises(LinuxError, match="a file of 3 bytes is no kernel"):
        unpack(b"abc")
