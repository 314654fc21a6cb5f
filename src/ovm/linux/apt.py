# SPDX-License-Identifier: Apache-2.0
"""Debian packages for armhf, by apt's own tools, without touching the host's dpkg or apt.

apt gets a configuration of its own, read after the host's (`apt-get -c`): lists, caches and the (empty) list of installed
packages lie in OVM's cache folder, and the host's hooks are off. Sources and keys are the host's, or those that the caller names;
apt checks signatures as always. Packages are kept under their SHA-256.
"""

import difflib
import hashlib
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path

from ovm.linux.errors import LinuxError
from ovm.metal.build.cache import default_directory, is_whole

ARCHITECTURE = "armhf"
_NAME = re.compile(r"[a-z0-9][a-z0-9.+-]+(=[A-Za-z0-9.+:~-]+)?")
_FOREIGN = re.compile(r"-(amd64|arm64|i386|686|686-pae|riscv64|s390x|ppc64el|powerpc64le|marvell|rpi)(-|$|=)")
_OFFLINE = "check the network; a package that was fetched once is in the cache and needs none"
_SUITES = "name a package of a suite in /etc/apt/sources.list.d, or add the suite's source there"
_HOST_SOURCES = Path("/etc/apt")
_HOOKS = (
    "APT::Update::Pre-Invoke",
    "APT::Update::Post-Invoke",
    "APT::Update::Post-Invoke-Success",
    "DPkg::Pre-Invoke",
    "DPkg::Post-Invoke",
    "APT::Architectures",
    "APT::Default-Release",
)


@dataclass(frozen=True)
class Package:
    """A package as apt's lists describe it."""

    name: str
    version: str
    sha256: str
    depends: tuple[str, ...]


