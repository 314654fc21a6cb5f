# SPDX-License-Identifier: Apache-2.0
"""Rules for guests whose image is a kernel of Linux, and for the keys that only these have."""

import importlib.util
from collections.abc import Callable

from ovm.abi.config import Level
from ovm.system.check_limits import GUEST_BASE
from ovm.system.files import exists, is_plain, resolve
from ovm.system.model import DEBIAN, LINUX, Guest, Range, System
from ovm.system.problems import Problems
from ovm.system.units import MIB, address_text

_KEYS = ("initrd", "cmdline", "overlay")
_FOREIGN_KEYS = {"arguments": "the page that a guest shares with OVM", "constants": "modules of a metal guest"}
# Modules that the extra ovm[linux] brings.
_MODULES = ("zstandard", "libfdt")
# A kernel takes its RAM to begin at a multiple of this: of 2 MiB since 5.11, before that of 16 MiB (arch/arm/Kconfig,
# ARM_PATCH_PHYS_VIRT).
_RAM_MULTIPLE = 16 * MIB
# Of a Cortex-A9's private block, the part with its interrupt controller.
_PRIVATE_BYTES = 0x2000


def check_linux(system: System, guest: Guest, problems: Problems) -> None:
    """Check a Linux guest, and that no other guest has a key of Linux guests."""
    if not guest.is_linux:
        _refuse_keys(system, guest, problems)
        return
    for rule in _RULES:
        rule(system, guest, problems)


def _refuse_keys(system: System, guest: Guest, problems: Problems) -> None:
    for key in _KEYS:
        if key in system.document.values["guest"][guest.index]:
            problems.add(
                system.document.problem(
                    "S187", (*guest.path, key), f"'{key}' means nothing for guest '{guest.name}'", key=True,
                    found=f"image = '{guest.image}'", expected=f"a kernel of Linux: image = '{LINUX}...' or '{DEBIAN}...'",
                    notes=[system.document.note("its image", (*guest.path, "image"))], fix=f"remove {key}",
                )
            )  # fmt: skip


def _foreign_keys(system: System, guest: Guest, problems: Problems) -> None:
    for key, where in _FOREIGN_KEYS.items():
        if key in system.document.values["guest"][guest.index]:
            problems.add(
                system.document.problem(
                    "S187", (*guest.path, key), f"'{key}' means nothing for Linux guest '{guest.name}'", key=True,
                    expected=f"no '{key}': it is for {where}, of which Linux knows nothing",
                    fix=f"remove {key}; a kernel takes words in cmdline",
                )
            )  # fmt: skip


def _level(system: System, guest: Guest, problems: Problems) -> None:
    if guest.level is not Level.NRT:
        problems.add(
            system.document.problem(
                "S189", (*guest.path, "level"), f"Linux guest '{guest.name}' can't be {guest.level_name.upper()}",
                expected="level = 'nrt': Linux needs shadow pages and emulated devices, which only NRT guests have",
                notes=[system.document.note("its image", (*guest.path, "image"))], fix="write level = 'nrt'",
            )
        )  # fmt: skip


def _modules(system: System, guest: Guest, problems: Problems) -> None:
    missing = [name for name in _MODULES if importlib.util.find_spec(name) is None]
    if missing:
        problems.add(
            system.document.problem(
                "S188", (*guest.path, "image"), "OVM is installed without what Linux guests need",
                found=f"no Python module {' and no '.join(missing)}", expected="the extra ovm[linux]",
                fix="pip install 'ovm[linux]'; it needs a C compiler and Python's headers (gcc, python3-dev)",
            )
        )  # fmt: skip


def _files(system: System, guest: Guest, problems: Problems) -> None:
    """Check that the files are there; whether they can be used turns out in the build."""
    _file(system, guest, problems, "image", guest.image.removeprefix(LINUX))
    _file(system, guest, problems, "initrd", guest.initrd)
    _file(system, guest, problems, "overlay", guest.overlay)


def _file(system: System, guest: Guest, problems: Problems, key: str, shown: str) -> None:
    path = (*guest.path, key)
    if key != "overlay" and shown.startswith(DEBIAN):
        if shown == DEBIAN:
            problems.add(
                system.document.problem(
                    "S182", path, f"'{shown}' names no package", expected="debian:NAME or debian:NAME=VERSION",
                    fix=f"write {key} = '{DEBIAN}{'linux-image-armmp' if key == 'image' else 'busybox-static'}'",
                )
            )  # fmt: skip
        return
    if key not in system.document.values["guest"][guest.index]:
        return
    file = resolve(shown, system.folder)
    if not shown or not is_plain(file):
        problems.add(
            system.document.problem(
                "S140", path, f"'{shown}' is no regular file" if shown and exists(file) else f"there is no file '{shown}'",
                found=f"looked in {system.folder}/", expected=_EXPECTED[key],
                fix="paths are relative to the description's folder",
            )
        )  # fmt: skip


_EXPECTED = {
    "image": "a vmlinuz (zImage) or an Image, for armhf",
    "initrd": "archives (cpio newc), compressed or not, or debian:busybox-static",
    "overlay": "a compiled overlay of a device tree (.dtbo)",
}


def _command_line(system: System, guest: Guest, problems: Problems) -> None:
    odd = next((letter for letter in guest.command_line if not letter.isascii()), "")
    if odd:
        problems.add(
            system.document.problem(
                "S184", (*guest.path, "cmdline"), f"the command line of Linux guest '{guest.name}' is not ASCII",
                found=f"'{odd}' at character {guest.command_line.index(odd) + 1}", expected="ASCII: a kernel compares bytes",
                fix="write it without accents and signs of other alphabets",
            )
        )  # fmt: skip


def _places(system: System, guest: Guest, problems: Problems) -> None:
    """Check that RAM begins where a kernel can be, and that it doesn't hide the interrupt controller."""
    start = GUEST_BASE if guest.address is None else guest.address
    if start % MIB == 0 and start % _RAM_MULTIPLE:
        problems.add(
            system.document.problem(
                "S108", (*guest.path, "address"), f"the address of Linux guest '{guest.name}' is not aligned",
                found=address_text(start), expected="a multiple of 16 MiB: a kernel finds its RAM by that",
                fix=f"write address = {address_text(start // _RAM_MULTIPLE * _RAM_MULTIPLE)}, or leave it out",
            )
        )  # fmt: skip
    ram = Range(start, guest.memory)
    private = system.board.devices[system.board.core.private]
    block = Range(private.range.start, _PRIVATE_BYTES)
    if ram.overlaps(block):
        problems.add(
            system.document.problem(
                "S121", (*guest.path, "memory"), f"the memory of Linux guest '{guest.name}' overlaps its interrupt controller",
                found=f"memory at {ram}, interrupt controller at {block}",
                expected="both apart: a Cortex-A9 tells where the second one is, and nobody can change that (CBAR)",
                notes=[system.board.document.note(f"private block of {system.board.name}", private.path)],
                fix=f"write memory = '{max(block.start - start, 0) // MIB}MiB' or less, or another address",
            )
        )  # fmt: skip


_RULES: tuple[Callable[[System, Guest, Problems], None], ...] = (
    _foreign_keys,
    _level,
    _modules,
    _files,
    _command_line,
    _places,
)
