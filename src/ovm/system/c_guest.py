# SPDX-License-Identifier: Apache-2.0
"""Guests in C: a folder of sources becomes an ELF image.

Every `.c` and `.S` file of the folder is compiled, with the header generated from `ovm.abi` (`ovm_abi.h`), our
support (`guest.h`: start, console, exit) and the sources that its `guest.toml` names: of a Python package, of a port of
ours, of trees elsewhere. All of it is first copied into one
staging folder: compilers then see relative names alone, so the image doesn't depend on paths of this machine.
"""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from ovm.abi.header import header
from ovm.metal.build.errors import BuildError
from ovm.metal.build.image import link_arm
from ovm.metal.build.objects import Source
from ovm.shipped import PORTS
from ovm.system.c_errors import told
from ovm.system.files import read_plain
from ovm.system.manifest import MANIFEST, Manifest, Tree, read_manifest
from ovm.system.pypi import unpack
from ovm.system.units import MIB, size_text

_GUESTS: Final = Path(__file__).parent.parent / "guests"
_SUFFIXES: Final = (".c", ".S")
_SKIPPED: Final = ("__pycache__", "out")
FOLDER_MOST: Final = 64 * MIB
DEPTH_MOST: Final = 8
_GUEST, _SUPPORT, _PACKAGE, _PORT = "guest", "support", "package", "port"
# Calls pass floating-point values in integer registers, as everywhere else: sources of both kinds can be linked.
_FLOATING: Final = ("-mfloat-abi=softfp", "-mfpu=neon")


def build_c_guest(folder: Path, base: int) -> bytes:
    """Return the ELF image of the guest in `folder`, linked to run at `base`."""
    if not any(path.suffix in _SUFFIXES for path in folder.glob("*")):
        raise BuildError("S145", f"no C sources (.c, .S) in {folder}")
    manifest = read_manifest(folder / MANIFEST)
    script = (_GUESTS / "lib" / "guest.ld").read_text()
    define = (("__guest_base", base), ("__stack_bytes", manifest.stack_bytes))
    with tempfile.TemporaryDirectory(prefix="ovm-guest-") as name:
        sources = list(_stage(folder, manifest, Path(name)))
        try:
            return link_arm(sources, script, "_start", define=define, compiler_runtime=True)
        except BuildError as error:
            raise told(
                error, folder, {f"{_tree_name(index)}/": tree.folder for index, tree in enumerate(manifest.trees)}
            ) from error


def _stage(folder: Path, manifest: Manifest, staging: Path) -> Iterator[Source]:
    """Copy everything into `staging` and yield the sources to compile."""
    _copy(folder, staging / _GUEST)
    _stage_support(staging / _SUPPORT)
    include = [staging / _SUPPORT, staging / _GUEST, *(staging / _GUEST / name for name in manifest.include)]
    names = _sources(staging / _GUEST) + _sources(staging / _SUPPORT)
    if manifest.port:
        _copy(PORTS / manifest.port, staging / _PORT)
        names += _sources(staging / _PORT)
        include.append(staging / _PORT)
    for index, tree in enumerate(manifest.trees):
        place = staging / _tree_name(index)
        _stage_tree(tree, place)
        names += [place / name for name in tree.files]
        include += [place / name for name in tree.include]
    if manifest.package is not None:
        added = _stage_package(manifest, staging / _PACKAGE)
        names += added
        include += sorted({name.parent for name in added})
    for name in names:
        flags = _FLOATING if manifest.floating_point else ()
        yield Source(name, staging, tuple(include), dict(manifest.define), flags)


def _tree_name(index: int) -> str:
    return f"tree{index}"


def _stage_tree(tree: Tree, target: Path) -> None:
    """Copy the sources and headers of a tree that its guest asks for; the rest of it may be large."""
    for name in tree.include:
        _copy(tree.folder / name, target / name, lambda item: item.suffix == ".h")
    for name in tree.files:
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(read_plain(tree.folder / name, FOLDER_MOST))


def _copy(folder: Path, target: Path, wanted: Callable[[Path], bool] = lambda _: True) -> None:
    """Copy the regular files below `folder` that are wanted; refuse a folder that can't be a guest's."""
    room = FOLDER_MOST
    for item in filter(wanted, _files(folder, 0)):
        content = read_plain(item, FOLDER_MOST)
        room -= len(content)
        if room < 0:
            raise BuildError(
                "S145", f"{folder} holds more than {size_text(FOLDER_MOST)}: all of it would be copied",
                fix="give the guest a folder of its own",
            )  # fmt: skip
        copy = target / item.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(content)


def _files(folder: Path, depth: int) -> Iterator[Path]:
    """Yield regular files, and sources of whatever kind; hidden files and results are left out."""
    if depth > DEPTH_MOST:
        raise BuildError("S145", f"{folder} lies too deep in the guest's folder", fix="give the guest a folder of its own")
    for item in sorted(folder.iterdir()):
        if item.name in _SKIPPED or item.name.startswith("."):
            continue
        if item.is_dir():
            yield from _files(item, depth + 1)
        elif item.is_file() or item.suffix in _SUFFIXES:
            yield item


def _sources(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in _SUFFIXES)


def _stage_support(target: Path) -> None:
    """Write our own sources and headers, the generated one included."""
    target.mkdir()
    (target / "ovm_abi.h").write_text(header())
    for entry in (_GUESTS / "clib").glob("*.[chS]"):
        (target / entry.name).write_bytes(entry.read_bytes())


def _stage_package(manifest: Manifest, target: Path) -> list[Path]:
    """Return the files of a source distribution that the manifest names."""
    assert manifest.package is not None
    root = unpack(manifest.package, target)
    for name in manifest.package_files:
        if not (root / name).is_file() or not (root / name).resolve().is_relative_to(root.resolve()):
            raise BuildError("S147", f"{manifest.package.requirement} holds no file {name}")
    return [root / name for name in manifest.package_files]
