# SPDX-License-Identifier: Apache-2.0
"""Rules about the resources of a guest besides its RAM: devices, files, regions."""

import re

from ovm.abi.config import Level
from ovm.abi.vcpu_page import PAGE_REGIONS
from ovm.system.document import suggestion
from ovm.system.model import Board, Device, Guest, System
from ovm.system.problems import Note, Problems

# Files that a build and a run leave in the result's folder.
OWN_RESULTS = ("boot.elf", "ovm.elf", "report.txt", "report.json", "run.json")
_SAVED = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")


def check_devices(system: System, problems: Problems) -> None:
    """Check that a device exists, isn't OVM's, has one owner, and reaches no memory by itself unless `dma` allows it."""
    owners: dict[str, Guest] = {}
    for guest in system.guests:
        for index, name in enumerate(guest.devices):
            device = system.board.devices.get(name)
            if device is None:
                _unknown_device(system, guest, index, problems)
                continue
            _device_may_be_given(system, guest, index, device, problems)
            _one_owner(system, guest, index, owners.setdefault(name, guest), problems)


def _own_devices(board: Board) -> set[str]:
    """Return the devices that OVM or a machine keeps."""
    return {board.core.uart, board.core.private, board.core.level2_cache, board.core.slcr, board.qemu.slice_timer}


def _unknown_device(system: System, guest: Guest, index: int, problems: Problems) -> None:
    board, name = system.board, guest.devices[index]
    own = _own_devices(board)
    free = [each for each in board.devices if each not in own]
    meant = suggestion(name, free)
    problems.add(
        system.document.problem(
            "S150", (*guest.path, "devices", index), f"{board.name} has no device '{name}'",
            expected=f"one of: {', '.join(free)}",
            fix=f"did you mean '{meant}'?" if meant else "choose one of these",
        )
    )  # fmt: skip


def _device_may_be_given(system: System, guest: Guest, index: int, device: Device, problems: Problems) -> None:
    """Check that a guest may have a device at all."""
    board, name = system.board, guest.devices[index]
    own = _own_devices(board)
    path = (*guest.path, "devices", index)
    if name in own:
        problems.add(
            system.document.problem(
                "S151", path, f"device '{name}' belongs to OVM", found=f"'{name}' at {device.range}",
                notes=[board.document.note(f"the board gives '{name}' to OVM", ("core",))],
                fix="choose another device; a guest's console is the hypercall CONSOLE_WRITE or its HrtPage",
            )
        )  # fmt: skip
    elif device.dma and not guest.dma:
        problems.add(
            system.document.problem(
                "S152", path, f"device '{name}' moves data by itself and could reach any memory",
                expected="dma = true in the guest's table: there is no IOMMU, so it must be trusted",
                fix=f"add dma = true to guest '{guest.name}', or don't give it '{name}'",
            )
        )  # fmt: skip
    elif board.security and not device.opened_by:
        able = [each.name for each in board.devices.values() if each.opened_by and each.name not in own]
        problems.add(
            system.document.problem(
                "S157", path, f"device '{name}' can't be opened to a guest: it stays the Secure world's",
                expected=f"a device that a security register opens alone: {', '.join(able)}",
                notes=[board.document.note("the board's security registers", ("security",))],
                fix=f"choose one of these, or give '{name}' opened_by and opened_bit in the board file",
            )
        )  # fmt: skip


def _one_owner(system: System, guest: Guest, index: int, first: Guest, problems: Problems) -> None:
    """Check that no other guest has a device, and that this one names it once; `first` is the first guest that has it."""
    name = guest.devices[index]
    path = (*guest.path, "devices", index)
    if first is guest and name in guest.devices[:index]:
        problems.add(
            system.document.problem("S153", path, f"guest '{guest.name}' has device '{name}' twice", fix=f"write '{name}' once")
        )
    if first is not guest:
        problems.add(
            system.document.problem(
                "S153", path, f"guests '{first.name}' and '{guest.name}' both drive device '{name}'",
                found=f"'{name}' at {system.board.devices[name].range}",
                notes=[system.document.note(f"'{first.name}' has it", (*first.path, "devices"))],
                fix=f"take '{name}' from one of them",
            )
        )  # fmt: skip


def check_regions(system: System, guest: Guest, problems: Problems) -> None:
    """Check that files and regions belong to deprivileged guests, fit into the vCPU page, and have different names."""
    _region_count(system, guest, problems)
    seen: dict[str, tuple[str | int, ...]] = {}
    for region in guest.regions:
        first = seen.setdefault(region.name, region.path)
        if first != region.path:
            problems.add(
                system.document.problem(
                    "S111", region.path, f"two regions of guest '{guest.name}' are called '{region.name}'",
                    notes=[system.document.note(f"the first '{region.name}'", first)],
                    fix="give one of them another name",
                )
            )  # fmt: skip
        if region.save and not region.writable:
            problems.add(
                system.document.problem(
                    "S163", (*region.path, "save"), f"region '{region.name}' is read-only, so there is nothing to save",
                    fix="add writable = true, or remove save",
                )
            )  # fmt: skip


def _region_count(system: System, guest: Guest, problems: Problems) -> None:
    """Check that an HRT guest has no regions, and others not too many."""
    if guest.regions and guest.level is Level.HRT:
        one = guest.regions[0]
        channel = f"channel '{one.name}' can't have an end at HRT guest '{guest.name}'"
        problems.add(
            system.document.problem(
                "S162", one.path,
                channel if one.channel >= 0 else f"HRT guest '{guest.name}' can't have files or regions",
                expected="its RAM and devices alone: it maps its memory itself",
                notes=[system.document.note(f"HRT guest '{guest.name}'", guest.path)],
                fix="put the data into the guest's image, or make it an SRT or NRT guest",
            )
        )  # fmt: skip
    if len(guest.regions) > PAGE_REGIONS:
        extra = guest.regions[PAGE_REGIONS]
        problems.add(
            system.document.problem(
                "S161", extra.path, f"guest '{guest.name}' has too many files and regions",
                found=str(len(guest.regions)),
                expected=f"at most {PAGE_REGIONS}, its ends of channels included: its vCPU page lists no more",
                notes=[system.document.note(f"guest '{guest.name}'", guest.path)], fix=f"remove '{extra.name}'",
            )
        )  # fmt: skip


def check_saves(system: System, problems: Problems) -> None:
    """Check that a run saves to files of its own in the result's folder."""
    taken: dict[str, str] = dict.fromkeys(OWN_RESULTS, "OVM's own results")
    taken |= {f"{guest.name}.elf": f"the image of guest '{guest.name}'" for guest in system.guests}
    for guest in system.guests:
        for region in guest.regions:
            if not region.save:
                continue
            path = (*region.path, "save")
            if not _SAVED.fullmatch(region.save):
                problems.add(
                    system.document.problem(
                        "S164", path, f"region '{region.name}' can't be saved there", found=f"'{region.save}'",
                        expected="a plain name, at most 64 letters, digits, '.', '_' and '-': it goes to the result's folder",
                        fix=f"write save = '{region.name}.bin'",
                    )
                )  # fmt: skip
            elif region.save in taken:
                problems.add(
                    system.document.problem(
                        "S164", path, f"region '{region.name}' would overwrite another file", found=f"'{region.save}'",
                        notes=[Note(f"'{region.save}' holds {taken[region.save]}")],
                        fix=f"write save = '{guest.name}-{region.name}.bin'",
                    )
                )  # fmt: skip
            taken.setdefault(region.save, f"region '{region.name}' of guest '{guest.name}'")

