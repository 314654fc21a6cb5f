# SPDX-License-Identifier: Apache-2.0
"""Linking gives one image, always the same, with the sources' own names in it."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ovm.metal.build.assembly import assemble
from ovm.metal.build.cache import Cache
from ovm.metal.build.elf import Elf, SourceLine
from ovm.metal.build.errors import BuildError
from ovm.metal.build.image import Source, link_arm
from ovm.metal.build.zig import zig_directory
from ovm.metal.compiler import Options, compile_unit
from tests.metal.build import queue_program

SCRIPT = """
SECTIONS {
  . = 0x60010000;
  .text : { *(.text .text.*) }
  .rodata : { *(.rodata .rodata.*) }
  .data : { *(.data .data.*) }
  .bss : { *(.bss .bss.*) }
}
"""
IR = """
@"ovm.demo.COUNT" = global i32 7
@"ovm.demo.SPACE" = global [64 x i8] zeroinitializer
define i32 @"ovm.demo.count"(i32 %by) nounwind {
  %now = load i32, ptr @"ovm.demo.COUNT"
  %next = add i32 %now, %by
  store i32 %next, ptr @"ovm.demo.COUNT"
  ret i32 %next
}
define void @"ovm.demo.unused"() nounwind {
  ret void
}
define void @"ovm.demo.start"() naked nounwind {
  call void asm sideeffect "mov r0, #1\\0Abl \\22ovm.demo.count\\22\\0Ab .", ""()
  unreachable
}
"""
ASSEMBLY = """#define ANSWER 42
    .section .text.start, "ax"
    .globl start
    .type start, %function
start:
    mov r0, #ANSWER
    smc #0
    bx lr
"""
C_TEXT = """#include <stdint.h>
#include "limits_of_demo.h"
const char *where = __FILE__;
uint32_t divide(uint32_t x, uint32_t y)
{
    return x > LIMIT ? EXTRA : x / y;
}
"""


def c_source(folder: Path) -> Source:
    (folder / "demo").mkdir(parents=True, exist_ok=True)
    (folder / "include").mkdir(exist_ok=True)
    (folder / "demo" / "divide.c").write_text(C_TEXT)
    (folder / "include" / "limits_of_demo.h").write_text("#define LIMIT 1000\n")
    return Source(folder / "demo" / "divide.c", folder, include=(folder / "include",), define={"EXTRA": "5"})


def test_links_ir_and_c_into_one_image(tmp_path: Path, build_cache: Cache, make_unit: Callable[..., Any]) -> None:
    image = link_arm(
        [make_unit(IR), c_source(tmp_path)],
        SCRIPT,
        "ovm.demo.start",
        keep=["divide", "where"],
        compiler_runtime=True,
        cache=build_cache,
    )
    elf = Elf(image)
    assert elf.machine == "EM_ARM"
    assert elf.is_executable
    assert elf.entry == elf.address_of("ovm.demo.start")
    assert elf.symbols["ovm.demo.COUNT"].size == 4
    assert "ovm.demo.unused" not in elf.symbols
    assert "__aeabi_uidiv" in elf.symbols
    assert elf.sections[".text"].address == 0x6001_0000
    assert elf.line_at(elf.address_of("divide")) == SourceLine("demo/divide.c", 5)
    covering = elf.symbol_at(elf.address_of("ovm.demo.count") + 4)
    assert covering is not None
    assert covering.name == "ovm.demo.count"


def test_equal_input_gives_equal_bytes_wherever_it_lies(tmp_path: Path, make_unit: Callable[..., Any]) -> None:
    images = []
    for place in ("one", "another/deeper"):
        folder = tmp_path / place
        folder.mkdir(parents=True)
        inputs = [make_unit(IR), c_source(folder)]
        fresh = Cache(folder / "cache")
        keep = ["divide", "where"]
        images.append(link_arm(inputs, SCRIPT, "ovm.demo.start", keep=keep, compiler_runtime=True, cache=fresh))
    assert images[0] == images[1]
    for path in (tmp_path, Path.home(), zig_directory(), Path(sys.prefix)):
        assert str(path).encode() not in images[0]
    assert b"demo/divide.c\0" in images[0]


def test_equal_programs_give_equal_bytes_by_way_of_assembly(tmp_path: Path) -> None:
    unit = compile_unit([queue_program.start], Options("arm", numbered=True))
    first, second = (assemble(unit.ir, {}, "2", Cache(tmp_path / name)) for name in ("one", "another"))
    assert first == second
    assert tempfile.gettempdir().encode() not in first


def test_a_changed_header_changes_the_object(tmp_path: Path, build_cache: Cache) -> None:
    source = c_source(tmp_path)
    before = link_arm([source], SCRIPT, "divide", compiler_runtime=True, cache=build_cache)
    assert link_arm([source], SCRIPT, "divide", compiler_runtime=True, cache=build_cache) == before
    (tmp_path / "include" / "limits_of_demo.h").write_text("#define LIMIT 1001\n")
    assert link_arm([source], SCRIPT, "divide", compiler_runtime=True, cache=build_cache) != before


def test_links_assembly(tmp_path: Path, build_cache: Cache) -> None:
    path = tmp_path / "start.S"
    path.write_text(ASSEMBLY)
    elf = Elf(link_arm([Source(path, tmp_path)], SCRIPT, "start", cache=build_cache))
    assert elf.bytes_at(elf.entry, 8) == bytes.fromhex("2a00a0e3 700060e1".replace(" ", ""))


def test_gives_symbols_fixed_values(build_cache: Cache, make_unit: Callable[..., Any]) -> None:
    ir = 'declare void @"ovm.demo.far"()\ndefine void @go() nounwind {\n call void @"ovm.demo.far"()\n ret void\n}\n'
    elf = Elf(link_arm([make_unit(ir)], SCRIPT, "go", define=[("ovm.demo.far", 0x6002_0000)], cache=build_cache))
    assert elf.address_of("ovm.demo.far") == 0x6002_0000


def test_names_what_is_missing(build_cache: Cache, make_unit: Callable[..., Any]) -> None:
    ir = 'declare void @"ovm.demo.missing"()\ndefine void @go() nounwind {\n'
    ir += ' call void @"ovm.demo.missing"()\n ret void\n}\n'
    with pytest.raises(BuildError, match=r"undefined symbol: ovm\.demo\.missing"):
        link_arm([make_unit(ir)], SCRIPT, "go", cache=build_cache)
    with pytest.raises(BuildError, match="no input of the image defines lost, mislaid"):
        link_arm([make_unit(IR)], SCRIPT, "ovm.demo.start", keep=["lost", "mislaid"], cache=build_cache)
    with pytest.raises(BuildError, match="cannot find entry symbol nowhere"):
        link_arm([make_unit(IR)], SCRIPT, "nowhere", cache=build_cache)


def test_passes_on_what_the_compiler_says(tmp_path: Path, build_cache: Cache) -> None:
    path = tmp_path / "wrong.c"
    path.write_text("int f(void) { return undeclared; }\n")
    with pytest.raises(BuildError, match=r"(?s)error\[B003\]: clang failed:.*wrong\.c:1:22: error:.*undeclared"):
        link_arm([Source(path, tmp_path)], SCRIPT, "f", cache=build_cache)
    with pytest.raises(BuildError, match=r"error\[B005\]: no source file at .*absent\.c"):
        link_arm([Source(tmp_path / "absent.c", tmp_path)], SCRIPT, "f", cache=build_cache)


def test_refuses_what_is_not_elf() -> None:
    with pytest.raises(BuildError, match=r"error\[B010\]: not an ELF file"):
        Elf(b"#!/bin/sh\n")
