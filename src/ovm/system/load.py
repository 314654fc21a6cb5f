# SPDX-License-Identifier: Apache-2.0
"""The reader of a description: TOML to the model, with every key known and every value of its type."""

from pathlib import Path as FilePath

from ovm.abi.config import Level
from ovm.abi.vcpu_page import ARGUMENTS
from ovm.arm.control import ASIDS
from ovm.system.boards import find_board, load_board
from ovm.system.channels import with_channels
from ovm.system.document import Document
from ovm.system.expectations import read_expect
from ovm.system.files import exists, is_plain, resolve
from ovm.system.model import Guest, Region, System
from ovm.system.names import read_name
from ovm.system.problems import DescriptionError, Problems
from ovm.system.reader import Table
from ovm.system.shadow_tables import LEVEL2_MOST, default_level1, default_level2
from ovm.system.units import MIB

LEVELS = {"hrt": Level.HRT, "srt": Level.SRT, "nrt": Level.NRT}
DEFAULT_TURN_US = 1000
LEAST_SECONDS = 1e-4
# A build writes boot.elf and ovm.elf into the folder of the guests' images.
_OWN_FILES = ("boot", "ovm")
_PAGE = 4096
# A kernel's self-tests, and its measurement of how long a loop takes, would be most of a guest's boot; docs/guide/linux.md.
DEFAULT_COMMAND_LINE = "console=ttyAMA0 quiet cryptomgr.notests lpj=100000"
# What a guest expects of OVM: its page and hypercalls, or nothing at all.
_ABIS = ("ovm", "none")


def load(file: FilePath, shown: str = "", board: str = "") -> System:
    """Read the description in `file`, and the board that it names or, if given, `board`."""
    document = Document.read(file, shown)
    problems = Problems()
    top = Table(document, (), document.values, "", problems)
    system = top.table("system", required=True)
    guests = tuple(_guest(table, index, file.parent) for index, table in enumerate(top.tables("guest")))
    guests = with_channels(top.tables("channel"), guests)
    top.finish()
    if system is None:
        problems.stop_if_any()
        raise DescriptionError([])
    board_file = find_board(system, file.parent, board)
    target = load_board(board_file, f"{board_file.parent.name}/{board_file.name}".lstrip("/"))
    result = System(
        document=document,
        folder=file.parent,
        name=read_name(system),
        board=target,
        seconds=_seconds(system),
        turn_us=system.integer("turn_us", DEFAULT_TURN_US, minimum=100, maximum=1_000_000),
        pool=system.size("pool", multiple=MIB) if system.has("pool") else None,
        level1_tables=system.integer("level1_tables", default_level1(guests), minimum=2, maximum=ASIDS - 2),
        level2_tables=system.integer("level2_tables", default_level2(target, guests), minimum=16, maximum=LEVEL2_MOST),
        guests=guests,
        lockdown=system.flag("lockdown", True),
        share_domains=system.flag("share_domains", False),
        loop_bounds=system.flag("loop_bounds", False),
    )
    system.finish()
    _check_names(document, guests, problems)
    problems.stop_if_any()
    return result


def _seconds(table: Table) -> float:
    value = table.raw("seconds")
    if value is None:
        return 0.0
    if isinstance(value, bool) or not isinstance(value, int | float):
        table.problems.add(
            table.document.problem(
                "S104", table.at("seconds"), "'seconds' of [system] has the wrong type", found=type(value).__name__,
                expected="a number of simulated seconds", fix="write a number, or 0 to run until every guest has ended",
            )
        )  # fmt: skip
        return 0.0
    if not (value == 0 or LEAST_SECONDS <= value <= 3600):
        table.problems.add(
            table.document.problem(
                "S107", table.at("seconds"), "'seconds' is out of range", found=str(value),
                expected=f"0, or {LEAST_SECONDS} to 3600", fix="write 0 to run until every guest has ended",
            )
        )  # fmt: skip
        return 0.0
    return float(value)


