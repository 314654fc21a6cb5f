# SPDX-License-Identifier: Apache-2.0
"""ELF files are read as readelf's authors would read them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ovm.metal.build.cache import Cache
from ovm.metal.build.elf import Elf, SourceLine
from ovm.metal.build.errors import BuildError
from ovm.metal.build.image import Source, link_arm

SCRIPT = """
SECTIONS {
  . = 0x60010000;
  .text : { *(.text .text.*) }
  .rodata : { *(.rodata .rodata.*) }
  . = ALIGN(4096);
  .data : AT(0x61000000) { *(.data .data.*) }
  .bss : { *(.bss .bss.*) }
}
"""
ASSEMBLY = """
    .section .text.one, "ax"
    .globl one
    .type one, %function
one:
    ldr r0, =0x12345678
    bx lr
    .ltorg
    .size one, . - one
    .section .data.words, "aw"
    .globl words
    .type words, %object
words:
    .word 1, 2, 3
    .size words, . - words
    .section .bss.room, "aw", %nobits
    .globl room
    .type room, %object
room:
    .space 100
    .size room, . - room
"""


@pytest.fixture
def elf(tmp_path: Path, build_cache: Cache) -> Elf:
    path = tmp_path / "one.S"
    path.write_text(ASSEMBLY)
    return Elf(link_arm([Source(path, tmp_path)], SCRIPT, "one", keep=["words", "room"], cache=build_cache))


def test_symbols(elf: Elf) -> None:
    one, words, room = (elf.symbols[name] for name in ("one", "words", "room"))
    assert (one.address, one.size, one.kind, one.section) == (0x6001_0000, 12, "function", ".text")
    assert (words.address, words.size, words.kind, words.section) == (0x6001_1000, 12, "object", ".data")
    assert (room.address, room.size, room.section) == (0x6001_100C, 100, ".bss")
    assert not any(symbol.name.startswith("$") for symbol in elf.all_symbols)
    assert elf.undefined == ()


def test_segments_tell_where_to_load(elf: Elf) -> None:
    code, data = elf.segments
    assert (code.virtual, code.physical, code.executable, code.writable) == (0x6001_0000, 0x6001_0000, True, False)
    assert (data.virtual, data.physical, data.executable, data.writable) == (0x6001_1000, 0x6100_0000, False, True)
    assert data.data == bytes.fromhex("010000000200000003000000")
    assert data.memory_size == 112


def test_sections(elf: Elf) -> None:
    assert elf.sections[".text"].executable
    assert not elf.sections[".bss"].has_data
    assert elf.section_data(".data")[:4] == b"\x01\0\0\0"
    assert elf.section_data(".bss") == b""
    assert elf.section_data(".absent") == b""


def test_bytes_by_address(elf: Elf) -> None:
    assert elf.bytes_at(elf.address_of("words") + 4, 4) == b"\x02\0\0\0"
    assert elf.bytes_at(elf.address_of("room"), 3) == b"\0\0\0"
    with pytest.raises(BuildError, match=r"error\[B015\]: the image holds nothing at 0x10000000"):
        elf.bytes_at(0x1000_0000, 4)


def test_literals_in_code_are_known_as_data(elf: Elf) -> None:
    assert elf.data_in_code[0][0] == 0x6001_0008


def test_addresses_lead_to_symbols(elf: Elf) -> None:
    found = elf.symbol_at(0x6001_1008)
    assert found is not None
    assert found.name == "words"
    assert elf.symbol_at(0x6001_0F00) is None
    assert elf.symbol_at(0) is None
    with pytest.raises(BuildError, match=r"error\[B011\]: the image has no symbol 'two'"):
        elf.address_of("two")


def test_addresses_lead_to_lines(tmp_path: Path, build_cache: Cache, make_unit: Callable[..., Any]) -> None:
    path = tmp_path / "lines.c"
    path.write_text("volatile int x;\nint first(void)\n{\n    x = 1;\n    x = 2;\n    return x;\n}\n")
    plain = 'define void @"without.lines"() nounwind {\n  ret void\n}\n'
    image = link_arm([Source(path, tmp_path), make_unit(plain)], SCRIPT, "first", keep=["without.lines"], cache=build_cache)
    elf = Elf(image)
    start, size = elf.address_of("first"), elf.symbols["first"].size
    seen = [line.line for offset in range(0, size, 4) if (line := elf.line_at(start + offset))]
    assert seen == sorted(seen)
    assert {4, 5, 6} <= set(seen)
    assert elf.line_at(start) == SourceLine("lines.c", 3) or elf.line_at(start) == SourceLine("lines.c", 4)
    assert elf.line_at(elf.address_of("without.lines")) is None
    assert elf.line_at(0) is None
