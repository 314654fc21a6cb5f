# SPDX-License-Identifier: Apache-2.0
"""GDB stops at a line of a metal program's Python source, on the machine, and steps to the next ones."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ovm.metal.build.cache import Cache
from ovm.metal.build.image import link_arm
from ovm.metal.compiler import Options, compile_unit
from tests.debugger import halted_machine, run_gdb
from tests.metal.build import queue_program

SCRIPT = """
SECTIONS {
  . = 0x60010000;
  .text : { *(.text .text.*) *(.rodata .rodata.*) }
  .bss : { *(.bss .bss.*) . = ALIGN(8); . += 4096; queue_program_stack_top = .; }
}
"""
SOURCE = Path(queue_program.__file__)


def line_of(text: str) -> int:
    """Return the number of the one line of the program that is exactly `text`."""
    lines = [line.strip() for line in SOURCE.read_text().splitlines()]
    assert lines.count(text) == 1
    return lines.index(text) + 1


@pytest.fixture
def image(build_cache: Cache, tmp_path: Path) -> Path:
    unit = compile_unit([queue_program.start], Options("arm"))
    path = tmp_path / "program.elf"
    path.write_bytes(link_arm([unit], SCRIPT, "_start", define=[("metal_panic", 0)], cache=build_cache))
    return path


@pytest.fixture
def machine(require_tool: Callable[[str], str], image: Path) -> Iterator[Path]:
    """Give a halted vexpress-a9 with the program in it; the path of its debugger socket."""
    qemu = require_tool("qemu-system-arm")
    arguments = [qemu, "-M", "vexpress-a9", "-m", "64M", "-nodefaults", "-display", "none", "-kernel", str(image)]
    with halted_machine(arguments) as socket:
        yield socket


def test_a_breakpoint_on_a_source_line_is_hit_and_stepped_from(
    require_tool: Callable[[str], str], machine: Path, image: Path, tmp_path: Path, repository: Path
) -> None:
    lines = [
        "threefold = doubled + value",
        "TOTAL.value += u64(threefold)",
        "return threefold",
        "number += 1",
    ]
    numbers = [line_of(line) for line in lines]
    printed = run_gdb(
        require_tool("gdb-multiarch"),
        tmp_path,
        [
            f"directory {repository}",
            f"file {image}",
            f"target remote {machine}",
            f"break queue_program.py:{numbers[0]}",
            *["continue", "echo second\\n", "continue"],
            *["step", "step", "step"],
            "disconnect",
        ],
    )
    function = "triple"
    second = printed.index("second")
    assert f"Breakpoint 1, {function} (value=1) at tests/metal/build/queue_program.py:{numbers[0]}" in printed[:second]
    assert printed[second + 1 : second + 7] == [
        f"Breakpoint 1, {function} (value=4) at tests/metal/build/queue_program.py:{numbers[0]}",
        f"{numbers[0]}\t    {lines[0]}",
        f"{numbers[1]}\t    {lines[1]}",
        f"{numbers[2]}\t    {lines[2]}",
        f"work () at tests/metal/build/queue_program.py:{numbers[3]}",
        f"{numbers[3]}\t        {lines[3]}",
    ]
