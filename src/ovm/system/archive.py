# SPDX-License-Identifier: Apache-2.0
"""A built system: the boot image, its parts, and the data with which machines run and judge it."""

import errno
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path as FilePath

from ovm.system.images import Image
from ovm.system.plan import Plan

BOOT = "boot.elf"
REPORT = "report.txt"
REPORT_JSON = "report.json"
FLOW = "ovm.flow.json"


@dataclass(frozen=True)
class Stack:
    """Worst-case stack of one entry point, in bytes."""

    entry: str
    bytes: int
    limit: int


@dataclass(frozen=True)
class CoreImage:
    """The hypervisor: its ELF, the sizes of its sections and its worst-case stacks."""

    content: bytes
    sections: dict[str, int]
    functions: dict[str, int]
    stacks: tuple[Stack, ...]
    lines: int
    # The build's identity, as the boot record gives it.
    build: str = ""
    # Bytes from its start to the end of its data.
    occupied: int = 0
    # Calls and loop bounds of the machine code (docs/reference/flow.md), if the description asks for them.
    flow: str = ""

    @property
    def resident(self) -> int:
        """Return the bytes of code and read-only data, which the budget limits."""
        return self.sections.get("text", 0) + self.sections.get("rodata", 0)


@dataclass(frozen=True)
class Archive:
    """Everything that a build makes."""

    plan: Plan
    core: CoreImage
    images: dict[str, Image]
    boot: bytes
    report: str
    report_json: str

    def write(self, folder: FilePath) -> FilePath:
        """Let `folder` appear whole; replace only a folder that an earlier build left there."""
        _check_replaceable(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = FilePath(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            made.chmod(0o755)
            (made / BOOT).write_bytes(self.boot)
            (made / "ovm.elf").write_bytes(self.core.content)
            if self.core.flow:
                (made / FLOW).write_text(self.core.flow)
            for name, image in self.images.items():
                (made / f"{name}.elf").write_bytes(image.content)
            (made / REPORT).write_text(self.report)
            (made / REPORT_JSON).write_text(self.report_json)
            _replace(made, folder)
        except OSError as error:
            # The error of a full disk names no file.
            raise OSError(error.errno, error.strerror or str(error), error.filename or str(folder)) from error
        finally:
            shutil.rmtree(made, ignore_errors=True)
        return folder


def write_whole(file: FilePath, content: bytes) -> None:
    """Let `file` appear whole or not at all."""
    beside = file.with_name(f".{file.name}.part")
    try:
        beside.write_bytes(content)
        os.replace(beside, file)
    finally:
        beside.unlink(missing_ok=True)


def _check_replaceable(folder: FilePath) -> None:
    """Refuse to replace a folder that no build has made: it may hold the user's sources."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / REPORT_JSON).is_file():
        said = "the folder holds files that are no results of ovm: choose another one with -o"
        raise FileExistsError(errno.EEXIST, said, str(folder))


def _replace(made: FilePath, folder: FilePath) -> None:
    """Exchange two folders; rename alone can't replace one that holds files."""
    aside = FilePath(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        if folder.exists():
            os.rename(folder, aside / "before")
        os.rename(made, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
