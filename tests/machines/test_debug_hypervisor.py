# SPDX-License-Identifier: Apache-2.0
"""GDB stops the hypervisor at a line of its Python source, while it boots on the machine, and steps through it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ovm.machines.qemu import RunOptions, command
from ovm.system.build import build
from tests.debugger import halted_machine, run_gdb

WHERE = "ovm/core/boot.py"
LINE = "data_cache_invalidate()"
PLACE = re.compile(r" at (ovm/[\w/]+\.py):(\d+)$")
SHOWN = re.compile(r"^(\d+)\t(.*)$")


@pytest.fixture(scope="module")
def repository() -> Path:
    return Path(__file__).parent.parent.parent


@pytest.fixture
def machine(repository: Path, require_tool: Callable[[str], str], tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """Give the demo system, halted; the debugger's socket and the hypervisor's ELF."""
    require_tool("qemu-system-arm")
    archive = build(repository / "systems" / "mixed.toml", lambda _: None, board="vexpress-a9")
    boot, hypervisor = tmp_path / "boot.elf", tmp_path / "ovm.elf"
    boot.write_bytes(archive.boot)
    hypervisor.write_bytes(archive.core.content)
    with halted_machine(command(archive, boot, tmp_path / "qmp", RunOptions())) as socket:
        yield socket, hypervisor


def shown_places(printed: list[str], first: str) -> list[tuple[str, int, str]]:
    """Return every (file, line number, text) that GDB showed; it names the file only when that changes."""
    places = []
    file = first
    for line in printed:
        place = PLACE.search(line)
        if place:
            file = place[1]
        shown = SHOWN.match(line)
        if shown:
            places.append((file, int(shown[1]), shown[2].strip()))
    return places


def test_gdb_steps_the_hypervisors_python(
    repository: Path, require_tool: Callable[[str], str], machine: tuple[Path, Path], tmp_path: Path
) -> None:
    socket, hypervisor = machine
    source = repository / "src"
    lines = [line.strip() for line in (source / WHERE).read_text().splitlines()]
    number = lines.index(LINE) + 1
    printed = run_gdb(
        require_tool("gdb-multiarch"),
        tmp_path,
        [
            f"directory {source}",
            f"file {hypervisor}",
            f"target remote {socket}",
            f"tbreak {WHERE}:{number}",
            *["continue", "backtrace", "echo stepping\\n", "step", "step", "step", "step", "disconnect"],
        ],
    )
    print("\n".join(printed))
    stop = printed.index("stepping")
    places = shown_places(printed, WHERE)
    reached = shown_places(printed[:stop], WHERE)
    assert reached[-1] == (WHERE, number, LINE)
    steps = places[len(reached) :]
    assert len(steps) == 4
    assert len(set(steps)) >= 3
    for file, line, text in steps:
        assert (source / file).read_text().splitlines()[line - 1].strip() == text
    assert any(each.startswith("#1") and "boot_primary" in each for each in printed[:stop])
