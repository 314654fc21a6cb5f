# SPDX-License-Identifier: Apache-2.0
"""Source distributions from the Python package index, fetched by pip when needed and kept in the cache.

A version and a SHA-256 pin each one: an archive that does not match is refused, whether from pip or from the cache. Nothing
of such a package is ever part of this repository.
"""

import os
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ovm.metal.build.cache import default_directory, is_whole
from ovm.metal.build.errors import BuildError


@dataclass(frozen=True)
class SourcePackage:
    """One source distribution: its name, version and SHA-256."""

    name: str
    version: str
    sha256: str

    @property
    def requirement(self) -> str:
        """Return the package as pip writes it."""
        return f"{self.name}=={self.version}"


def fetch(package: SourcePackage, cache: Path | None = None) -> Path:
    """Return the archive of `package`, from the cache or else by pip."""
    folder = (cache or default_directory()) / "pypi"
    kept = folder / f"{package.name}-{package.version}.tar.gz"
    if is_whole(kept, package.sha256):
        return kept
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=folder) as name:
        archive = _download(package, Path(name))
        if not is_whole(archive, package.sha256):
            raise BuildError("S148", f"the archive of {package.requirement} doesn't have SHA-256 {package.sha256}")
        os.replace(archive, kept)
    return kept


def unpack(package: SourcePackage, target: Path) -> Path:
    """Unpack `package` below `target`; return the folder of its files.

    A build needs only plain files; `extractall` can refuse others since Python 3.11.4, and Debian 12 has 3.11.2.
    """
    with tarfile.open(fetch(package)) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None:
                _place(target, member.name, content.read(), package)
    return target / f"{package.name}-{package.version}"


def _place(target: Path, name: str, content: bytes, package: SourcePackage) -> None:
    """Write one file of an archive, which must lie below `target`."""
    file = target / name
    if not file.resolve().is_relative_to(target.resolve()):
        raise BuildError("S148", f"the archive of {package.requirement} has a file outside of its folder: {name}")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def _download(package: SourcePackage, folder: Path) -> Path:
    """Let pip download the archive; pip compares the hash too, before it opens the archive."""
    wanted = folder / "requirements.txt"
    wanted.write_text(f"{package.requirement} --hash=sha256:{package.sha256}\n")
    options = ["--no-deps", "--no-binary", ":all:", "--disable-pip-version-check", "--quiet"]
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(folder), "-r", str(wanted)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    found = sorted(folder.glob("*.tar.gz"))
    if done.returncode != 0 or not found:
        reason = (done.stderr or done.stdout).strip().splitlines()
        raise BuildError(
            "S149",
            f"pip could not fetch {package.requirement}: {reason[-1] if reason else 'it said nothing'}",
            fix="connect to a package index, or put the archive into the cache folder 'pypi' by hand",
        )
    return found[0]
