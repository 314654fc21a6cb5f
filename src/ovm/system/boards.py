# SPDX-License-Identifier: Apache-2.0
"""Readers of board files, which are data."""

import re
from pathlib import Path as FilePath

from ovm.abi.config import MAX_SECURITY
from ovm.shipped import BOARDS
from ovm.system.document import Document, suggestion
from ovm.system.files import is_plain
from ovm.system.model import Board, CoreDevices, Device, Qemu, Range, Reserved
from ovm.system.problems import DescriptionError, Problems
from ovm.system.reader import Table
from ovm.system.units import MIB, address_text, size_text

DEFAULT_BOARD = "zc702"
UARTS = ("pl011", "cadence")
_PAGE = 4096
WORD = 4
ADDRESS_END = 1 << 32
# OVM's registers within the private device.
_OFFSETS = ("gic_cpu_offset", "global_timer_offset", "private_timer_offset", "gic_distributor_offset")
_DEVICE = re.compile(r"[a-z][a-z0-9_-]{0,30}")


def board_folders(folder: FilePath) -> list[FilePath]:
    """Return the folders in which boards are searched: next to the description's folder, in it, and in OVM itself."""
    return [folder.parent / "boards", folder / "boards", folder, BOARDS]


def known_boards(folder: FilePath) -> dict[str, FilePath]:
    """Return boards by name."""
    found: dict[str, FilePath] = {}
    for place in board_folders(folder):
        if place.name == "boards":
            for file in sorted(place.glob("*.toml")):
                found.setdefault(file.stem, file)
    return found


def find_board(system: Table, folder: FilePath, instead: str = "") -> FilePath:
    """Return the file of the board that `[system]` names, or of `instead`."""
    described = system.text("board", DEFAULT_BOARD)
    name = instead or described
    known = known_boards(folder)
    if name in known:
        return known[name]
    if name.endswith(".toml") and is_plain(folder / name):
        return folder / name
    if name:
        meant = suggestion(name, known)
        system.problems.add(
            system.document.problem(
                "S109",
                system.at("board"),
                f"unknown board '{name}'",
                expected=f"one of: {', '.join(sorted(known))}, or the path of a board file",
                fix=f"write '{meant}'" if meant else "choose one of these, or describe the board in boards/",
            )
        )
    system.problems.stop_if_any()
    raise DescriptionError([])


def load_board(file: FilePath, shown: str = "") -> Board:
    """Read and check one board file."""
    document = Document.read(file, shown)
    problems = Problems()
    top = Table(document, (), document.values, "", problems)
    board = top.table("board", required=True)
    ram = top.table("ram", required=True)
    core = top.table("core", required=True)
    security = _security(top.table("security"))
    devices = _devices(top, security)
    reserved = tuple(_reserved(item) for item in top.tables("reserved"))
    qemu = _qemu(top.table("qemu"), devices)
    parameters = _parameters(top)
    top.finish()
    if not board or not ram or not core:
        problems.stop_if_any()
        raise DescriptionError([])
    cpus = board.integer("cpus", minimum=1, maximum=2)
    result = Board(
        document=document,
        name=board.text("name"),
        title=board.text("title", file.stem),
        cpus=cpus,
        boot_cpu=board.integer("boot_cpu", 0, maximum=cpus - 1),
        timer_hz=board.integer("timer_hz", minimum=1_000_000),
        ps_clk_hz=board.integer("ps_clk_hz", 0, maximum=100_000_000),
        lockdown=board.flag("lockdown", False),
        vcr=board.flag("vcr", False),
        uart=board.choice("uart", UARTS),
        ram=_range(ram, MIB),
        secure_granule=ram.size("secure_granule", MIB, MIB),
        reserved=reserved,
        devices=devices,
        core=_core(core, devices),
        qemu=qemu,
        parameters=parameters,
        security=security,
    )
    for table in (board, ram, core):
        table.finish()
    _check_overlaps(result, problems)
    problems.stop_if_any()
    return result


