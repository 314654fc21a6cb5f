# SPDX-License-Identifier: Apache-2.0
"""Fetching by apt's own tools, from a repository on this machine's disk with made-up packages, without the host noticing."""

import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from ovm.linux.apt import Apt
from ovm.linux.errors import LinuxError
from ovm.linux.source import kernel_source, module_files
from tests.linux.made_up import MadeUp, zimage
from tests.tools import find_tool

KERNEL = zimage(MadeUp().image())
HOST = (
    Path("/var/lib/apt/extended_states"),
    Path("/var/lib/dpkg/status"),
    Path("/var/lib/apt/lists"),
    Path("/var/cache/apt/archives"),
)


@dataclass
class Repository:
    """A folder with packages and their list."""

    folder: Path

    def add(self, name: str, version: str, files: dict[str, bytes], *, depends: str = "", architecture: str = "armhf") -> None:
        """Put a package in, and its record into the list."""
        control = f"Package: {name}\nVersion: {version}\nArchitecture: {architecture}\nMaintainer: nobody <nobody@localhost>\n"
        control += (f"Depends: {depends}\n" if depends else "") + "Description: made up for a test\n"
        root = self.folder / "root"
        for path, content in {"DEBIAN/control": control.encode(), **files}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)
        file = self.folder / f"{name}_{version}.deb"
        build = [find_tool("dpkg-deb"), "--root-owner-group", "-Znone", "--build", str(root), str(file)]
        subprocess.run(build, check=True, capture_output=True)
        subprocess.run(["rm", "-r", str(root)], check=True)
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        record = f"{control}Filename: ./{file.name}\nSize: {file.stat().st_size}\nSHA256: {digest}\n\n"
        with (self.folder / "Packages").open("a") as packages:
            packages.write(record)

    @property
    def sources(self) -> str:
        """Return the repository as a source of apt."""
        return f"Types: deb\nURIs: file:{self.folder}\nSuites: ./\nTrusted: yes\n"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    for tool in ("apt-get", "apt-cache", "dpkg-deb"):
        find_tool(tool)
    made = Repository(tmp_path / "repository")
    made.folder.mkdir()
    module = {"usr/lib/modules/7.2-armmp/kernel/fs/ext4/ext4.ko.xz": b"a module", "usr/lib/modules/7.2-armmp/modules.order": b""}
    made.add("linux-image-6.1-armmp", "6.1.9-1", {"boot/vmlinuz-6.1-armmp": KERNEL, "boot/config-6.1-armmp": b""})
    made.add("linux-image-armmp", "6.1.9-1", {"usr/share/doc/x": b""}, depends="linux-image-6.1-armmp (= 6.1.9-1)")
    split = "linux-base (>= 4), linux-binary-7.2-armmp (= 7.2.1-1), linux-modules-7.2-armmp (= 7.2.1-1)"
    made.add("linux-image-7.2-armmp", "7.2.1-1", {"usr/share/doc/y": b""}, depends=split)
    made.add("linux-binary-7.2-armmp", "7.2.1-1", {"usr/lib/modules/7.2-armmp/vmlinuz": KERNEL})
    made.add("linux-modules-7.2-armmp", "7.2.1-1", module)
    made.add("linux-doc", "1", {"usr/share/doc/z": b""}, architecture="all")
    return made


@pytest.fixture
def apt(repository: Repository, tmp_path: Path) -> Apt:
    return Apt(tmp_path / "cache", repository.sources)


@pytest.mark.parametrize(
    ("name", "kernel", "packages"),
    [
        ("linux-image-6.1-armmp", "6.1-armmp", 1),
        ("linux-image-6.1-armmp=6.1.9-1", "6.1-armmp", 1),
        ("linux-image-armmp", "6.1-armmp", 2),
        ("linux-image-7.2-armmp", "7.2-armmp", 3),
    ],
)
def test_a_kernel_of_each_form_of_packages(apt: Apt, name: str, kernel: str, packages: int) -> None:
    found = kernel_source(f"debian:{name}", apt=apt)
    assert (found.name, found.file, len(found.packages)) == (kernel, KERNEL, packages)
    for package in found.packages:
        assert package.name == hashlib.sha256(package.read_bytes()).hexdigest() + ".deb"


def test_modules_come_from_the_package_that_has_them(apt: Apt) -> None:
    found = kernel_source("debian:linux-image-7.2-armmp", apt=apt)
    path = "usr/lib/modules/7.2-armmp/kernel/fs/ext4/ext4.ko.xz"
    assert list(module_files(found, ["ext4"], apt=apt)) == [(path, b"a module")]
    assert list(module_files(found, ["order"], apt=apt)) == []


