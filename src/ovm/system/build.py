# SPDX-License-Identifier: Apache-2.0
"""The steps of a build in order, from a description to an archive: read, check, plan, compile, link, report."""

from collections.abc import Callable
from pathlib import Path as FilePath

from ovm.abi.config import FRAME_BYTES
from ovm.metal.build.elf import Elf
from ovm.system.archive import Archive, CoreImage
from ovm.system.boot_elf import Load, boot_elf
from ovm.system.checked import Change, checked
from ovm.system.core_image import build_core
from ovm.system.images import Image, build_image
from ovm.system.model import System
from ovm.system.plan import GuestPlan, Plan, plan
from ovm.system.report import report_json, report_text
from ovm.system.units import align_up

Progress = Callable[[str], None]
# Attempts to plan again after the first one; the size of OVM's code hardly depends on its place.
ATTEMPTS = 3


def build(file: FilePath, progress: Progress, shown: str = "", board: str = "", change: Change | None = None) -> Archive:
    """Build the description in `file`, changed by `change`; `progress` is told each step."""
    progress("checking the description")
    system, draft = checked(file, shown, board, change)
    made = _build(system, draft, 0, progress)
    for _ in range(ATTEMPTS):
        own_bytes = align_up(made.core.occupied, FRAME_BYTES)
        if own_bytes <= made.plan.ovm_limit - made.plan.ovm.start:
            return made
        # OVM is larger than the plan's guess, so its tables move, and perhaps what lies behind them.
        made = _build(system, plan(system, ovm_bytes=own_bytes), own_bytes, progress)
    raise ValueError("OVM's size changes with its place")


def _build(system: System, draft: Plan, own_bytes: int, progress: Progress) -> Archive:
    """Build the system as `draft` places it, with `own_bytes` for OVM's code and data (0: a guess)."""
    images: dict[str, Image] = {}
    words: tuple[int, ...] = ()
    for place in draft.guests:
        progress(f"building guest {place.guest.name}")
        image = _guest_image(system, place, words)
        words = image.kernel.words if image.kernel else words
        images[place.guest.name] = image
    taken = {place.guest.name: images[place.guest.name].bytes_from(place.ram_gpa) for place in draft.guests}
    final = plan(system, taken, own_bytes)
    progress("compiling OVM")
    guests = _guest_loads(final, images)
    core = build_core(final, images, [each for each in guests if each.data])
    progress("linking the boot image")
    return Archive(
        plan=final,
        core=core,
        images=images,
        boot=boot_elf(_own_loads(core) + guests, Elf(core.content).entry),
        report=report_text(final, core, images),
        report_json=report_json(final, core, images),
    )


def _guest_image(system: System, place: GuestPlan, words: tuple[int, ...]) -> Image:
    """Return a guest's image; `words` are the patched words of the kernels before it."""
    if not place.guest.is_linux:
        return build_image(system, place)
    # Imported here: other systems need nothing of it.
    from ovm.system.linux_guest import build_linux

    return build_linux(system, place, words)


def _own_loads(core: CoreImage) -> list[Load]:
    """Return the parts of OVM itself that the boot image loads."""
    return [Load("OVM", each.physical, each.data, each.memory_size) for each in Elf(core.content).segments if each.memory_size]


def _guest_loads(final: Plan, images: dict[str, Image]) -> list[Load]:
    """Return everything else that the boot image loads, at physical addresses."""
    # Memory that starts as zeroes; a channel's memory is listed once, though it has several ends.
    empty: dict[int, Load] = {}
    loads = []
    for place in final.guests:
        content = images[place.guest.name].loaded_from(place.ram_gpa)
        loads.append(Load(place.guest.name, place.physical(place.ram_gpa), content, len(content)))
        for region in place.regions:
            if region.region.file is not None:
                content = region.region.file.read_bytes()[: region.region.length]
                content = content.ljust(align_up(len(content), FRAME_BYTES), b"\0")
                loads.append(Load(region.region.name, region.phys, content, len(content)))
            else:
                empty[region.phys] = Load(region.region.name, region.phys, b"", region.region.length)
    return loads + list(empty.values())
