# SPDX-License-Identifier: Apache-2.0
"""Judge a description before anything is built: levels, CPUs, devices, regions, names of images.

Each rule is one function that adds diagnostics. Rules about sections and lock entries are in `sections`, about room
in RAM in `plan`.
"""

import importlib.util
from collections.abc import Callable
from pathlib import Path as FilePath

from ovm.abi.config import Level
from ovm.system.document import suggestion
from ovm.system.model import Guest, System
from ovm.system.problems import Problems
from ovm.system.sections import check_sections
from ovm.system.units import MIB, address_text, size_text

DEPRIVILEGED_MAXIMUM = 7
GUEST_REGIONS_MAXIMUM = 4
UTILISATION_MAXIMUM_PERCENT = 95
MINIMUM_BUDGET_US = 20
GATE_MEGABYTE = 0xFFF0_0000
METAL = "metal:"


def check(system: System) -> None:
    """Raise every problem of `system` that can be seen without building it."""
    problems = Problems()
    for guest in system.guests:
        for rule in _GUEST_RULES:
            rule(system, guest, problems)
    for check_all in _SYSTEM_RULES:
        check_all(system, problems)
    problems.stop_if_any()


def image_path(system: System, guest: Guest) -> FilePath:
    """The folder or file that a guest's image comes from."""
    return system.folder / guest.image


def _keys_of_level(system: System, guest: Guest, problems: Problems) -> None:
    """Each level has its own keys; a key that would be ignored is an error."""
    written = system.document.values["guest"][guest.index]
    for key, level, why in _LEVEL_KEYS:
        if key in written and guest.level is not level:
            problems.add(
                system.document.problem(
                    "S115", (*guest.path, key), key=True,
                    message=f"'{key}' means nothing for {guest.level_name.upper()} guest '{guest.name}'",
                    expected=f"'{key}' {why}", fix=f"remove it, or set level = '{level.name.lower()}'",
                )
            )  # fmt: skip
    if guest.level is Level.SRT:
        for key in ("budget_us", "period_us"):
            if key not in written:
                problems.add(
                    system.document.problem(
                        "S103", guest.path, f"SRT guest '{guest.name}' lacks the key '{key}'",
                        expected="budget_us of CPU time in every period_us", fix=f"add '{key} = ...' to this table",
                    )
                )  # fmt: skip


_LEVEL_KEYS = (
    ("budget_us", Level.SRT, "is an SRT guest's reservation"),
    ("period_us", Level.SRT, "is an SRT guest's reservation"),
    ("limit", Level.NRT, "bounds the pages that an NRT guest takes from the pool"),
    ("devices", Level.HRT, "are driven by HRT guests only"),
    ("dma", Level.HRT, "comes with devices, which only HRT guests drive"),
)


def _cpu(system: System, guest: Guest, problems: Problems) -> None:
    cpus = system.board.cpus
    path = (*guest.path, "cpu")
    if guest.cpu >= cpus:
        problems.add(
            system.document.problem(
                "S130", path, f"guest '{guest.name}' is on CPU {guest.cpu}, which {system.board.name} doesn't have",
                expected=f"0 to {cpus - 1}", fix=f"write cpu = {1 if guest.level is Level.HRT else 0}",
            )
        )  # fmt: skip
    elif guest.level is Level.HRT and guest.cpu == 0:
        problems.add(
            system.document.problem(
                "S131", path, f"HRT guest '{guest.name}' can't have CPU 0",
                expected="a CPU of its own: CPU 0 runs OVM's scheduler and every SRT and NRT guest",
                fix="write cpu = 1",
            )
        )  # fmt: skip
    elif guest.level is not Level.HRT and guest.cpu != 0:
        owner = _hrt_guest_on(system, guest.cpu)
        notes = [system.document.note(f"HRT guest '{owner.name}' owns CPU {guest.cpu}", owner.path)] if owner else []
        problems.add(
            system.document.problem(
                "S131", path, f"{guest.level_name.upper()} guest '{guest.name}' can't run on CPU {guest.cpu}",
                expected="CPU 0: the others are for HRT guests", notes=notes, fix="write cpu = 0, or leave the key out",
            )
        )  # fmt: skip


def _hrt_guest_on(system: System, cpu: int) -> Guest | None:
    return next((each for each in system.guests if each.level is Level.HRT and each.cpu == cpu), None)


def _exclusive_cpu(system: System, problems: Problems) -> None:
    owners: dict[int, Guest] = {}
    for guest in system.guests:
        if guest.level is not Level.HRT:
            continue
        other = owners.setdefault(guest.cpu, guest)
        if other is not guest:
            problems.add(
                system.document.problem(
                    "S132", (*guest.path, "cpu"), f"HRT guests '{other.name}' and '{guest.name}' share CPU {guest.cpu}",
                    expected="a CPU for each HRT guest alone",
                    notes=[system.document.note(f"'{other.name}' owns CPU {guest.cpu}", (*other.path, "cpu"))],
                    fix=f"make '{guest.name}' an SRT guest, or remove it",
                )
            )  # fmt: skip


