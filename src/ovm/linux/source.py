# SPDX-License-Identifier: Apache-2.0
"""Sources of a kernel: `linux:PATH`, a vmlinuz or Image, or `debian:PACKAGE`, fetched by apt.

A package that holds no kernel itself names in its dependencies the one that does: linux-image-armmp the current version, and
since Linux 7 linux-image-VERSION a linux-binary-VERSION and a linux-modules-VERSION.
"""

import json
import re
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ovm.linux.apt import Apt
from ovm.linux.errors import LinuxError
from ovm.linux.kept import kept
from ovm.metal.build.cache import Cache

_KERNEL_FILE = re.compile(r"(\./)?(boot/vmlinuz-[^/]+|(usr/)?lib/modules/[^/]+/vmlinuz)")
_MODULE_FILE = re.compile(r"(\./)?(usr/)?lib/modules/[^/]+/(kernel/.+\.ko(\.xz|\.gz|\.zst)?|modules\.(builtin|order)\S*)")
_PARTS = ("linux-image-", "linux-binary-", "linux-modules-")
_MOST_PACKAGES = 6
_LPAE = "-lpae"


@dataclass(frozen=True)
class KernelSource:
    """A kernel's file, what it is called, and the packages that it and its modules came in."""

    name: str
    file: bytes
    packages: tuple[Path, ...] = ()


def kernel_source(text: str, *, base: Path = Path("."), apt: Apt | None = None, cache: Cache | None = None) -> KernelSource:
    """Return the kernel that `linux:PATH` (below `base`) or `debian:PACKAGE` means."""
    scheme, _, rest = text.partition(":")
    if scheme == "linux" and rest:
        return _from_file(base / rest)
    if scheme == "debian" and rest:
        private = apt or Apt()
        found = _loaded(kept("kernel", rest, lambda: _stored(_from_debian(rest, private)), private, cache))
        if all(package.is_file() for package in found.packages):
            return found
        return _from_debian(rest, private)
    raise LinuxError(f"'{text}' names no kernel", "write linux:PATH or debian:PACKAGE, as debian:linux-image-armmp")


def _stored(source: KernelSource) -> bytes:
    """Return a source as bytes: a line of JSON, and the file."""
    return json.dumps([source.name, [str(package) for package in source.packages]]).encode() + b"\n" + source.file


def _loaded(stored: bytes) -> KernelSource:
    head, _, file = stored.partition(b"\n")
    name, packages = json.loads(head)
    return KernelSource(name, file, tuple(map(Path, packages)))


def module_files(source: KernelSource, names: Iterable[str], *, apt: Apt | None = None) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of modules of a kernel from Debian; `names` are without folder and suffix."""
    wanted = {name.replace("-", "_") for name in names}
    for package in source.packages:
        with (apt or Apt()).unpacked(package) as archive:
            for member in archive:
                stem = Path(member.name).name.split(".")[0].replace("-", "_")
                if stem in wanted and ".ko" in member.name and _MODULE_FILE.fullmatch(member.name):
                    yield member.name.removeprefix("./"), _content(archive, member)


def _from_file(path: Path) -> KernelSource:
    try:
        return KernelSource(path.name, path.read_bytes())
    except OSError as error:
        raise LinuxError(f"the kernel {path} can't be read: {error.strerror}") from error


def _from_debian(name: str, apt: Apt) -> KernelSource:
    if _LPAE in name:
        raise LinuxError(f"{name} needs long descriptors (LPAE), which a Cortex-A9 has not", "use the package without -lpae")
    todo, seen, files = [name], set[str](), list[Path]()
    kernel: tuple[str, bytes] | None = None
    while todo and len(seen) < _MOST_PACKAGES:
        package, file = apt.fetch(todo.pop(0))
        seen.add(package.name)
        files.append(file)
        kernel = kernel or _kernel_in(apt, file)
        todo += [each for each in _parts(package.depends) if each.split("=")[0] not in seen]
    if kernel is None:
        raise LinuxError(f"the package {name} holds no kernel (boot/vmlinuz-...)", "name a package linux-image-...-armmp")
    return KernelSource(*kernel, tuple(files))


def _parts(depends: Iterable[str]) -> Iterator[str]:
    """Yield the packages among dependencies that are parts of a kernel, with the version where it is exact."""
    for each in depends:
        found = re.fullmatch(r"(\S+)(?:\s*\(\s*=\s*(\S+?)\s*\))?(?:\s*\(.*\))?", each)
        if found and found[1].startswith(_PARTS):
            yield f"{found[1]}={found[2]}" if found[2] else found[1]


def _kernel_in(apt: Apt, package: Path) -> tuple[str, bytes] | None:
    """Return name and content of the kernel in a package; None where it holds none."""
    with apt.unpacked(package) as archive:
        for member in archive:
            if member.isfile() and _KERNEL_FILE.fullmatch(member.name):
                path = Path(member.name)
                version = path.parent.name if path.name == "vmlinuz" else path.name.removeprefix("vmlinuz-")
                return version, _content(archive, member)
    return None


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    stream = archive.extractfile(member)
    if stream is None:
        raise LinuxError(f"{member.name} of a package is no file")
    return stream.read()
