# SPDX-License-Identifier: Apache-2.0
"""The hypervisor, compiled and linked for one plan.

Core is reached by name alone: nothing here imports it, and it never sees a description. It gets constants (the board's
properties, the number of each thing that the system has), and the packed structures of `ovm.abi.config` as the initial bytes
of statics.
"""

import hashlib
import importlib
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath

from ovm.metal.build.elf import Elf
from ovm.metal.build.flow import flow_of
from ovm.metal.build.image import link_arm
from ovm.metal.build.stack import StackAnalysis
from ovm.metal.options import Options
from ovm.system.archive import CoreImage, Stack
from ovm.system.boot_elf import Load
from ovm.system.compiled import compile_program
from ovm.system.core_limits import core_limits
from ovm.system.images import Image, line_count
from ovm.system.model import Board
from ovm.system.pack import core_config, guest_configs, load_configs, region_configs, security_configs
from ovm.system.plan import OVM_BYTES, Plan
from ovm.system.problems import DescriptionError
from ovm.system.units import kib_text

CORE = "ovm.core"
# A placeholder of the identity until it is known.
UNKNOWN_BUILD = b"\x9dbuild\x9d\x9d"
# Statics that a message names.
LARGEST = 3
UART_KINDS = {"pl011": 0, "cadence": 1}


def build_core(plan: Plan, images: Mapping[str, Image], loads: Sequence[Load]) -> CoreImage:
    """Return the hypervisor for `plan`; it checks `loads` at boot."""
    roots = importlib.import_module(f"{CORE}.roots")
    unit = compile_program(roots, roots.ROOTS, _options(plan, images, loads, roots.PARTS))
    script = (FilePath(str(roots.__file__)).parent / "ovm.ld").read_text()
    content, build = _identify(link_arm([unit], script, roots.ENTRY, define=(("__ovm_base", plan.ovm.start),)), loads)
    content = _seal(content)
    elf = Elf(content)
    occupied = max(each.physical + each.memory_size for each in elf.segments) - plan.ovm.start
    _check_room(plan, elf, occupied)
    analysis = StackAnalysis(elf, unit.functions, declared=roots.ASSEMBLY_STACK)
    stacks = [Stack(use.entry, use.size, roots.STACKS[use.entry]) for use in analysis.check(roots.STACKS)]
    calls = {name: each.calls for name, each in unit.functions.items()}
    return CoreImage(
        content=content,
        build=build,
        flow=flow_of(elf, calls, unit.loops).to_json(elf) if plan.system.loop_bounds else "",
        sections=_sizes(elf),
        occupied=occupied,
        functions={each.name: each.size for each in elf.symbols.values() if each.kind == "function"},
        stacks=tuple(stacks),
        lines=sum(line_count(FilePath(name)) for name in unit.files),
    )


def _options(plan: Plan, images: Mapping[str, Image], loads: Sequence[Load], parts: Mapping[str, str]) -> Options:
    """Return how to compile the hypervisor: its parameters, and the initial bytes of its statics."""
    board = plan.system.board
    words = patched_words(images)
    return Options(
        target="arm",
        checked=False,
        constants={
            f"{CORE}.config.LOCKDOWN": board.lockdown and plan.system.lockdown,
            f"{CORE}.config.VCR": board.vcr,
            f"{CORE}.config.BOOT_CPU": board.boot_cpu,
            f"{CORE}.config.UART": UART_KINDS[board.uart],
            f"{CORE}.config.INPUT": any(each.guest.input for each in plan.guests),
            f"{CORE}.config.PLAIN": any(each.guest.plain for each in plan.guests),
            **_places(board),
            **{f"{CORE}.limits.{name}": value for name, value in core_limits(plan, len(loads), len(words)).items()},
        },
        data={
            f"{CORE}.config.CONFIG": core_config(plan, len(loads)),
            f"{CORE}.config.DESCRIBED_GUESTS": guest_configs(plan, images),
            f"{CORE}.config.REGIONS": region_configs(plan),
            f"{CORE}.config.LOADS": load_configs(loads),
            f"{CORE}.config.SECURITY": security_configs(plan),
            f"{CORE}.config.BUILD": UNKNOWN_BUILD,
            **({f"{CORE}.config.WORDS": b"".join(each.to_bytes(4, "little") for each in words)} if words else {}),
        },
        parts=parts,
        marked=plan.system.loop_bounds,
    )


