# SPDX-License-Identifier: Apache-2.0
"""Images of Linux guests: a patched kernel, its initramfs and its device tree, placed in the guest's RAM.

`ovm.linux` does everything that knows Linux; this module gives it the description's keys and the plan's addresses, and turns its
refusals into diagnostics. All Linux guests of a system share one table of patched words.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from ovm.linux.apt import Apt
from ovm.linux.boot_layout import BootLayout, boot_layout
from ovm.linux.busybox import busybox_archive
from ovm.linux.device_tree import blob, with_overlay
from ovm.linux.errors import LinuxError
from ovm.linux.guest_tree import LinuxBoard, Memory, guest_tree, reservations
from ovm.linux.kept import kept
from ovm.linux.patch import NOTHING_ELSE
from ovm.linux.prepared import Prepared, prepare
from ovm.linux.prepared_initramfs import PreparedInitramfs, prepare_initramfs
from ovm.linux.source import KernelSource, kernel_source
from ovm.metal.build.elf import Elf
from ovm.system.boot_elf import Load, boot_elf
from ovm.system.files import IMAGE_MOST, read_plain, reason_of, resolve
from ovm.system.images import Image, KernelFacts, check_limit
from ovm.system.linux_board import linux_board
from ovm.system.model import DEBIAN, Guest, System
from ovm.system.plan import GuestPlan
from ovm.system.problems import DescriptionError
from ovm.system.units import MIB, align_up, size_text

# What is changed in kernels beyond what must be: nothing of which OVM has to do its part yet.
OPTIONS = NOTHING_ELSE
SEED_BYTES = 64
_REPORT_AN_ERROR = "report this with the kernel's version; another kernel of the same distribution may do"


def build_linux(system: System, place: GuestPlan, words_before: tuple[int, ...]) -> Image:
    """Return the image of a Linux guest; `words_before` is the table of patched words of the guests before it."""
    guest = place.guest
    source = _kernel(system, guest)
    with _refusals(system, guest, "image", "S181", "its kernel can't be used"):
        kernel = prepare(source.file, OPTIONS, words_before)
    initrd = _initrd(system, guest, kernel.patched.table)
    with _refusals(system, guest, "image", "S181", "its kernel can't be used"):
        layout = boot_layout(kernel.patched.layout, len(initrd.archive))
    _check_ram(system, guest, layout)
    tree = _tree(system, place, layout, kernel)
    image = _image(place, layout, kernel, initrd, tree)
    check_limit(system, guest, image.bytes_from(place.ram_gpa))
    facts = KernelFacts(
        words=initrd.table,
        registers=(0, 0xFFFF_FFFF, place.ram_gpa + layout.tree.start),
        report=(f"Linux {source.name}", *kernel.report(), *(initrd.report() if initrd.archive else ())),
    )
    return replace(image, kernel=facts)


def _kernel(system: System, guest: Guest) -> KernelSource:
    scheme, _, rest = guest.image.partition(":")
    if f"{scheme}:" == DEBIAN:
        with _refusals(system, guest, "image", "S182", "its kernel can't be had"):
            return kernel_source(guest.image)
    return KernelSource(rest, _file(system, guest, "image", rest))


def _initrd(system: System, guest: Guest, table: tuple[int, ...]) -> PreparedInitramfs:
    """Return the guest's initramfs, with patched modules; an empty one where it has none."""
    if not guest.initrd:
        return PreparedInitramfs(b"", table)
    if guest.initrd.startswith(DEBIAN):
        package, apt = guest.initrd.removeprefix(DEBIAN), Apt()
        with _refusals(system, guest, "initrd", "S182", "its initrd can't be had"):
            archive = kept("busybox", package, lambda: busybox_archive(package, apt=apt), apt)
        return PreparedInitramfs(archive, table)
    file = _file(system, guest, "initrd", guest.initrd)
    with _refusals(system, guest, "initrd", "S183", f"its initrd '{guest.initrd}' can't be used"):
        return prepare_initramfs(file, table, swap_thread_registers=OPTIONS.swap_thread_registers)


