# SPDX-License-Identifier: Apache-2.0
"""A C guest's `guest.toml`: what is built besides the sources in its folder.

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
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ovm.metal.build.errors import BuildError
from ovm.system.pypi import SourcePackage

MANIFEST: Final = "guest.toml"
_KEYS: Final = {"stack_bytes": int, "include": list, "define": dict, "source": dict}
_SOURCE_KEYS: Final = {"package": str, "version": str, "sha256": str, "files": list}
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
STACK_BYTES: Final = 0x8000


@dataclass(frozen=True)
class Manifest:
    """What a folder's `guest.toml` says; by default nothing."""

    package: SourcePackage | None = None
    package_files: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    define: tuple[tuple[str, str], ...] = ()
    stack_bytes: int = STACK_BYTES


def read_manifest(file: Path) -> Manifest:
    """The manifest in `file`, or an empty one where there is no such file."""
    if not file.is_file():
        return Manifest()
    try:
        values = tomllib.loads(file.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BuildError("S146", f"{file}: not TOML: {error}") from error
    _check_keys(file, "", values, _KEYS)
    source = values.get("source", {})
    if source:
        _check_source(file, source)
    return Manifest(
        package=SourcePackage(source["package"], source["version"], source["sha256"]) if source else None,
        package_files=tuple(map(str, source.get("files", ()))),
        include=tuple(map(str, values.get("include", ()))),
        define=tuple((key, str(value)) for key, value in values.get("define", {}).items()),
        stack_bytes=_stack(file, values.get("stack_bytes", STACK_BYTES)),
    )


def _check_keys(file: Path, table: str, values: Mapping[str, Any], known: Mapping[str, type]) -> None:
    for key, value in values.items():
        if key not in known:
            raise BuildError("S146", f"{file}: unknown key '{key}'{table}", fix=f"one of: {', '.join(sorted(known))}")
        if type(value) is not known[key]:
            raise BuildError("S146", f"{file}: '{key}'{table} is {value!r}", fix=f"write a {known[key].__name__}")


def _check_source(file: Path, source: dict[str, Any]) -> None:
    _check_keys(file, " of [source]", source, _SOURCE_KEYS)
    missing = sorted(set(_SOURCE_KEYS) - set(source))
    if missing:
        raise BuildError("S146", f"{file}: [source] lacks '{missing[0]}'", fix=f"add {missing[0]} = ...")
    if not _NAME.fullmatch(source["package"]) or not _NAME.fullmatch(source["version"]):
        raise BuildError("S146", f"{file}: no package '{source['package']}' of version '{source['version']}'")
    if not _SHA256.fullmatch(source["sha256"]):
        raise BuildError("S146", f"{file}: 'sha256' isn't 64 hexadecimal digits", fix="sha256sum ARCHIVE.tar.gz")


def _stack(file: Path, value: int) -> int:
    if not 256 <= value <= 1 << 24 or value % 8:
        raise BuildError("S146", f"{file}: 'stack_bytes' is {value}", fix="256 to 16777216, a multiple of 8")
    return value
