# SPDX-License-Identifier: Apache-2.0
"""The rules for a description that need no build: levels, CPUs, devices, regions, names of images.

Each rule is one function, which adds diagnostics. Rules about devices and regions are in `check_devices`, about limits of the
hardware in `check_limits`, about sections and lock entries in `sections`, about room in RAM in `plan`.
"""

from collections.abc import Callable
from pathlib import Path as FilePath

from ovm.abi.config import Level
from ovm.system.check_devices import check_devices, check_regions, check_saves
from ovm.system.check_limits import GATE_MEGABYTE, check_asids, check_domains, check_guest_space, check_keys
from ovm.system.check_linux import check_linux
from ovm.system.document import suggestion
from ovm.system.files import exists, is_plain, resolve
from ovm.system.model import Guest, System
from ovm.system.packages import guest_exists
from ovm.system.problems import Problems
from ovm.system.sections import check_sections
from ovm.system.units import MIB, address_text, size_text

UTILISATION_MAXIMUM_PERCENT = 95
MINIMUM_BUDGET_US = 20
METAL = "metal:"
_IMAGES = "'metal:' and a package, 'linux:' and a kernel, 'debian:' and its package, a folder with C sources, or an ELF file"


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
    """Return the folder or file that a guest's image comes from."""
    return resolve(guest.image, system.folder)


def _keys_of_level(system: System, guest: Guest, problems: Problems) -> None:
    """Check that a guest has only keys of its level: a key that would be ignored is an error."""
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
    if guest.level is Level.HRT and "input" in written:
        problems.add(
            system.document.problem(
                "S115", (*guest.path, "input"), f"'input' means nothing for HRT guest '{guest.name}'", key=True,
                expected="an SRT or NRT guest: OVM gives input by a hypercall, and is never in an HRT guest's path",
                fix="remove it, and give the guest a UART of its own in 'devices'",
            )
        )  # fmt: skip
    if guest.plain and "arguments" in written:
        problems.add(
            system.document.problem(
                "S115", (*guest.path, "arguments"), f"'arguments' means nothing for guest '{guest.name}'", key=True,
                expected="abi = 'ovm': arguments stand in the page that a guest shares with OVM",
                notes=[system.document.note("abi = none", (*guest.path, "abi"))], fix="remove it",
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
    ("abi", Level.HRT, "is OVM's below HRT: only a CPU of its own can be as after reset"),
)


def _cpu(system: System, guest: Guest, problems: Problems) -> None:
    cpus = system.board.cpus
    path = (*guest.path, "cpu")
    if guest.cpu >= cpus:
        problems.add(
            system.document.problem(
                "S130", path, f"guest '{guest.name}' is on CPU {guest.cpu}, which {system.board.name} doesn't have",
                expected=f"0 to {cpus - 1}", fix=_fitting_cpu(guest, cpus),
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


def _fitting_cpu(guest: Guest, cpus: int) -> str:
    if guest.level is not Level.HRT:
        return "write cpu = 0, or leave the key out"
    return "write cpu = 1" if cpus > 1 else "remove the guest, or choose a board with two CPUs: OVM itself needs CPU 0"


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


def _held(system: System, guest: Guest, problems: Problems) -> None:
    """Check that a manager exists that can start a held guest."""
    if not guest.held:
        return
    path = (*guest.path, "held")
    if guest.level is Level.HRT:
        problems.add(
            system.document.problem(
                "S118", path, f"HRT guest '{guest.name}' would never start",
                expected="held = true for SRT and NRT guests: managers start no others", fix="remove held",
            )
        )  # fmt: skip
    elif not any(each.manager and not each.held for each in system.guests):
        managers = [each for each in system.guests if each.manager]
        problems.add(
            system.document.problem(
                "S118", path, f"guest '{guest.name}' would never start: nobody can start it",
                found=f"held = true, and {'no guest that runs' if managers else 'no guest'} is a manager",
                expected="a guest with manager = true that isn't held itself",
                notes=[system.document.note(f"manager '{each.name}' is held itself", each.path) for each in managers],
                fix="give another guest manager = true, or remove held",
            )
        )  # fmt: skip


def _running(system: System, guest: Guest, problems: Problems) -> None:
    """Check that a run can end: without an end by time it ends when no guest runs any more."""
    if guest.expect.state == "running" and not system.seconds:
        problems.add(
            system.document.problem(
                "S173", (*guest.path, "expect", "state"), f"guest '{guest.name}' can't be running at the end",
                found="seconds = 0: the run ends when every guest has ended", expected="a run that ends by time",
                notes=[system.document.note("[system]", ("system",))], fix="give [system] seconds, or expect another state",
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
    """Check the sum of reservations: EDF serves all of them exactly if they don't exceed the CPU (Liu and Layland 1973)."""
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
    """Check a guest's address: an HRT guest's is physical, any other's guest-physical."""
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


def _metal_image(system: System, guest: Guest, problems: Problems) -> None:
    package = guest.image.removeprefix(METAL)
    if guest_exists(package, system.folder):
        return
    samples = _sample_guests()
    near = suggestion(package.rpartition(".")[2], samples)
    meant = samples.get(near, "")
    problems.add(
        system.document.problem(
            "S144", (*guest.path, "image"), f"there is no package '{package}' with a module 'guest'",
            expected="a Python package with guest.py, beside the description or on the import path",
            fix=f"did you mean '{METAL}{meant}'?" if meant else "check the spelling, or the import path",
        )
    )  # fmt: skip


def _image(system: System, guest: Guest, problems: Problems) -> None:
    path = (*guest.path, "image")
    if not guest.image or guest.is_linux:
        return
    if guest.image.startswith(METAL):
        _metal_image(system, guest, problems)
        return
    file = image_path(system, guest)
    if not exists(file):
        problems.add(
            system.document.problem(
                "S140", path, f"there is no image '{guest.image}'", found=f"looked in {system.folder}/",
                expected=_IMAGES,
                fix="paths are relative to the description's folder",
            )
        )  # fmt: skip
    elif not file.is_dir() and not is_plain(file):
        problems.add(
            system.document.problem(
                "S140", path, f"the image '{guest.image}' is no regular file",
                expected=_IMAGES, fix="name one of these",
            )
        )  # fmt: skip
    elif file.is_dir() and not any(item.suffix in (".c", ".S") for item in file.iterdir()):
        problems.add(
            system.document.problem(
                "S145", path, f"the folder '{guest.image}' holds no C sources", expected="at least one .c or .S file",
                fix="put the guest's sources there, or name another folder",
            )
        )  # fmt: skip


def _sample_guests() -> dict[str, str]:
    folder = FilePath(__file__).parent.parent / "guests"
    return {each.parent.name: f"ovm.guests.{each.parent.name}" for each in sorted(folder.glob("*/guest.py"))}


_GUEST_RULES: tuple[Callable[[System, Guest, Problems], None], ...] = (
    _keys_of_level,
    _cpu,
    _held,
    _running,
    _reservation,
    _memory,
    check_guest_space,
    check_sections,
    _image,
    check_linux,
    check_regions,
)
_SYSTEM_RULES: tuple[Callable[[System, Problems], None], ...] = (
    _exclusive_cpu,
    _utilisation,
    check_devices,
    check_keys,
    check_domains,
    check_asids,
    check_saves,
)
