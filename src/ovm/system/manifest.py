# SPDX-License-Identifier: Apache-2.0
"""A C guest's `guest.toml`: further sources and options besides the sources in its folder.

```toml
stack_bytes = 0x8000          # of the guest's stack
floating_point = true         # the compiler may use it, in all sources (calls don't: softfp); false by default
port = "freertos"             # our port layer of a kernel, ports/freertos
include = ["headers"]         # folders below the guest's, searched for headers
[define]                      # preprocessor definitions
NDEBUG = 1
[source]                      # C sources inside a source distribution of a Python package
package = "lz4"
version = "4.4.5"
sha256 = "..."
files = ["lz4libs/lz4.c"]
[[tree]]                      # C sources in a folder elsewhere, such as a kernel's
folder = "$FREERTOS_KERNEL"   # a path; a variable of the environment may stand at its beginning
files = ["tasks.c"]
include = ["include"]         # folders in it, searched for headers
```
"""

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ovm.shipped import known_ports
from ovm.system.document import Document
from ovm.system.files import exists
from ovm.system.problems import Problems
from ovm.system.pypi import SourcePackage
from ovm.system.reader import Table

MANIFEST: Final = "guest.toml"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_VARIABLE: Final = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)(?=/|$)")
STACK_BYTES: Final = 0x8000


@dataclass(frozen=True)
class Tree:
    """Sources in a folder that is not the guest's: files to compile, and folders to search for headers."""

    folder: Path
    files: tuple[str, ...]
    include: tuple[str, ...]


@dataclass(frozen=True)
class Manifest:
    """The content of a folder's `guest.toml`; empty by default."""

    package: SourcePackage | None = None
    package_files: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    define: tuple[tuple[str, str], ...] = ()
    stack_bytes: int = STACK_BYTES
    floating_point: bool = False
    port: str = ""
    trees: tuple[Tree, ...] = ()


def read_manifest(file: Path) -> Manifest:
    """Return the manifest in `file`, or an empty one where there is no such file."""
    if not exists(file):
        return Manifest()
    document = Document.read(file)
    problems = Problems()
    top = Table(document, (), document.values, "", problems)
    source = top.table("source")
    manifest = Manifest(
        include=top.names("include") if top.has("include") else (),
        define=_definitions(top.table("define")),
        stack_bytes=top.integer("stack_bytes", STACK_BYTES, minimum=256, maximum=1 << 24, multiple=8),
        floating_point=top.flag("floating_point", False),
        port=top.choice("port", known_ports()) if top.has("port") else "",
        trees=tuple(_tree(table, file.parent) for table in top.tables("tree")),
    )
    top.finish()
    if source is not None:
        manifest = replace(manifest, package=_package(source), package_files=source.names("files"))
        source.finish()
    problems.stop_if_any()
    return manifest


def _definitions(table: Table | None) -> tuple[tuple[str, str], ...]:
    """Return the preprocessor definitions: numbers, texts, true and false as 1 and 0."""
    found = []
    for name in table.keys() if table is not None else ():  # noqa: SIM118 - not a dict
        assert table is not None
        value = table.raw(name)
        if not _IDENTIFIER.fullmatch(name) or not isinstance(value, str | int) or not str(value).isprintable():
            _refuse(table, name, f"'{name}' can't be defined", "a C identifier with a number or a text")
        found.append((name, str(int(value)) if isinstance(value, bool) else str(value)))
    return tuple(found)


def _package(table: Table) -> SourcePackage:
    for key, pattern, expected in (
        ("package", _NAME, "the name of a Python package"),
        ("version", _NAME, "one version of it"),
        ("sha256", _SHA256, "64 hexadecimal digits: sha256sum ARCHIVE.tar.gz"),
    ):
        value = table.text(key)
        if value and not pattern.fullmatch(value):
            _refuse(table, key, f"'{key}' of [source] can't be '{value}'", expected)
    if not table.has("files"):
        _refuse(table, "files", "[source] lacks the key 'files'", "a list of C sources inside the package")
    return SourcePackage(table.text("package"), table.text("version"), table.text("sha256"))


def _tree(table: Table, beside: Path) -> Tree:
    """Return a tree whose folder and files are there; `beside` is the folder to which its path is relative."""
    folder = _folder(table, beside)
    tree = Tree(
        folder, table.names("files") if table.has("files") else (), table.names("include") if table.has("include") else ()
    )
    table.finish()
    for key, names in (("files", tree.files), ("include", tree.include)) if exists(folder) else ():
        for name in names:
            found = folder / name
            right = found.is_file() if key == "files" else found.is_dir()
            if not right or not found.resolve().is_relative_to(folder.resolve()):
                kind = "file" if key == "files" else "folder"
                _refuse(
                    table, key, f"{folder} holds no {kind} '{name}'", f"{kind}s below the folder of [[tree]]", "correct the name"
                )
    return tree


def _folder(table: Table, beside: Path) -> Path:
    """Return the folder of a tree."""
    text = table.text("folder")
    variable = _VARIABLE.match(text)
    if variable is not None:
        value = os.environ.get(variable[1], "")
        if not value:
            _refuse(
                table, "folder", f"the variable {variable[1]} is not set", "the path of a folder with sources in it",
                f"export {variable[1]}=PATH, or write the path here",
            )  # fmt: skip
            return beside / text
        text = value + text[variable.end() :]
    folder = beside / text
    if text and not folder.is_dir():
        _refuse(table, "folder", f"there is no folder {folder}", "a folder with sources in it", "correct the path")
    return folder


def _refuse(table: Table, key: str, message: str, expected: str, fix: str = "") -> None:
    fix = fix or "src/ovm/guests/press/guest.toml is one that is right"
    table.problems.add(table.document.problem("S146", table.at(key), message, expected=expected, fix=fix))