def _range(table: Table, unit: int) -> Range:
    """Return the range given by `address` and `bytes`, which are multiples of `unit` and within 4 GiB."""
    address, length = table.integer("address", multiple=unit), table.size("bytes", multiple=unit)
    if address + length > ADDRESS_END:
        table.problems.add(
            table.document.problem(
                "S107", table.at("bytes"), f"{table.title} reaches beyond the last address",
                found=f"{size_text(length)} from {address_text(address)}", expected="an end at 0xffff_ffff or below",
                fix=f"write at most {size_text(ADDRESS_END - address)}",
            )
        )  # fmt: skip
        return Range(address, 0)
    return Range(address, length)


def _reserved(table: Table) -> Reserved:
    where = _range(table, _PAGE)
    result = Reserved(where, table.text("why"), table.path, table.flag("non_secure", False))
    table.finish()
    return result


def _security(table: Table | None) -> dict[str, int]:
    """Return registers by name, at most the number that core writes."""
    if table is None:
        return {}
    found = {key: table.integer(key, maximum=ADDRESS_END - WORD, multiple=WORD) for key in table.keys()}  # noqa: SIM118
    if len(found) > MAX_SECURITY:
        extra = list(found)[MAX_SECURITY]
        table.problems.add(
            table.document.problem(
                "S157", ("security", extra), "too many security registers", key=True, found=str(len(found)),
                expected=f"at most {MAX_SECURITY}", fix=f"remove '{extra}'",
            )
        )  # fmt: skip
    table.finish()
    return found


def _devices(top: Table, security: dict[str, int]) -> dict[str, Device]:
    holder = top.table("device", required=True)
    found: dict[str, Device] = {}
    if holder is None:
        return found
    for name in holder.keys():  # noqa: SIM118 - not a dict
        table = holder.table(name)
        if table is None:
            continue
        where = _range(table, _PAGE)
        if not _DEVICE.fullmatch(name):
            top.problems.add(
                top.document.problem(
                    "S110", ("device", name), f"'{name}' can't be a device's name", key=True,
                    expected="a lower-case letter, then letters, digits, '_' and '-', at most 31 in all",
                    fix="choose a plainer name",
                )
            )  # fmt: skip
        irq = table.integer("irq", 0, maximum=1019)
        opened_by = table.choice("opened_by", list(security)) if table.has("opened_by") else ""
        bit = table.integer("opened_bit", maximum=31) if opened_by else 0
        found[name] = Device(name, where, irq, table.flag("dma", False), table.path, opened_by, bit)
        table.finish()
    return found


def _core(table: Table, devices: dict[str, Device]) -> CoreDevices:
    names = list(devices)
    private = table.choice("private", names)
    last = max(devices[private].range.length - WORD, 0) if private in devices else 0
    offsets = {key: table.integer(key, maximum=last, multiple=WORD) for key in _OFFSETS}
    return CoreDevices(
        uart=table.choice("uart", names),
        private=private,
        level2_cache=table.choice("level2_cache", names) if table.has("level2_cache") else "",
        slcr=table.choice("slcr", names) if table.has("slcr") else "",
        **offsets,
    )


def _qemu(table: Table | None, devices: dict[str, Device]) -> Qemu:
    if table is None:
        return Qemu("", 0)
    result = Qemu(
        machine=table.text("machine", ""),
        icount_shift=table.integer("icount_shift", 1, maximum=10),
        slice_timer=table.choice("slice_timer", list(devices)) if table.has("slice_timer") else "",
        slice_us=table.integer("slice_us", 100, minimum=1, maximum=100_000),
        instead=table.text("instead", ""),
    )
    table.finish()
    return result


def _parameters(top: Table) -> dict[str, int]:
    """Return the parameters of the virtual board, which knows their names and refuses others."""
    found: dict[str, int] = {}
    for name in ("timing", "model"):
        table = top.table(name)
        if table is not None:
            found |= {key: table.integer(key) for key in table.keys()}  # noqa: SIM118 - not a dict
            table.finish()
    return found


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
