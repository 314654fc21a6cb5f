# SPDX-License-Identifier: Apache-2.0
"""An initramfs with a shell, from a distribution's package of a static busybox: `debian:busybox-static`.

It holds the program, a link for each of its applets, and a short /init, which starts a shell, or the command that the kernel's
command line gives behind `--`, and powers off at its end.
"""

import stat
from collections.abc import Iterator

from ovm.linux.apt import Apt
from ovm.linux.errors import LinuxError
from ovm.linux.initramfs import TRAILER, Entry, packed

_PROGRAM = ("bin/busybox", "usr/bin/busybox")
# The table of applets in the program: names in the order of their bytes, each with a zero behind it, and an empty one.
_FIRST_APPLETS = b"[\0[[\0"
_MOST_APPLETS = 1000
_NEEDED = {"sh", "mount", "setsid", "cttyhack", "poweroff"}
_FOLDERS = ("bin", "dev", "proc", "root", "sys", "tmp")
_INIT = b"""#!/bin/sh
# The first program of a guest: a shell on the console, or the command behind -- of the kernel's command line.
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
export HOME=/root
cd
if [ $# -gt 0 ]; then "$@"; else setsid cttyhack sh; fi
poweroff -f
"""
# Fields of an entry's header (Documentation/driver-api/early-userspace/buffer-format.rst).
_INODE, _MODE, _LINKS, _DEVICE_MAJOR, _DEVICE_MINOR, _FIELDS = 0, 1, 4, 9, 10, 13
_MAGIC = b"070701"
# Documentation/admin-guide/devices.txt: the system console.
_CONSOLE = (5, 1)


def busybox_archive(package: str, *, apt: Apt | None = None) -> bytes:
    """Return the initramfs of a package's busybox, not compressed."""
    private = apt or Apt()
    _, file = private.fetch(package)
    with private.unpacked(file) as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.name.removeprefix("./") in _PROGRAM else None
            if stream is not None:
                return archive_of(stream.read())
    raise LinuxError(f"the package {package} holds no bin/busybox", "write initrd = 'debian:busybox-static', or name a file")


def archive_of(program: bytes) -> bytes:
    """Return the initramfs of a busybox."""
    names = applets(program)
    files = [(name, stat.S_IFDIR | 0o755, b"") for name in _FOLDERS]
    files += [("init", stat.S_IFREG | 0o755, _INIT), ("bin/busybox", stat.S_IFREG | 0o755, program)]
    files += [(f"bin/{name}", stat.S_IFLNK | 0o777, b"busybox") for name in names if name != "busybox"]
    entries = [_entry(number, name, mode, content) for number, (name, mode, content) in enumerate(files, start=1)]
    entries.append(_entry(len(files) + 1, "dev/console", stat.S_IFCHR | 0o600, b"", _CONSOLE))
    entries.append(Entry(_MAGIC, (0,) * _FIELDS, TRAILER, b""))
    return b"".join(map(packed, entries))


def applets(program: bytes) -> tuple[str, ...]:
    """Return the names of the applets in a busybox; one without what /init needs is refused."""
    names = tuple(_names(program, program.find(_FIRST_APPLETS)))
    missing = sorted(_NEEDED - set(names))
    if missing:
        raise LinuxError(
            f"this busybox has no {', '.join(missing)}, or a table of applets that is not known here",
            "write initrd = 'debian:busybox-static', or name a file",
        )
    return names


def _names(program: bytes, at: int) -> Iterator[str]:
    before = b""
    for _ in range(_MOST_APPLETS if at >= 0 else 0):
        name = program[at : program.find(b"\0", at)]
        # Sorted, and a file's name: it becomes one.
        if name <= before or b"/" in name or not name.isascii():
            return
        yield name.decode()
        before, at = name, at + len(name) + 1


def _entry(inode: int, name: str, mode: int, content: bytes, device: tuple[int, int] = (0, 0)) -> Entry:
    fields = [0] * _FIELDS
    fields[_INODE], fields[_MODE], fields[_LINKS] = inode, mode, 1
    fields[_DEVICE_MAJOR], fields[_DEVICE_MINOR] = device
    return Entry(_MAGIC, tuple(fields), name.encode(), content)
