# SPDX-License-Identifier: Apache-2.0
"""A kernel's file to its Image: the bytes that the decompressor of a zImage would write to memory.

The first magic number of a compression in a zImage may be a constant in the decompressor's own code; the payload is the first
stream that ends as a stream should, with the size of its content behind it (`size_append` of the kernel's build; gzip has it
itself).
"""

import struct
from collections.abc import Iterator

from ovm.linux.compression import METHODS, Method, decompress
from ovm.linux.errors import LinuxError

_ZIMAGE_MAGIC = 0x016F2818
_ZIMAGE_MAGIC_AT = 0x24
_ARM64_MAGIC_AT = 0x38
_LEAST_IMAGE_BYTES = 4096


def unpack(file: bytes) -> bytes:
    """Return the Image of a vmlinuz (zImage), or of a file that is an Image already."""
    _refuse_foreign(file)
    if not is_zimage(file):
        return file
    unknown: list[str] = []
    for position, method in _streams(file):
        try:
            image, behind = decompress(method, file[position:])
        except LinuxError as error:
            unknown.append(f"{method.name} at {position:#x}: {error.problem}")
            continue
        if _is_payload(method, image, behind):
            return image
        unknown.append(f"{method.name} at {position:#x}: its size does not follow")
    raise LinuxError(f"no payload found in this zImage ({'; '.join(unknown) or 'no known compression in it'})")


def is_zimage(file: bytes) -> bool:
    """Return whether `file` begins as a zImage (Documentation/arch/arm/booting.rst)."""
    return len(file) >= 0x30 and struct.unpack_from("<I", file, _ZIMAGE_MAGIC_AT)[0] == _ZIMAGE_MAGIC


def _refuse_foreign(file: bytes) -> None:
    """Refuse files that people take for a kernel of this architecture."""
    if len(file) < _LEAST_IMAGE_BYTES:
        raise LinuxError(f"a file of {len(file)} bytes is no kernel")
    if file.startswith(b"\x7fELF"):
        raise LinuxError("this is an ELF file, perhaps a vmlinux", "give a vmlinuz (zImage) or an Image")
    if file[_ARM64_MAGIC_AT : _ARM64_MAGIC_AT + 4] == b"ARM\x64":
        raise LinuxError("this kernel is for arm64; a Cortex-A9 needs one for armhf (ARMv7)")
    if file[0x202:0x206] == b"HdrS":
        raise LinuxError("this kernel is for x86; a Cortex-A9 needs one for armhf (ARMv7)")
    if file.startswith(b"\x27\x05\x19\x56"):
        raise LinuxError("this is a U-Boot image (uImage)", "take its 64 byte header off")


def _streams(file: bytes) -> Iterator[tuple[int, Method]]:
    """Yield the places where a compressed stream may begin, in order."""
    found: list[tuple[int, str, Method]] = []
    for method in METHODS:
        position = file.find(method.magic)
        while position >= 0:
            found.append((position, method.name, method))
            position = file.find(method.magic, position + 1)
    for position, _, method in sorted(found, key=lambda each: each[:2]):
        yield position, method


def _is_payload(method: Method, image: bytes, behind: bytes) -> bool:
    if len(image) < _LEAST_IMAGE_BYTES:
        return False
    return method.name == "gzip" or behind[:4] == struct.pack("<I", len(image))
