# SPDX-License-Identifier: Apache-2.0
"""An image of many streams, and what it leaves when it has run."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ovm.metal.build.elf import Elf
from ovm.metal.build.zig import transform
from tests.board.assembler import assemble
from tests.board.streams.generate import (
    CLOSED,
    FLAGS,
    MANAGED,
    OPEN,
    PAGED,
    PRIVILEGED,
    READ_ONLY,
    Stream,
)

CASES, STREAMS, RESULTS = 0x0010_0000, 0x0018_0000, 0x0020_0000
# Words of the program, which nothing else may reach.
PRIVATE = 0x003F_FFC0
LEVEL1, LEVEL2 = 0x00C0_0000, 0x00C0_4000
RECORD_BYTES, CASE_BYTES, STREAM_BYTES = 512, 128, 64
MOST = (0x0040_0000 - RESULTS) // RECORD_BYTES - 1
FINISHED = 0x600D_F00D
ENDS = {False: struct.pack("<I", 0xE7F0_00F0), True: struct.pack("<H", 0xDE00)}
_SOURCE = Path(__file__).with_name("program.S").read_text()
_SCRIPT = f"""SECTIONS {{
    . = 0; .code : {{ *(.vectors) }}
    . = {CASES:#x}; .cases : {{ *(.cases) }}
    . = {STREAMS:#x}; .streams : {{ *(.streams) }}
    . = {LEVEL1:#x}; .tables : {{ *(.tables) }}
    /DISCARD/ : {{ *(.ARM*) *(.text) *(.data) *(.bss) *(.comment) }}
}}
cases = {CASES:#x}; results = {RESULTS:#x}; level1 = {LEVEL1:#x};
finished = {PRIVATE:#x}; current = {PRIVATE + 4:#x};"""
_BLOBS = "".join(f'\n.section .{name}, "aw"\n.incbin "{name}.bin"\n' for name in ("cases", "streams", "tables"))
VECTORS = {1: "undefined", 2: "call", 3: "prefetch abort", 4: "data abort"}


@dataclass(frozen=True)
class Left:
    """The state that a stream left at its first exception."""

    registers: tuple[int, ...]
    psr: int
    link: int
    vector: str
    dfsr: int
    dfar: int
    ifsr: int
    ifar: int
    fpscr: int
    sum: int
    extension: bytes


def _section(target: int, access: int, domain: int = 0) -> int:
    """Return a section of Normal memory, write-back; `access` is AP[2:0]."""
    return target | 0x100E | (access & 3) << 10 | (access >> 2) << 15 | domain << 5


def _tables() -> bytes:
    level1 = [0] * 4096
    for megabyte in (0, 1, 0xC):
        level1[megabyte] = _section(megabyte << 20, 0b111)
    for megabyte in (2, 3):
        level1[megabyte] = _section(megabyte << 20, 0b001)
    level1[OPEN >> 20] = _section(OPEN, 0b011)
    level1[READ_ONLY >> 20] = _section(READ_ONLY, 0b111)
    level1[PRIVILEGED >> 20] = _section(PRIVILEGED, 0b001)
    level1[CLOSED >> 20] = _section(CLOSED, 0b011, 1)
    level1[MANAGED >> 20] = _section(MANAGED, 0b000, 2)
    level1[PAGED >> 20] = LEVEL2 | 1
    level2 = [PAGED | 0x7E, *[0] * 255]
    return struct.pack("<4352I", *level1, *level2)


def code_of(streams: Sequence[Stream]) -> list[bytes]:
    """Return the machine code of each stream, with its end; lines that LLVM refuses are left out."""
    codes: dict[int, bytes] = {}
    for thumb in (False, True):
        chosen = [number for number, stream in enumerate(streams) if stream.thumb == thumb]
        lines = [(number, line) for number in chosen for text in streams[number].lines for line in text.split("\n")]
        made = assemble([line for _, line in lines], thumb) if lines else []
        for number in chosen:
            codes[number] = b""
        for (number, _), code in zip(lines, made, strict=True):
            codes[number] += code if isinstance(code, bytes) else b""
        for number in chosen:
            codes[number] += ENDS[thumb]
    return [codes[number] for number in range(len(streams))]


def build(streams: Sequence[Stream], codes: Sequence[bytes]) -> bytes:
    """Return the image as an ELF file."""
    assert len(streams) <= MOST
    cases = b""
    for number, stream in enumerate(streams):
        place = STREAMS + number * STREAM_BYTES
        words = (*stream.registers, stream.psr, place, stream.sctlr, 0)
        cases += struct.pack("<19I", *words).ljust(CASE_BYTES, b"\0")
    blobs = {
        "cases.bin": cases + bytes(CASE_BYTES),
        "streams.bin": b"".join(code.ljust(STREAM_BYTES, b"\0") for code in codes),
        "tables.bin": _tables(),
    }
    flags = ("--target=armv7a-none-eabi", "-mcpu=cortex-a9", "-c", "p.S", "-o", "p.o")
    unit = transform({"p.S": (_SOURCE + _BLOBS).encode(), **blobs}, ("clang", *flags), "p.o")
    link = ("ld.lld", "p.o", "-T", "p.ld", "-o", "p.elf")
    return transform({"p.o": unit, "p.ld": _SCRIPT.encode()}, link, "p.elf")


def symbol(image: bytes, name: str) -> int:
    """Return where a label of the program is."""
    return Elf(image).symbols[name].address


def read(results: bytes) -> list[Left]:
    """Return the records of a dump of RESULTS."""
    found = []
    for place in range(0, len(results), RECORD_BYTES):
        words = struct.unpack_from("<24I", results, place)
        registers, link, psr, vector = words[:15], words[15], words[16], VECTORS.get(words[17], "none")
        extension = results[place + 96 : place + 96 + 256]
        found.append(Left(registers, psr & (FLAGS | 0x3FF), link, vector, *words[18:24], extension))
    return found