class Apt:
    """A private apt for armhf. `sources` is a text of deb822 sources; without it the host's are used."""

    def __init__(self, cache: Path | None = None, sources: str | None = None) -> None:
        key = hashlib.sha256((sources or "").encode()).hexdigest()[:16]
        self.packages = (cache or default_directory()) / "debian"
        self.root = self.packages / f"apt-{key}"
        self._sources = sources
        self._tools = {name: shutil.which(name) for name in ("apt-get", "apt-cache", "dpkg-deb")}

    def fetch(self, name: str) -> tuple[Package, Path]:
        """Return the package `name`, also NAME=VERSION, and its file, from the cache or else by `apt-get download`.

        Lists are fetched only where they don't know a package, or know one that the mirror no longer has.
        """
        package = self.find(name)
        if not is_whole(self._file(package), package.sha256):
            try:
                self._download(package)
            except LinuxError:
                self.update()
                package = self.find(name)
                self._download(package)
        return package, self._file(package)

    def _file(self, package: Package) -> Path:
        return self.packages / f"{package.sha256}.deb"

    def find(self, name: str) -> Package:
        """Return what the lists say of `name`; lists that don't know it are fetched anew."""
        _check_name(name)
        self._configure()
        package = self._show(name)
        if package is not None:
            return package
        problem = self.update()
        package = self._show(name)
        if package is None:
            raise self._unknown(name, problem)
        return package

    def state(self) -> str:
        """Return a text that changes when the lists do, or the sources that they come from."""
        files = [*self.root.glob("lists/*"), *_HOST_SOURCES.glob("sources.list"), *_HOST_SOURCES.glob("sources.list.d/*")]
        facts = [(str(file), file.stat()) for file in sorted(files) if file.is_file()]
        return f"{self.root.name}\n" + "\n".join(f"{name} {each.st_size} {each.st_mtime_ns}" for name, each in facts)

    def update(self) -> str:
        """Fetch the lists; return what apt complained about. A mirror of which one part fails still serves the others."""
        self._configure()
        done = self._run("apt-get", "-q", "update")
        return _last_errors(done)

    def _show(self, name: str) -> Package | None:
        done = self._run("apt-cache", "show", "--no-all-versions", name)
        if done.returncode != 0 or not done.stdout.strip():
            return None
        record = Parser().parsestr(done.stdout.split("\n\n")[0])
        if record["Architecture"] not in (ARCHITECTURE, "all"):
            raise LinuxError(f"the package {name} is for {record['Architecture']}, not for {ARCHITECTURE}")
        depends = tuple(each.strip() for each in (record["Depends"] or "").split(","))
        return Package(record["Package"], record["Version"], record["SHA256"] or "", depends)

    def _unknown(self, name: str, problem: str) -> LinuxError:
        """Return the error for a package that is in no list: what it may have meant, or why there are no lists."""
        prefix = name.split("=")[0]
        known = self._run("apt-cache", "pkgnames", prefix.split("-")[0]).stdout.split()
        if not known and problem:
            return LinuxError(f"no list of packages for {ARCHITECTURE} could be fetched: {problem}", _OFFLINE)
        near = difflib.get_close_matches(prefix, known, n=4, cutoff=0.6)
        if _FOREIGN.search(name):
            hint = f"; it is for another architecture than {ARCHITECTURE}, whose kernels are called ...-armmp"
        else:
            hint = f"; near names are {', '.join(near)}" if near else ""
        return LinuxError(f"apt knows no package {name} for {ARCHITECTURE}{hint}", _SUITES)

    def _download(self, package: Package) -> None:
        self.packages.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetch-", dir=self.packages) as folder:
            done = self._run("apt-get", "-q", "download", f"{package.name}={package.version}", cwd=Path(folder))
            found = sorted(Path(folder).glob("*.deb"))
            if done.returncode != 0 or len(found) != 1:
                raise LinuxError(f"apt could not fetch {package.name} {package.version}: {_last_errors(done)}", _OFFLINE)
            if not is_whole(found[0], package.sha256):
                raise LinuxError(f"the file of {package.name} {package.version} does not have the SHA-256 of apt's list")
            os.replace(found[0], self._file(package))

    def _configure(self) -> None:
        """Write the configuration, and make the folders that apt wants to find."""
        for folder in ("lists/partial", "archives/partial", "sources"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        (self.root / "status").touch()
        lines = [f"#clear {name};" for name in _HOOKS]
        values = {
            "APT::Architecture": ARCHITECTURE,
            "APT::Architectures::": ARCHITECTURE,
            "APT::Sandbox::User": "root",
            "Acquire::Retries": "2",
            "Dir::State": str(self.root),
            "Dir::State::lists": "lists/",
            "Dir::State::status": str(self.root / "status"),
            "Dir::Cache": str(self.root),
            "Dir::Cache::archives": "archives/",
            "Dir::Cache::pkgcache": "pkgcache.bin",
            "Dir::Cache::srcpkgcache": "srcpkgcache.bin",
        }
        if self._sources is not None:
            (self.root / "sources" / "ovm.sources").write_text(self._sources)
            values |= {"Dir::Etc::sourcelist": "/dev/null", "Dir::Etc::sourceparts": str(self.root / "sources")}
        lines += [f'{name} "{value}";' for name, value in values.items()]
        (self.root / "apt.conf").write_text("\n".join(lines) + "\n")

    def _run(self, tool: str, *words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        command = [self._tool(tool), "-c", str(self.root / "apt.conf"), *words]
        return subprocess.run(
            command,
            cwd=cwd,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )

    def _tool(self, name: str) -> str:
        found = self._tools[name]
        if found is None:
            raise LinuxError(
                f"kernels of Debian are fetched by {name}, which is not installed here",
                "do it on Debian or Ubuntu, or unpack the kernel by hand and give its path: linux:PATH",
            )
        return found

    @contextmanager
    def unpacked(self, file: Path) -> Iterator[tarfile.TarFile]:
        """Open the content of a package; members come in the order of the archive."""
        command = [self._tool("dpkg-deb"), "--fsys-tarfile", str(file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment()) as process:
            assert process.stdout is not None
            try:
                with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
                    yield archive
            except tarfile.TarError as error:
                raise LinuxError(f"the package {file} can't be unpacked: {error}") from error
            finally:
                process.kill()


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise LinuxError(f"'{name}' is no name of a package", "write debian:NAME or debian:NAME=VERSION")


def _environment() -> Mapping[str, str]:
    return {**os.environ, "LC_ALL": "C", "APT_CONFIG": "/dev/null"}


def _last_errors(done: "subprocess.CompletedProcess[str]") -> str:
    """Return what apt said of what went wrong, in one line."""
    lines = [line[2:].strip() for line in done.stderr.splitlines() if line.startswith("E:")]
    warnings = [line[2:].strip() for line in done.stderr.splitlines() if line.startswith("W:")]
    return (lines or warnings or [""])[0]
