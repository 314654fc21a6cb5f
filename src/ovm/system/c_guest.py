# SPDX-License-Identifier: Apache-2.0
"""Guests in C: a folder of sources becomes an ELF image.

Every `.c` and `.S` file of the folder is compiled, with the header generated from `ovm.abi` (`ovm_abi.h`), our
support (`guest.h`: start, console, exit) and, where `guest.toml` names one, the C sources inside a package's
source distribution. All of it is laid out in one staging folder first: compilers then see relative names alone, so the
image doesn't depend on where things lie on this machine.
"""

import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ovm.abi.header import header
from ovm.metal.build.errors import BuildError
from ovm.metal.build.image import link_arm
from ovm.metal.build.objects import Source
from ovm.system.pypi import SourcePackage, unpack

_GUESTS: Final = Path(__file__).parent.parent / "guests"
_SUFFIXES: Final = (".c", ".S")
_MANIFEST: Final = "guest.toml"


@dataclass(frozen=True)
class Manifest:
    """What a folder's `guest.toml` adds: a package with C sources, preprocessor definitions, the stack."""

    package: SourcePackage | None = None
    package_files: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    define: tuple[tuple[str, str], ...] = ()
    stack_bytes: int = 0x8000


def build_c_guest(folder: Path, base: int) -> bytes:
    """The ELF image of the guest in `folder`, linked to run at `base`."""
    if not folder.is_dir():
        raise BuildError("BLD020", f"no folder with C sources at {folder}")
    manifest = read_manifest(folder / _MANIFEST)
    with tempfile.TemporaryDirectory(prefix="ovm-guest-") as name:
        staging = Path(name)
        sources = list(_stage(folder, manifest, staging))
        script = (_GUESTS / "lib" / "guest.ld").read_text()
        define = (("__guest_base", base), ("__stack_bytes", manifest.stack_bytes))
        return link_arm(sources, script, "_start", define=define, compiler_runtime=True)


def read_manifest(file: Path) -> Manifest:
    """The manifest in `file`, or an empty one where there is no such file."""
    if not file.is_file():
        return Manifest()
    try:
        values = tomllib.loads(file.read_text())
    except tomllib.TOMLDecodeError as error:
        raise BuildError("BLD021", f"{file}: not TOML: {error}") from error
    known = {"source", "include", "define", "stack_bytes"}
    unknown = sorted(set(values) - known)
    if unknown:
        raise BuildError("BLD021", f"{file}: unknown key '{unknown[0]}'", fix=f"one of: {', '.join(sorted(known))}")
    source = values.get("source")
    return Manifest(
        package=_package(file, source) if source else None,
        package_files=tuple(source["files"]) if source else (),
        include=tuple(values.get("include", ())),
        define=tuple((key, str(value)) for key, value in values.get("define", {}).items()),
        stack_bytes=int(values.get("stack_bytes", Manifest.stack_bytes)),
    )


def _package(file: Path, source: dict[str, Any]) -> SourcePackage:
    missing = sorted({"package", "version", "sha256", "files"} - set(source))
    if missing:
        raise BuildError("BLD021", f"{file}: [source] lacks '{missing[0]}'")
    return SourcePackage(source["package"], source["version"], source["sha256"])


def _stage(folder: Path, manifest: Manifest, staging: Path) -> Iterator[Source]:
    """Copy everything into `staging` and name what is to be compiled."""
    shutil.copytree(folder, staging / "guest", ignore=shutil.ignore_patterns("__pycache__", ".*"))
    support = staging / "support"
    support.mkdir()
    (support / "ovm_abi.h").write_text(header())
    for entry in (_GUESTS / "clib").glob("*.[chS]"):
        (support / entry.name).write_bytes(entry.read_bytes())
    include = [support, staging / "guest", *(staging / "guest" / name for name in manifest.include)]
    names = sorted(path for path in (staging / "guest").iterdir() if path.suffix in _SUFFIXES)
    if not names:
        raise BuildError("BLD020", f"no C sources (.c, .S) in {folder}")
    names += sorted(path for path in support.iterdir() if path.suffix in _SUFFIXES)
    if manifest.package is not None:
        names += _stage_package(manifest.package, manifest.package_files, staging)
        include += sorted({name.parent for name in names if name.is_relative_to(staging / "package")})
    for name in names:
        yield Source(name, staging, tuple(include), dict(manifest.define))


def _stage_package(package: SourcePackage, wanted: tuple[str, ...], staging: Path) -> list[Path]:
    root = unpack(package, staging / "package")
    names = [root / name for name in wanted]
    for name in names:
        if not name.is_file():
            raise BuildError("BLD022", f"{package.requirement} holds no file {name.relative_to(root)}")
    return names
