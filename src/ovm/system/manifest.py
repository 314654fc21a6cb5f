# SPDX-License-Identifier: Apache-2.0
"""A C guest's `guest.toml`: further sources and options besides the sources in its folder.

```toml
stack_bytes = 0x8000          # of the guest's stack
include = ["headers"]         # folders below the guest's, searched for headers
[define]                      # preprocessor definitions
NDEBUG = 1
[source]                      # C sources inside a source distribution of a Python package
package = "lz4"
version = "4.4.5"
sha256 = "..."
files = ["lz4libs/lz4.c"]
```
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ovm.system.document import Document
from ovm.system.files import exists
from ovm.system.problems import Problems
from ovm.system.pypi import SourcePackage
from ovm.system.reader import Table

MANIFEST: Final = "guest.toml"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
STACK_BYTES: Final = 0x8000


@dataclass(frozen=True)
class Manifest:
    """The content of a folder's `guest.toml`; empty by default."""

    package: SourcePackage | None = None
    package_files: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    define: tuple[tuple[str, str], ...] = ()
    stack_bytes: int = STACK_BYTES


def read_manifest(file: Path) -> Manifest:
    """Return the manifest in `file`, or an empty one where there is no such file."""
    if not exists(file):
        return Manifest()
    document = Document.read(file)
    problems = Problems()
    top = Table(document, (), document.values, "", problems)
    source = top.table("source")
    stack = top.integer("stack_bytes", STACK_BYTES, minimum=256, maximum=1 << 24, multiple=8)
    manifest = Manifest(
        include=top.names("include") if top.has("include") else (), define=_definitions(top.table("define")), stack_bytes=stack
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


def _refuse(table: Table, key: str, message: str, expected: str) -> None:
    fix = "src/ovm/guests/press/guest.toml is one that is right"
    table.problems.add(table.document.problem("S146", table.at(key), message, expected=expected, fix=fix))
