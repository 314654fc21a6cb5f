# SPDX-License-Identifier: Apache-2.0
"""The board file is the board: no physical address and no shared interrupt number is written in board, core or machines.

Each number in the code, comments and docstrings included, is compared with every address of the boards that come with OVM: as an
address, and as the number of a page.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ovm.shipped import BOARDS, names_in
from ovm.system.boards import load_board

SOURCE = Path(__file__).parents[1] / "src" / "ovm"
PARTS = ("board", "core", "machines")
NUMBER = re.compile(r"\b0[xX][0-9A-Fa-f_]+\b")
PAGE = 4096
# Numbers that are no addresses, or addresses that no board decides: file, number, why.
SIMULATOR = "where the simulator keeps RAM, in its own address space"
BITS = "bits of a register, a descriptor or an instruction"
EXCEPTIONS = {
    ("board/ram/storage.py", 0x4000_0000): SIMULATOR,
    ("board/decode/wide_forms.py", 0xFFF0_0000): BITS,
    ("board/devices/scu.py", 0xFFF0_0000): BITS,
    ("board/mmu/entry.py", 0xFFF0_0000): BITS,
    ("board/state.py", 0x10_0000): BITS,
    ("board/processor/status.py", 0x4000_0000): BITS,
    ("board/vfp/compare.py", 0x6000_0000): BITS,
    ("board/vfp/estimate.py", 0x4000_0000): BITS,
    ("board/vfp/permute.py", 0x4000_0000): BITS,
    ("board/vfp/system.py", 0x4000_0000): BITS,
    ("core/memory/lockdown.py", 0xFFF0_0000): BITS,
    ("core/memory/guest_walk.py", 0xFFF0_0000): BITS,
    ("machines/cause.py", 0x4000_0000): BITS,
}
# The architecture fixes these addresses, so no board file has them: where a core begins after reset (ARM B1.8.1), and where the
# gate's vectors lie (virtual). What lies where in a device's pages is a distance from the board file's address.


BOARD_FILES = [load_board(BOARDS / f"{name}.toml") for name in names_in(BOARDS)]
DEVICES = [device.range for board in BOARD_FILES for device in board.devices.values()]
PLACES = {
    place
    for board in BOARD_FILES
    for place in (
        board.ram.start,
        board.on_chip.range.start,
        *board.on_chip.scu_filter,
        *board.core.level2_filter,
        *board.security.values(),
        *(window.start for window in board.windows.values()),
    )
    if place
}


def is_address(number: int) -> bool:
    """Tell whether a number is an address of some board, or the number of a device's page."""
    return number in PLACES or any(
        each.start <= number < each.end or each.start <= number * PAGE < each.end for each in DEVICES
    )


def written(text: str) -> Iterator[int]:
    for found in NUMBER.finditer(text):
        yield int(found[0].replace("_", ""), 16)


def files() -> list[Path]:
    return [file for part in PARTS for file in sorted((SOURCE / part).rglob("*.py"))]


def test_no_address_of_a_board_is_written() -> None:
    found = {
        (file.relative_to(SOURCE).as_posix(), number)
        for file in files()
        for number in written(file.read_text())
        if is_address(number)
    }
    assert found == set(EXCEPTIONS)


@pytest.mark.parametrize("text", ["0xE000_1000", "0xF8F00100", "page == 0xE0001", "# at 0xF800_0000", "0xF890_0028"])
def test_an_address_is_found(text: str) -> None:
    assert any(is_address(number) for number in written(text))


def test_no_interrupt_of_a_board_is_written() -> None:
    """Shared ones alone: the Cortex-A9 MPCore fixes those of its timers (TRM 3.1.2)."""
    calls = [
        (file.relative_to(SOURCE).as_posix(), ast.unparse(node.args[0]))
        for file in files()
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "raise_line"
    ]
    assert len(calls) >= 6
    assert [each for each in calls if not each[1].startswith("WIRING.")] == []