def _tree(system: System, place: GuestPlan, layout: BootLayout, kernel: Prepared) -> bytes:
    """Return the device tree, with the guest's overlay."""
    guest, base = place.guest, place.ram_gpa
    seed = hashlib.sha512(f"{system.name} {guest.name} {kernel.sha256}".encode()).digest()[:SEED_BYTES]
    board = replace(
        linux_board(system, place),
        command_line=guest.command_line,
        reserved=(_moved(layout.own, base),),
        initrd=_moved(layout.initrd, base) if layout.initrd else None,
        seed=seed,
    )
    overlay = _file(system, guest, "overlay", guest.overlay) if guest.overlay else b""
    with _refusals(system, guest, "overlay", "S186", "its device tree can't be made"):
        tree = _flattened(board, overlay)
        if len(tree) > layout.tree.size:
            raise LinuxError(
                f"it has {len(tree)} bytes, and there are {layout.tree.size} for it below the kernel", "shorten the overlay"
            )
    return tree


def _flattened(board: LinuxBoard, overlay: bytes) -> bytes:
    tree = blob(guest_tree(board), reservations(board))
    return with_overlay(tree, overlay) if overlay else tree


def _image(place: GuestPlan, layout: BootLayout, kernel: Prepared, initrd: PreparedInitramfs, tree: bytes) -> Image:
    """Return the ELF file that holds all parts at their guest-physical addresses."""
    base = place.ram_gpa
    parts = [("tree", layout.tree.start, tree), ("kernel", layout.image.start, kernel.patched.image)]
    if layout.initrd:
        parts.append(("initrd", layout.initrd.start, initrd.archive))
    loads = [Load(name, base + start, content, len(content)) for name, start, content in parts]
    entry = base + layout.image.start
    content = boot_elf(loads, entry)
    return Image(place.guest.name, content, entry, Elf(content).segments, 0)


def _check_ram(system: System, guest: Guest, layout: BootLayout) -> None:
    """Check that everything that the kernel finds in its RAM at its start fits."""
    if layout.end <= guest.memory:
        return
    parts = [f"{size_text(layout.image.start)} below the kernel", f"{size_text(layout.image.size)} of kernel"]
    parts.append(f"{size_text(layout.zeroed.size)} that it clears")
    if layout.initrd and layout.initrd.start > layout.image.start:
        parts.append(f"{size_text(layout.initrd.size)} of initrd")
    raise DescriptionError(
        [
            system.document.problem(
                "S185", (*guest.path, "memory"), f"Linux guest '{guest.name}' has too little memory to start",
                found=f"memory = {size_text(guest.memory)}", expected=f"at least {' + '.join(parts)} = {size_text(layout.end)}",
                fix=f"write memory = '{align_up(layout.end, 32 * MIB) // MIB}MiB', which leaves some for programs",
            )
        ]
    )  # fmt: skip


def _moved(memory: Memory, base: int) -> Memory:
    return Memory(base + memory.start, memory.size)


def _file(system: System, guest: Guest, key: str, shown: str) -> bytes:
    try:
        return read_plain(resolve(shown, system.folder), IMAGE_MOST)
    except OSError as error:
        raise DescriptionError(
            [
                system.document.problem(
                    "S140", (*guest.path, key), f"the file '{shown}' can't be read", found=reason_of(error),
                    expected="a regular file", fix="paths are relative to the description's folder",
                )
            ]
        ) from error  # fmt: skip


@contextmanager
def _refusals(system: System, guest: Guest, key: str, code: str, what: str) -> Iterator[None]:
    """Turn a refusal of `ovm.linux` into a diagnostic at a key of the guest."""
    try:
        yield
    except LinuxError as error:
        problem = system.document.problem(
            code,
            (*guest.path, key),
            f"Linux guest '{guest.name}': {what}",
            found=error.problem,
            fix=error.fix or _REPORT_AN_ERROR,
        )
        raise DescriptionError([problem]) from error