def test_a_package_that_was_fetched_once_needs_no_repository(apt: Apt, repository: Repository, tmp_path: Path) -> None:
    kernel_source("debian:linux-image-armmp", apt=apt)
    repository.folder.rename(tmp_path / "away")
    again = kernel_source("debian:linux-image-armmp", apt=Apt(tmp_path / "cache", repository.sources))
    assert again.file == KERNEL


def test_a_damaged_file_of_the_cache_is_fetched_again(apt: Apt) -> None:
    (file,) = kernel_source("debian:linux-image-6.1-armmp", apt=apt).packages
    file.write_bytes(b"damaged")
    assert kernel_source("debian:linux-image-6.1-armmp", apt=apt).file == KERNEL


def test_old_lists_are_fetched_anew_when_the_mirror_has_moved_on(apt: Apt, repository: Repository) -> None:
    assert apt.find("linux-image-6.1-armmp").version == "6.1.9-1"
    (repository.folder / "linux-image-6.1-armmp_6.1.9-1.deb").unlink()
    (repository.folder / "Packages").unlink()
    repository.add("linux-image-6.1-armmp", "6.1.10-1", {"boot/vmlinuz-6.1-armmp": KERNEL + b"new"})
    assert kernel_source("debian:linux-image-6.1-armmp", apt=apt).file == KERNEL + b"new"


def test_the_host_notices_nothing(apt: Apt) -> None:
    before = [_stamp(path) for path in HOST]
    kernel_source("debian:linux-image-armmp", apt=apt)
    assert [_stamp(path) for path in HOST] == before


def _stamp(path: Path) -> tuple[int, list[str]] | None:
    if not path.exists():
        return None
    return path.stat().st_mtime_ns, sorted(each.name for each in path.iterdir()) if path.is_dir() else []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "debian:linux-image-6.2-armmp",
            "apt knows no package linux-image-6.2-armmp for armhf; near names are linux-image-",
        ),
        (
            "debian:linux-image-amd64",
            "apt knows no package linux-image-amd64 for armhf; it is for another architecture than armhf",
        ),
        ("debian:linux-image-6.1-armmp-lpae", r"linux-image-6.1-armmp-lpae needs long descriptors \(LPAE\)"),
        ("debian:linux-image-6.1-armmp=9", "apt knows no package linux-image-6.1-armmp=9 for armhf"),
        ("debian:linux-doc", "the package linux-doc holds no kernel"),
        ("debian:-o Dir=/", "'-o Dir=/' is no name of a package"),
        ("debian:", "'debian:' names no kernel"),
        ("vmlinuz", "'vmlinuz' names no kernel"),
    ],
)
def test_what_is_refused(apt: Apt, text: str, message: str) -> None:
    with pytest.raises(LinuxError, match=message):
        kernel_source(text, apt=apt)


def test_no_repository_at_all(tmp_path: Path) -> None:
    find_tool("apt-get")
    sources = f"Types: deb\nURIs: file:{tmp_path}/nowhere\nSuites: ./\nTrusted: yes\n"
    with pytest.raises(LinuxError, match="no list of packages for armhf could be fetched: .*nowhere"):
        kernel_source("debian:linux-image-armmp", apt=Apt(tmp_path / "cache", sources))


def test_a_file_that_the_list_does_not_mean(apt: Apt, repository: Repository) -> None:
    file = repository.folder / "linux-image-6.1-armmp_6.1.9-1.deb"
    file.write_bytes(file.read_bytes() + b"\0")
    with pytest.raises(LinuxError, match="apt could not fetch linux-image-6.1-armmp 6.1.9-1: "):
        kernel_source("debian:linux-image-6.1-armmp", apt=apt)


def test_no_apt_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LinuxError, match="fetched by apt-cache, which is not installed here"):
        kernel_source("debian:linux-image-armmp", apt=Apt(tmp_path))


def test_a_kernel_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "vmlinuz").write_bytes(KERNEL)
    assert kernel_source("linux:vmlinuz", base=tmp_path).file == KERNEL
    with pytest.raises(LinuxError, match="the kernel .*Image can't be read: No such file"):
        kernel_source("linux:Image", base=tmp_path)


def test_a_damaged_package_is_said(tmp_path: Path) -> None:
    find_tool("dpkg-deb")
    (tmp_path / "bad.deb").write_bytes(b"no package")
    with pytest.raises(LinuxError, match="can't be unpacked"), Apt(tmp_path).unpacked(tmp_path / "bad.deb"):
        pass


def test_unpacking_reads_members_in_order(apt: Apt, repository: Repository) -> None:
    with apt.unpacked(repository.folder / "linux-image-6.1-armmp_6.1.9-1.deb") as archive:
        names = [member.name for member in archive if member.isfile()]
    assert sorted(names) == ["./boot/config-6.1-armmp", "./boot/vmlinuz-6.1-armmp"]
