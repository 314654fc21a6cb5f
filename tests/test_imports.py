# SPDX-License-Identifier: Apache-2.0
"""Imports go one way, and importing does nothing.

Every import statement under `src/ovm` is read with `ast` and held against the table below, which states the
layers of docs/architecture.md.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src"

# What each part of the project may import of the other parts. `metal` alone means only `from ovm.metal import name`,
# the language; `metal.*` means the compiler and the build tools too.
ALLOWED: dict[str, set[str]] = {
    "metal": set(),
    # One file: where data files are that come with OVM.
    "shipped": set(),
    "arm": {"metal"},
    "abi": {"metal"},
    "core": {"metal", "arm", "abi"},
    "board": {"metal", "arm"},
    # What runs the board from Python, no part of the board itself.
    "board.api": {"metal", "metal.*", "arm", "board", "shipped"},
    "guests": {"metal", "arm", "abi"},
    "system": {"metal", "metal.*", "arm", "abi", "linux", "shipped"},
    # Stock kernels as guests: fetched, unpacked, patched. Stubs in them work on the vCPU page, and LLVM assembles them.
    "linux": {"metal", "metal.*", "abi"},
    "machines": {"metal", "metal.*", "arm", "abi", "system", "board", "board.api"},
    "measure": {"metal", "metal.*", "arm", "abi", "system", "machines", "board.api"},
    "cli": {"metal", "metal.*", "arm", "abi", "system", "machines", "measure", "shipped"},
}
# Who alone may import a module from outside: the front end reads Python, the build tools run programs, and so on.
RESERVED: dict[str, tuple[str, ...]] = {
    "ast": ("ovm.metal.frontend",),
    "subprocess": ("ovm.metal.build", "ovm.machines", "ovm.system.pypi", "ovm.linux.apt"),
    "ctypes": ("ovm.metal.build", "ovm.machines.qemu"),
    "unicorn": ("ovm.metal.build",),
    "elftools": ("ovm.metal.build", "ovm.system.images", "ovm.linux.module"),
    "ziglang": ("ovm.metal.build",),
    "click": ("ovm.cli",),
    "tomllib": ("ovm.system", "ovm.board.api"),
    "perfetto": ("ovm.machines.trace_file",),
    "mypy": ("ovm.metal.mypy_constants", "ovm.metal.mypy_plugin", "ovm.metal.mypy_results"),
    "re2": ("ovm.system.console_patterns",),
    "llvmlite": (),
}
# What runs on a bare machine takes nothing from the standard library but ways to write types down.
BARE = ("core", "board", "guests")
BARE_STANDARD_LIBRARY = {"__future__", "typing", "dataclasses", "collections", "types"}


@dataclass(frozen=True)
class Import:
    """One imported module; `names` are what is taken from it, empty for `import module`."""

    importer: str
    line: int
    module: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.module}"


def module_name(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_in(text: str, importer: str, is_package: bool) -> Iterator[Import]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(importer, node.lineno, alias.name, ())
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                parents = importer.split(".")
                base = parents[: len(parents) - node.level + is_package]
                module = ".".join([*base, module] if module else base)
            yield Import(importer, node.lineno, module, tuple(alias.name for alias in node.names))


def all_imports() -> list[Import]:
    found: list[Import] = []
    for path in sorted(SOURCE.glob("ovm/**/*.py")):
        found += imports_in(path.read_text(), module_name(path), path.name == "__init__.py")
    return found


def part_of(module: str) -> str:
    parts = module.split(".")
    if _within(module, "ovm.board.api"):
        return "board.api"
    return parts[1] if len(parts) > 1 else ""


def breach(each: Import) -> str | None:
    """Return why an import is not allowed; None when it is."""
    importer = part_of(each.importer)
    if each.module == "ovm" or each.module.startswith("ovm."):
        targets = [part_of(each.module)] if part_of(each.module) else [name for name in each.names]
        for target in targets:
            problem = _own_breach(each, importer, target)
            if problem:
                return problem
        return None
    outside = each.module.split(".")[0]
    if outside in RESERVED and not any(_within(each.importer, home) for home in RESERVED[outside]):
        return f"{each}: only {', '.join(RESERVED[outside]) or 'nobody'} may"
    if importer in BARE and outside not in BARE_STANDARD_LIBRARY:
        return f"{each}: code for a bare machine takes at most {', '.join(sorted(BARE_STANDARD_LIBRARY))}"
    return None


def _own_breach(each: Import, importer: str, target: str) -> str | None:
    if target == importer or (not importer and target == ""):
        return None
    if target == "cli" and each.importer != "ovm.__main__":
        return f"{each}: nothing imports the command line"
    allowed = ALLOWED.get(importer, {"cli"})
    if target == "metal":
        is_language = each.module in ("ovm.metal", "ovm.metal.simulate") or each.module == "ovm"
        needed = "metal" if is_language else "metal.*"
        if needed not in allowed:
            return f"{each}: {importer} may take only public names, by `from ovm.metal import ...`"
        return None
    if target in allowed:
        return None
    return f"{each}: {importer} may import {', '.join(sorted(allowed)) or 'nothing of ours'}"


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def test_every_import_keeps_the_layers() -> None:
    found = all_imports()
    assert len(found) > 100
    problems = [problem for each in found if (problem := breach(each))]
    assert not problems, "\n" + "\n".join(problems)


def test_every_part_is_in_the_table() -> None:
    folders = {path.name for path in (SOURCE / "ovm").iterdir() if path.is_dir() and any(path.rglob("*.py"))}
    assert folders <= set(ALLOWED)


@pytest.mark.parametrize(
    ("importer", "statement", "allowed"),
    [
        ("ovm.core.vm", "from ovm.metal import u32", True),
        ("ovm.core.vm", "from ovm.arm.psr import MODE", True),
        ("ovm.core.vm", "from ovm.core.config import LIMIT", True),
        ("ovm.core.vm", "from .config import LIMIT", True),
        ("ovm.core.vm", "from typing import Final", True),
        ("ovm.core.vm", "from ovm.metal.lang.integers import u32", False),
        ("ovm.core.vm", "from ovm.system import plan", False),
        ("ovm.core.vm", "from ovm import guests", False),
        ("ovm.core.vm", "from ..guests import desk", False),
        ("ovm.core.vm", "import os", False),
        ("ovm.guests.desk.main", "from ovm.core.vm import map_page", False),
        ("ovm.board.gic", "from ovm.abi import hypercalls", False),
        ("ovm.board.gic", "from ovm.board.api import Board", False),
        ("ovm.board.api.board", "from ovm.metal.build.host import HostProgram", True),
        ("ovm.board.api.board", "from ovm.system import plan", False),
        ("ovm.metal.lang.bits", "from ovm.arm import psr", False),
        ("ovm.metal.emit.module", "import ast", False),
        ("ovm.metal.frontend.source", "import ast", True),
        ("ovm.arm.psr", "from ovm.abi import hypercalls", False),
        ("ovm.system.plan", "from ovm.metal.compiler import compile_unit", True),
        ("ovm.system.plan", "from ovm.core import config", False),
        ("ovm.system.plan", "import subprocess", False),
        ("ovm.machines.qemu", "import subprocess", True),
        ("ovm.machines.qemu", "import ovm.cli.run", False),
        ("ovm.measure.jitter", "from ovm import cli", False),
        ("ovm.cli.run", "from ovm.machines.qemu import run", True),
        ("ovm.metal.emit.module", "import llvmlite.ir", False),
        ("ovm.__main__", "from ovm.cli.main import main", True),
        ("ovm.__main__", "from ovm.system.plan import plan", False),
    ],
)
def test_the_rules_tell_right_from_wrong(importer: str, statement: str, allowed: bool) -> None:
    (each,) = imports_in(statement, importer, False)
    assert (breach(each) is None) is allowed


# Imports every module of the project with the door to the world watched. What CPython itself opens for reading is fine.
IMPORT_ALL = """
import importlib, os, pkgutil, sys
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
REFUSED = {"subprocess.Popen", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.mkdir", "os.rename",
           "os.remove", "os.rmdir", "shutil.rmtree", "tempfile.mkstemp", "tempfile.mkdtemp", "socket.connect"}
