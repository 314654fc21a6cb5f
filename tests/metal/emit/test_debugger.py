# SPDX-License-Identifier: Apache-2.0
"""GDB reads functions, structs, enums and statics from a compiled program."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ovm.metal.build.objects import compile_ir
from tests.metal.diagnostics.programs import compile_file

PROGRAM = Path(__file__).parent.parent / "diagnostics" / "accepted" / "memory.py"
ENUMS = PROGRAM.with_name("control.py")


@pytest.fixture
def asked(require_tool: Callable[[str], str], tmp_path: Path) -> Callable[[Path, str], str]:
    """Call it with a program and a GDB command to get the answer."""
    gdb = require_tool("gdb-multiarch")

    def ask(program: Path, command: str) -> str:
        path = tmp_path / "program.o"
        path.write_bytes(compile_ir(compile_file(program).ir))
        run = [gdb, "-nx", "-batch", "-ex", f"file {path}", "-ex", command]
        return " ".join(subprocess.run(run, capture_output=True, text=True, check=True).stdout.split())

    return ask


def test_a_static_and_a_struct_have_their_types(asked: Callable[[Path, str], str]) -> None:
    assert "struct Inner { PhysAddr base; u16 count; } [4]" in asked(PROGRAM, "ptype POOL")
    answer = asked(PROGRAM, "ptype struct Outer")
    assert "struct Outer { Status status; struct Inner inner; u8 items[9]; u32 *following; u32 last; }" in answer
    assert "= 64" in asked(PROGRAM, "print sizeof(struct Outer)")
    assert "0x3c" in asked(PROGRAM, "print &((struct Outer *)0)->last")


def test_a_function_has_its_types(asked: Callable[[Path, str], str]) -> None:
    assert "u32 (struct Outer *, u8 *, u32)" in asked(PROGRAM, "ptype fill")


def test_an_enum_has_its_names(asked: Callable[[Path, str], str]) -> None:
    assert "{RED = 1, GREEN}" in asked(ENUMS, "ptype enum Colour")
    assert "GREEN" in asked(ENUMS, "print (enum Colour)2")