def _reservation(system: System, guest: Guest, problems: Problems) -> None:
    if guest.level is not Level.SRT or not guest.budget_us or not guest.period_us:
        return
    path = (*guest.path, "budget_us")
    if guest.budget_us > guest.period_us:
        problems.add(
            system.document.problem(
                "S134", path, f"guest '{guest.name}' wants more time than there is",
                found=f"{guest.budget_us} us in every {guest.period_us} us",
                expected="budget_us no greater than period_us",
                notes=[system.document.note(f"period_us = {guest.period_us}", (*guest.path, "period_us"))],
                fix=f"write budget_us = {guest.period_us * 4 // 10} or so",
            )
        )  # fmt: skip
    elif guest.budget_us < MINIMUM_BUDGET_US:
        problems.add(
            system.document.problem(
                "S134", path, f"the budget of guest '{guest.name}' is too short to switch to it",
                found=f"{guest.budget_us} us", expected=f"at least {MINIMUM_BUDGET_US} us",
                fix=f"write budget_us = {MINIMUM_BUDGET_US} and a longer period",
            )
        )  # fmt: skip


def _utilisation(system: System, problems: Problems) -> None:
    """EDF serves every reservation exactly when they add up to no more than the CPU (Liu and Layland 1973)."""
    admitted = [each for each in system.guests if each.level is Level.SRT and each.period_us and each.budget_us]
    shares = [(each, each.budget_us * 100 / each.period_us) for each in admitted]
    total = sum(share for _, share in shares)
    if total <= UTILISATION_MAXIMUM_PERCENT or any(share > 100 for _, share in shares):
        return
    terms = " + ".join(f"{each.budget_us}/{each.period_us}" for each in admitted)
    last = admitted[-1]
    left = UTILISATION_MAXIMUM_PERCENT - (total - shares[-1][1])
    room = max(0, int(last.period_us * left / 100))
    problems.add(
        system.document.problem(
            "S133", (*last.path, "budget_us"),
            f"the SRT guests of CPU 0 can't all be served: '{last.name}' is too much",
            found=f"{terms} = {total:.1f} %",
            expected=f"at most {UTILISATION_MAXIMUM_PERCENT} %: the rest is for OVM's own work",
            notes=[
                system.document.note(f"'{each.name}' takes {share:.1f} %", (*each.path, "budget_us"))
                for each, share in shares[:-1]
            ],
            fix=f"write budget_us = {room}" if room >= MINIMUM_BUDGET_US else f"remove '{last.name}'",
        )
    )  # fmt: skip


def _memory(system: System, guest: Guest, problems: Problems) -> None:
    if guest.level is Level.HRT and guest.memory % MIB:
        problems.add(
            system.document.problem(
                "S120", (*guest.path, "memory"), f"memory of HRT guest '{guest.name}' is not made of sections",
                found=size_text(guest.memory), expected="a multiple of 1 MiB: its straight map is built of sections",
                fix=f"write memory = '{-(-guest.memory // MIB)}MiB'",
            )
        )  # fmt: skip
    if guest.level is Level.NRT and guest.limit > guest.memory:
        problems.add(
            system.document.problem(
                "S126", (*guest.path, "limit"), f"the limit of guest '{guest.name}' is greater than its memory",
                found=f"limit = {size_text(guest.limit)}", expected=f"at most memory = {size_text(guest.memory)}",
                notes=[system.document.note("its memory", (*guest.path, "memory"))],
                fix="lower the limit, or leave it out",
            )
        )  # fmt: skip
    if guest.address is not None:
        _address(system, guest, problems)


def _address(system: System, guest: Guest, problems: Problems) -> None:
    """An HRT guest's address is physical, any other's guest-physical."""
    assert guest.address is not None
    path = (*guest.path, "address")
    if guest.address % MIB:
        problems.add(
            system.document.problem(
                "S108", path, f"the address of guest '{guest.name}' is not aligned",
                found=address_text(guest.address), expected="a multiple of 1 MiB",
                fix=f"write address = {address_text(guest.address // MIB * MIB)}",
            )
        )  # fmt: skip
    elif guest.level is not Level.HRT and guest.address + guest.memory > GATE_MEGABYTE:
        problems.add(
            system.document.problem(
                "S121", path, f"the memory of guest '{guest.name}' overlaps the gate",
                found=f"'{guest.name}' ends at {address_text(min(guest.address + guest.memory, 1 << 32) - 1)}",
                expected="guest-physical memory below the last megabyte, which holds OVM's gate and trap pages",
                fix="choose a lower address, or leave it out (0x1000_0000)",
            )
        )  # fmt: skip