current = ""
problems = []
def watch(event, arguments):
    if event in REFUSED or (event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING):
        problems.append(f"importing {current}: {event} {arguments}")
sys.dont_write_bytecode = True
sys.addaudithook(watch)
import ovm
for found in pkgutil.walk_packages(ovm.__path__, "ovm.", onerror=lambda name: problems.append(f"{name} fails")):
    current = found.name
    if current.endswith(".__main__"):
        continue
    try:
        importlib.import_module(current)
    except BaseException as error:
        problems.append(f"importing {current}: {type(error).__name__}: {error}")
if "unicorn" in sys.modules:
    problems.append("importing the project loads unicorn, which only tests need")
print("\\n".join(problems))
"""


def test_importing_compiles_nothing_and_writes_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(SOURCE), "PATH": "/nonexistent", "HOME": "/nonexistent"},
    )
    assert (done.returncode, done.stdout.strip(), done.stderr.strip()) == (0, "", "")


def test_the_language_does_not_load_the_compiler() -> None:
    program = (
        "import sys, ovm.metal\n"
        "loaded = [name for name in sys.modules if name.startswith(('ovm.metal.build', 'ovm.metal.emit',"
        " 'ovm.metal.frontend', 'ovm.metal.checks', 'ovm.metal.compiler', 'elftools', 'ctypes'))]\n"
        "print(*loaded)\n"
    )
    environment = {"PYTHONPATH": str(SOURCE)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == ""


# The folders of the board from the base, which lies in none, to the machine; each imports those before it alone.
LAYERS = (
    *("", "arena", "shortcuts", "devices", "ram", "cache", "interconnect", "mmu", "cp15", "processor", "access"),
    *("vfp", "execute", "decode", "issue", "blocks", "run"),
)
# Those who tell the short cuts of the loop what they change take no more of them than the functions that name such events.
TELL = ("devices", "ram", "cache", "interconnect", "mmu", "cp15")
EVENTS = "ovm.board.shortcuts.changes"
# It makes the links of lines that hit to lines of the cache, and so knows both.
LINKS = "ovm.board.cache.hints"


def board_imports() -> dict[str, set[str]]:
    """Return which files of the board import which others."""
    files = {module_name(path) for path in SOURCE.glob("ovm/board/**/*.py")} - {"ovm.board"}
    found: dict[str, set[str]] = {name: set() for name in files if not _within(name, "ovm.board.api")}
    for each in all_imports():
        if each.importer in found:
            targets = {f"{each.module}.{name}" for name in each.names} | {each.module}
            found[each.importer] |= targets & files
    return found


def test_no_files_of_the_board_import_each_other_in_a_circle() -> None:
    left = board_imports()
    assert len(left) > 100
    while free := [name for name, needed in left.items() if not needed & left.keys()]:
        for name in free:
            del left[name]
    # What is left is in a circle, or imports one.
    assert not left


def board_folder(name: str) -> str:
    """Return the folder of a file of the board, "" for one that lies in none."""
    return name.split(".")[2] if name.count(".") > 2 else ""


def test_the_folders_of_the_board_are_layers() -> None:
    place = {folder: index for index, folder in enumerate(LAYERS)}
    upward = [
        (name, needed)
        for name, all_needed in board_imports().items()
        for needed in all_needed
        if place[board_folder(needed)] > place[board_folder(name)]
    ]
    assert not upward


def test_memory_tells_its_events_to_one_file() -> None:
    taken = {
        needed
        for name, all_needed in board_imports().items()
        for needed in all_needed
        if board_folder(name) in TELL and name != LINKS and board_folder(needed) in ("arena", "shortcuts")
    }
    assert taken == {EVENTS}