def patched_words(images: Mapping[str, Image]) -> tuple[int, ...]:
    """Return the table of all kernels' patched words: each kernel's continues the one before."""
    return max((image.kernel.words for image in images.values() if image.kernel), key=len, default=())


def _places(board: Board) -> dict[str, int]:
    """Return parameters of core: addresses and distances of devices that OVM sets up once at boot."""
    start, end = board.core.level2_filter
    places = {"LEVEL2_FILTER_START": start, "LEVEL2_FILTER_END": end, "SCU_FILTER_START": board.on_chip.scu_filter[0]}
    if board.core.slcr:
        names = (board.core.slcr, board.core.configuration, board.core.watchdog, *board.core.triple_timers)
        slcr, configuration, watchdog, first, second = (board.devices[name].range.start for name in names)
        places |= {"CONFIGURATION": configuration - slcr, "WATCHDOG": watchdog - slcr}
        places |= {"TRIPLE_TIMERS": first - slcr, "TRIPLE_TIMER_STEP": second - first}
    return {f"{CORE}.config.{name}": value & 0xFFFF_FFFF for name, value in places.items()}


def _identify(content: bytes, loads: Sequence[Load]) -> tuple[bytes, str]:
    """Write the build's identity into the hypervisor; return both, the identity in hexadecimal, as the boot record gives it."""
    if content.count(UNKNOWN_BUILD) != 1:
        raise ValueError("the place of the build's identity is not to be found")
    digest = hashlib.sha256()
    for segment in Elf(content).segments:
        digest.update(segment.physical.to_bytes(4, "little") + segment.data)
    for each in loads:
        digest.update(each.physical.to_bytes(4, "little") + each.data)
    identity = digest.digest()[:8]
    return content.replace(UNKNOWN_BUILD, identity), f"{int.from_bytes(identity, 'little'):#x}"


def _seal(content: bytes) -> bytes:
    """Write the CRC-32 of OVM's loaded part behind it: the CRC-32 of both together is known in advance (`core.boot_check`)."""
    (loaded,) = (each.data for each in Elf(content).segments if each.data)
    return content.replace(loaded, loaded[:-4] + zlib.crc32(loaded[:-4]).to_bytes(4, "little"))


def _sizes(elf: Elf) -> dict[str, int]:
    """Return the loaded bytes by kind of section."""
    sizes = dict.fromkeys(("text", "rodata", "data", "bss"), 0)
    for section in elf.sections.values():
        if not section.allocated:
            continue
        if not section.has_data:
            sizes["bss"] += section.size
        elif section.name.startswith(".rodata"):
            sizes["rodata"] += section.size
        else:
            sizes["text" if section.executable else "data"] += section.size
    return sizes


def _check_room(plan: Plan, elf: Elf, occupied: int) -> None:
    """Check that OVM's code and data fit into one megabyte, which one lock entry maps."""
    if occupied <= OVM_BYTES:
        return
    sizes = _sizes(elf)
    code, data = kib_text(sizes["text"] + sizes["rodata"]), kib_text(sizes["data"] + sizes["bss"])
    statics = sorted((each for each in elf.all_symbols if each.kind == "object"), key=lambda each: -each.size)
    largest = ", ".join(f"{each.name} {kib_text(each.size)}" for each in statics[:LARGEST])
    raise DescriptionError(
        [
            plan.system.document.problem(
                "S180", ("system",), "OVM doesn't fit into its megabyte",
                found=f"{kib_text(occupied)}, of which code and read-only data {code}, data {data}; the largest: {largest}",
                expected=f"at most {kib_text(OVM_BYTES)}: the section that one TLB lock entry maps (A9 4.3.25)",
                fix="lower level2_tables, or remove guests",
            )
        ]
    )  # fmt: skip