def _image(system: System, guest: Guest, problems: Problems) -> None:
    path = (*guest.path, "image")
    if not guest.image:
        return
    if guest.image.startswith(METAL):
        package = guest.image.removeprefix(METAL)
        if not _package_exists(package):
            samples = _sample_guests()
            near = suggestion(package.rpartition(".")[2], samples)
            meant = samples.get(near, "")
            problems.add(
                system.document.problem(
                    "S144", path, f"there is no package '{package}' with a module 'guest'",
                    expected="a Python package with guest.py, on the import path",
                    fix=f"did you mean '{METAL}{meant}'?" if meant else "check the spelling, or the import path",
                )
            )  # fmt: skip
        return
    file = image_path(system, guest)
    if not file.exists():
        problems.add(
            system.document.problem(
                "S140", path, f"there is no image '{guest.image}'", found=f"looked in {system.folder}/",
                expected="'metal:' and a package, a folder with C sources, or an ELF file",
                fix="paths are relative to the description's folder",
            )
        )  # fmt: skip
    elif file.is_dir() and not any(item.suffix in (".c", ".S") for item in file.iterdir()):
        problems.add(
            system.document.problem(
                "S145", path, f"the folder '{guest.image}' holds no C sources", expected="at least one .c or .S file",
                fix="put the guest's sources there, or name another folder",
            )
        )  # fmt: skip


def _package_exists(package: str) -> bool:
    try:
        return importlib.util.find_spec(f"{package}.guest") is not None
    except (ImportError, ValueError):
        return False


def _sample_guests() -> dict[str, str]:
    folder = FilePath(__file__).parent.parent / "guests"
    return {each.parent.name: f"ovm.guests.{each.parent.name}" for each in sorted(folder.glob("*/guest.py"))}


def _devices(system: System, problems: Problems) -> None:
    board = system.board
    own = {board.core.uart, board.core.private, board.core.level2_cache, board.core.slcr}
    owners: dict[str, Guest] = {}
    for guest in system.guests:
        for index, name in enumerate(guest.devices):
            path = (*guest.path, "devices", index)
            device = board.devices.get(name)
            if device is None:
                free = [each for each in board.devices if each not in own]
                meant = suggestion(name, free)
                problems.add(
                    system.document.problem(
                        "S150", path, f"{board.name} has no device '{name}'", expected=f"one of: {', '.join(free)}",
                        fix=f"did you mean '{meant}'?" if meant else "choose one of these",
                    )
                )  # fmt: skip
                continue
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
            other = owners.setdefault(name, guest)
            if other is not guest:
                problems.add(
                    system.document.problem(
                        "S153", path, f"guests '{other.name}' and '{guest.name}' both drive device '{name}'",
                        found=f"'{name}' at {device.range}",
                        notes=[system.document.note(f"'{other.name}' has it", (*other.path, "devices"))],
                        fix=f"take '{name}' from one of them",
                    )
                )  # fmt: skip


def _regions(system: System, guest: Guest, problems: Problems) -> None:
    if guest.regions and guest.level is Level.HRT:
        problems.add(
            system.document.problem(
                "S162", guest.regions[0].path, f"HRT guest '{guest.name}' can't have files or regions",
                expected="its RAM and devices alone: it maps its memory itself",
                fix="put the data into the guest's image, or make it an SRT or NRT guest",
            )
        )  # fmt: skip
    if len(guest.regions) > GUEST_REGIONS_MAXIMUM:
        extra = guest.regions[GUEST_REGIONS_MAXIMUM]
        problems.add(
            system.document.problem(
                "S161", extra.path, f"guest '{guest.name}' has too many files and regions",
                found=str(len(guest.regions)),
                expected=f"at most {GUEST_REGIONS_MAXIMUM}, which its vCPU page can list", fix=f"remove '{extra.name}'",
            )
        )  # fmt: skip
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


def _domains(system: System, problems: Problems) -> None:
    """Sixteen domains: one for the gate, a user and a kernel view for each deprivileged guest."""
    below = [each for each in system.guests if each.level is not Level.HRT]
    if len(below) > DEPRIVILEGED_MAXIMUM:
        extra = below[DEPRIVILEGED_MAXIMUM]
        problems.add(
            system.document.problem(
                "S113", extra.path, "too many SRT and NRT guests: the MMU has too few domains",
                found=f"1 + 2 x {len(below)} = {1 + 2 * len(below)} domains",
                expected=f"at most 16: one for the gate, two for a guest, so {DEPRIVILEGED_MAXIMUM} guests",
                fix=f"remove '{extra.name}' or another one",
            )
        )  # fmt: skip


_GUEST_RULES: tuple[Callable[[System, Guest, Problems], None], ...] = (
    _keys_of_level,
    _cpu,
    _reservation,
    _memory,
    check_sections,
    _image,
    _regions,
)
_SYSTEM_RULES: tuple[Callable[[System, Problems], None], ...] = (_exclusive_cpu, _utilisation, _devices, _domains)