def _guest(table: Table, index: int, folder: FilePath) -> Guest:
    level = LEVELS[table.choice("level", list(LEVELS), None if not table.has("level") else "")]
    memory = table.size("memory", multiple=_PAGE)
    guest = Guest(
        index=index,
        name=read_name(table, taken=_OWN_FILES),
        level=level,
        image=table.text("image"),
        cpu=table.integer("cpu", 1 if level is Level.HRT else 0, maximum=15),
        memory=memory,
        address=table.integer("address") if table.has("address") else None,
        limit=table.size("limit", memory, _PAGE),
        budget_us=table.integer("budget_us", 0, minimum=1, maximum=1_000_000),
        period_us=table.integer("period_us", 0, minimum=1, maximum=1_000_000),
        manager=table.flag("manager", False),
        held=table.flag("held", False),
        arguments=table.words("arguments", ARGUMENTS) if table.has("arguments") else (),
        devices=table.names("devices") if table.has("devices") else (),
        dma=table.flag("dma", False),
        regions=_regions(table, folder),
        constants=_constants(table),
        expect=read_expect(table.table("expect"), folder),
        path=table.path,
        input=table.flag("input", False),
        plain=table.choice("abi", list(_ABIS), "ovm") == "none",
        initrd=table.text("initrd", ""),
        command_line=table.text("cmdline", DEFAULT_COMMAND_LINE),
        overlay=table.text("overlay", ""),
    )
    table.finish()
    return guest


def _regions(guest: Table, folder: FilePath) -> tuple[Region, ...]:
    found = [_file_region(table, folder) for table in guest.tables("file")]
    for table in guest.tables("region"):
        region = Region(
            name=read_name(table),
            length=table.size("bytes", multiple=_PAGE),
            writable=table.flag("writable", True),
            file=None,
            save=table.text("save", ""),
            path=table.path,
        )
        table.finish()
        found.append(region)
    return tuple(found)


def _file_region(table: Table, folder: FilePath) -> Region:
    shown = table.text("path")
    file = resolve(shown, folder)
    name = table.text("name", "") or FilePath(shown).name
    region = Region(
        name=name,
        length=file.stat().st_size if shown and is_plain(file) else 0,
        writable=table.flag("writable", False),
        file=file,
        save=table.text("save", ""),
        path=table.path,
    )
    table.finish()
    if shown and not is_plain(file):
        what = f"'{shown}' is no regular file" if exists(file) else f"there is no file '{shown}'"
        table.problems.add(
            table.document.problem(
                "S140", table.at("path"), what, found=f"looked in {folder or '.'}/",
                fix="paths are relative to the description's folder; package:NAME/... is inside a Python package",
            )
        )  # fmt: skip
    elif shown and not region.length:
        table.problems.add(
            table.document.problem(
                "S160", table.at("path"), f"the file '{shown}' is empty", fix="a region holds at least one byte"
            )
        )
    return region


def _constants(guest: Table) -> dict[str, int | bool]:
    """Return the parameters of a metal guest, written `"guest.ROUNDS" = 3`."""
    table = guest.table("constants")
    found: dict[str, int | bool] = {}
    if table is None:
        return found
    for name in table.keys():  # noqa: SIM118 - not a dict
        value = table.raw(name)
        found[name] = value if isinstance(value, bool) else table.integer(name)
    table.finish()
    return found


def _check_names(document: Document, guests: tuple[Guest, ...], problems: Problems) -> None:
    if not guests:
        problems.add(document.problem("S103", ("system",), "the system has no guest", fix="add a [[guest]] table"))
    first: dict[str, Guest] = {}
    for guest in guests:
        other = first.setdefault(guest.name, guest)
        if other is not guest and guest.name:
            problems.add(
                document.problem(
                    "S111", (*guest.path, "name"), f"two guests are called '{guest.name}'",
                    notes=[document.note(f"the first '{guest.name}'", (*other.path, "name"))],
                    fix="give each guest a name of its own",
                )
            )  # fmt: skip
