# SPDX-License-Identifier: Apache-2.0
"""Readers of board files, which are data: nothing else but descriptions gives a physical address."""

from pathlib import Path as FilePath
from typing import Any

from ovm import shipped
from ovm.system import board_tables as tables
from ovm.system.document import Document, suggestion
from ovm.system.locate import Path
from ovm.system.model import Board
from ovm.system.problems import DescriptionError, Diagnostic, Problems
from ovm.system.reader import Table
from ovm.system.units import MIB

DEFAULT_BOARD = "zc702"
UARTS = ("pl011", "cadence")
BASE = ("board", "base")
MOST_BASES = 8


def find_board(system: Table, folder: FilePath, instead: str = "") -> FilePath:
    """Return the file of the board that `[system]` names, or of `instead`."""
    name = instead or system.text("board", DEFAULT_BOARD)
    found = shipped.find_board(name, folder)
    if found:
        return found
    if name:
        system.problems.add(_unknown(system.document, system.at("board"), name, folder, None))
    system.problems.stop_if_any()
    raise DescriptionError([])


def _unknown(document: Document, path: Path, name: str, folder: FilePath, but: FilePath | None) -> Diagnostic:
    known = shipped.known_boards(folder, but)
    meant = suggestion(name, known)
    return document.problem(
        "S109", path, f"unknown board '{name}'",
        expected=f"one of: {', '.join(sorted(known))}, or the path of a board file",
        fix=f"write '{meant}'" if meant else "choose one of these, or describe the board in boards/",
    )  # fmt: skip


def read_board(file: FilePath, shown: str = "", above: tuple[FilePath, ...] = ()) -> Document:
    """Return a board file on top of the one that its `base` names; `above` are the files that have it as a base."""
    document = Document.read(file, shown)
    base = shipped.base_of(document.values)
    if base:
        found = shipped.find_board(base, file.parent, file)
        if found is None:
            raise DescriptionError([_unknown(document, BASE, base, file.parent, file)])
        if len(above) == MOST_BASES or found in above:
            raise DescriptionError(
                [
                    document.problem(
                        "S119", BASE, f"the board '{base}' stands on this one, which stands on it" if found in above
                        else f"'{base}' would be the base of {MOST_BASES + 1} boards, one on the other",
                        expected="a board that stands alone in the end", fix="write a board file without a base",
                    )
                ]
            )  # fmt: skip
        document.stand_on(read_board(found, f"{found.parent.name}/{found.name}", (*above, file)))
    return document


def load_board(file: FilePath, shown: str = "") -> Board:
    """Read and check one board file."""
    document = read_board(file, shown)
    problems = Problems()
    top = Table(document, (), document.values, "", problems)
    board = top.table("board", required=True)
    ram = top.table("ram", required=True)
    core = top.table("core", required=True)
    rest = _tables(top, core)
    top.finish()
    if not board or not ram or not core:
        problems.stop_if_any()
        raise DescriptionError([])
    board.text("base", "")
    cpus = board.integer("cpus", minimum=1, maximum=2)
    result = Board(
        document=document,
        name=board.text("name"),
        title=board.text("title", file.stem),
        cpus=cpus,
        boot_cpu=board.integer("boot_cpu", 0, maximum=cpus - 1),
        timer_hz=board.integer("timer_hz", minimum=1_000_000),
        cpu_hz=board.integer("cpu_hz", 0, maximum=2_000_000_000),
        ps_clk_hz=board.integer("ps_clk_hz", 0, maximum=100_000_000),
        lockdown=board.flag("lockdown", False),
        vcr=board.flag("vcr", False),
        uart=board.choice("uart", UARTS),
        ram=tables.read_range(ram, MIB),
        secure_granule=ram.size("secure_granule", MIB, MIB),
        core=tables.read_core(core, rest["devices"]),
        **rest,
    )
    for table in (board, ram, core):
        table.finish()
    _check_overlaps(result, problems)
    problems.stop_if_any()
    return result


def _tables(top: Table, core: Table | None) -> dict[str, Any]:
    """Return the fields of `Board` that are tables of their own."""
    security = tables.read_security(top.table("security"))
    devices = tables.read_devices(top, security)
    return {
        "security": security,
        "devices": devices,
        "reserved": tuple(tables.read_reserved(item) for item in top.tables("reserved")),
        "qemu": tables.read_qemu(top.table("qemu"), devices),
        "parameters": tables.read_parameters(top, "timing", "model"),
        "on_chip": tables.read_on_chip(top.table("on_chip", required=core is not None and core.has("slcr"))),
        "windows": tables.read_windows(top.table("window"), security),
        "registers": tables.read_parameters(top, "slcr"),
    }


def _check_overlaps(board: Board, problems: Problems) -> None:
    """Check that no two devices, and no device and RAM, answer at one address."""
    named = [(f"device '{each.name}'", each.range, each.path) for each in board.devices.values()]
    named.insert(0, ("RAM", board.ram, ("ram",)))
    for index, (name, where, path) in enumerate(named):
        for other_name, other_where, other_path in named[:index]:
            if where.overlaps(other_where):
                problems.add(
                    board.document.problem(
                        "S121",
                        path,
                        f"{name} overlaps {other_name}",
                        found=f"{name} at {where}",
                        notes=[board.document.note(f"{other_name} at {other_where}", other_path)],
                        fix=f"move {name} off {other_where}",
                    )
                )
