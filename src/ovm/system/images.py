# SPDX-License-Identifier: Apache-2.0
"""Guests' images: metal packages, C folders and ELF files, all of which become a checked ELF file.

The checks find the results of a wrong linker script or a wrong compiler: another machine, no fixed address, parts
outside the guest's RAM, an entry outside its code, no room for the page that the guest shares with OVM.
"""

import os
import signal
import struct
import sys
import traceback
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path as FilePath
from types import ModuleType
from typing import Any

from elftools.common.exceptions import ELFError

from ovm.abi.config import FRAME_BYTES, Level
from ovm.metal.build.elf import Elf, Segment
from ovm.metal.build.errors import BuildError
from ovm.metal.build.image import link_arm
from ovm.metal.lang.functions import Function
from ovm.metal.lang.parameters import known_parameters
from ovm.metal.options import Options
from ovm.system.c_guest import build_c_guest
from ovm.system.check import METAL, image_path
from ovm.system.compiled import compile_program
from ovm.system.document import suggestion
from ovm.system.files import IMAGE_MOST, read_plain, reason_of
from ovm.system.made_for import BELOW_HRT, HRT_ONLY, made_for
from ovm.system.model import Guest, Range, System
from ovm.system.packages import beside, import_guest
from ovm.system.plan import IMAGE_OFFSET, GuestPlan
from ovm.system.problems import DescriptionError, Problems
from ovm.system.units import MIB, address_text, align_up, size_text

ENTRY = "_start"
_LEVELS = {HRT_ONLY: "HRT", BELOW_HRT: "SRT or NRT"}
STACK_BYTES = 0x8000
_SCRIPT = FilePath(__file__).parent.parent / "guests" / "lib" / "guest.ld"


@dataclass(frozen=True)
class KernelFacts:
    """A patched kernel: the table of its words (and of those before it), its entry registers r0 to r2, what was done to it."""

    words: tuple[int, ...]
    registers: tuple[int, int, int]
    report: tuple[str, ...]


@dataclass(frozen=True)
class Image:
    """A guest's image: its ELF file and the facts that OVM needs. Without symbols nothing shows for which level it is made."""

    name: str
    content: bytes
    entry: int
    segments: tuple[Segment, ...]
    lines: int
    has_symbols: bool = True
    # Linux guests only.
    kernel: KernelFacts | None = None

    def bytes_from(self, start: int) -> int:
        """Return the number of bytes from `start` to the image's end."""
        return max((each.virtual + each.memory_size for each in self.segments), default=start) - start

    def loaded_from(self, start: int) -> bytes:
        """Return the bytes that a loader puts at `start`: all of the file's content, zeros in between and up to a whole page."""
        end = max((each.virtual + len(each.data) for each in self.segments), default=start)
        content = bytearray(align_up(end - start, FRAME_BYTES))
        for each in self.segments:
            content[each.virtual - start : each.virtual - start + len(each.data)] = each.data
        return bytes(content)


def build_image(system: System, place: GuestPlan) -> Image:
    """Build (or read) and check the image of one guest."""
    guest = place.guest
    if guest.image.startswith(METAL):
        with beside(system.folder):
            content, lines, functions = _metal(system, guest, place.link_base)
    else:
        content, lines = _file_or_folder(system, guest, place.link_base)
        functions = frozenset()
    return _Judge(system, place).judge(content, lines, functions)


def _metal(system: System, guest: Guest, base: int) -> tuple[bytes, int, frozenset[str]]:
    package = guest.image.removeprefix(METAL)
    module = _import(system, guest, package)
    roots = getattr(module, "ROOTS", ())
    if not isinstance(roots, tuple | list) or not all(isinstance(item, Function) for item in roots):
        raise _of_package(system, guest, f"ROOTS of {package}.guest is no tuple of functions", _shown(roots))
    if not any(item.export == ENTRY for item in roots):
        message = f"{package}.guest lists no function exported as '{ENTRY}' in ROOTS"
        raise _of_package(system, guest, message, f"{len(roots)} functions")
    constants = _constants(system, guest, package)
    unit = compile_program(module, roots, Options(target="arm", constants=constants))
    define = (("__guest_base", base), ("__stack_bytes", STACK_BYTES))
    content = link_arm([unit], _SCRIPT.read_text(), ENTRY, define=define)
    return content, sum(line_count(FilePath(name)) for name in unit.files), frozenset(unit.functions)


def _shown(value: object) -> str:
    """Return a user's value as a short text: the value's own text may fail, or be endless."""
    try:
        return repr(value)[:80]
    except Exception:  # noqa: BLE001 - the user's own code
        return f"{type(value).__name__}, which can't be shown"


def _of_package(system: System, guest: Guest, message: str, found: str) -> DescriptionError:
    return DescriptionError(
        [
            system.document.problem(
                "S144", (*guest.path, "image"), message, found=found,
                expected="ROOTS: Final = (start, ...), functions of which one is exported as '_start'",
                fix="see src/ovm/guests/hello/guest.py",
            )
        ]
    )  # fmt: skip


def _constants(system: System, guest: Guest, package: str) -> dict[str, int | bool]:
    """Return the guest's constants by the names in its modules.

    Unknown ones are refused before the modules are imported again.
    """
    known = {
        name.removeprefix(f"{package}."): value for name, value in known_parameters().items() if name.startswith(f"{package}.")
    }
    problems = Problems()
    for name, value in guest.constants.items():
        path = (*guest.path, "constants", name)
        if name not in known:
            near = suggestion(name, known)
            problems.add(
                system.document.problem(
                    "S172", path, f"guest '{guest.name}' has no parameter '{name}'", key=True,
                    expected=f"one of: {', '.join(sorted(known))}" if known else f"nothing: {package} has no parameters",
                    fix=f"did you mean '{near}'?" if near else f"look for param(...) in the modules of {package}",
                )
            )  # fmt: skip
        elif isinstance(value, bool) != isinstance(known[name], bool):
            problems.add(
                system.document.problem(
                    "S172", path, f"'{name}' of guest '{guest.name}' has the wrong type",
                    found="true or false" if isinstance(value, bool) else "a whole number",
                    expected="true or false" if isinstance(known[name], bool) else "a whole number",
                    fix=f"its default is {known[name]}",
                )
            )  # fmt: skip
    problems.stop_if_any()
    return {f"{package}.{name}": value for name, value in guest.constants.items()}


def _import(system: System, guest: Guest, package: str) -> ModuleType:
    """Return the guest's module, which is the user's own Python: it may raise anything."""
    try:
        return import_guest(package)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) and _is_users(error):
            raise
        place, message = _own_place(error, package), _said(error)
        if isinstance(error, SyntaxError):
            place, message = f"{error.filename}:{error.lineno}", error.msg
        raise DescriptionError(
            [
                system.document.problem(
                    "S171", (*guest.path, "image"), f"the package '{package}' of guest '{guest.name}' can't be imported",
                    found=f"{type(error).__name__}{f': {message}' if message else ''} ({place})",
                    expected="a module that imports without an exception",
                    fix=f"python -c 'import {package}.guest' shows the whole story",
                )
            ]
        ) from error  # fmt: skip


def _is_users(error: KeyboardInterrupt) -> bool:
    """Return whether Ctrl-C caused it: the command has a handler and a type of its own for that; without them it isn't known."""
    return type(error) is not KeyboardInterrupt or signal.getsignal(signal.SIGINT) is signal.default_int_handler


def _said(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - its class is the user's too
        return ""


def _own_place(error: BaseException, package: str) -> str:
    """Return the last line of the guest's own code that was executed; otherwise the last line of all."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = f"{os.sep}{package.replace('.', os.sep)}{os.sep}"
    own = [each for each in frames if inside in each.filename] or frames
    return f"{own[-1].filename}:{own[-1].lineno}"


def _file_or_folder(system: System, guest: Guest, base: int) -> tuple[bytes, int]:
    source = image_path(system, guest)
    if source.is_dir():
        lines = sum(line_count(item) for item in source.rglob("*") if item.suffix in (".c", ".h", ".S"))
        return build_c_guest(source, base), lines
    try:
        return read_plain(source, IMAGE_MOST), 0
    except OSError as error:
        raise DescriptionError(
            [
                system.document.problem(
                    "S140", (*guest.path, "image"), f"the image '{guest.image}' can't be read", found=reason_of(error),
                    expected="a regular file", fix="name an ELF file that can be read",
                )
            ]
        ) from error  # fmt: skip


def line_count(file: FilePath) -> int:
    """Return lines of `file`, which may be named relative to the import path."""
    for folder in (FilePath(), *map(FilePath, sys.path)):
        if (folder / file).is_file():
            return (folder / file).read_bytes().count(b"\n")
    return 0


def check_limit(system: System, guest: Guest, taken: int) -> None:
    """Check that an NRT guest may hold the `taken` bytes of its image, which it owns from the start."""
    if align_up(taken, FRAME_BYTES) <= guest.limit:
        return
    raise DescriptionError(
        [
            system.document.problem(
                "S124", (*guest.path, "image"), f"the limit of guest '{guest.name}' is less than its image",
                found=f"limit = {size_text(guest.limit)}",
                expected=f"at least {size_text(align_up(taken, FRAME_BYTES))}, which it owns from the start",
                notes=[system.document.note("its limit", (*guest.path, "limit"))],
                fix=f"write limit = '{-(-taken // MIB) + 1}MiB'",
            )
        ]
    )  # fmt: skip


def _end_in_file(content: bytes) -> int:
    """Return the end of the file according to the program headers (System V ABI, chapter 5)."""
    start, size, count = *struct.unpack_from("<28xI", content), *struct.unpack_from("<42xHH", content)
    headers = [struct.unpack_from("<4xI8xI", content, start + index * size) for index in range(count)]
    return max((offset + length for offset, length in headers), default=0)


class _Judge:
    """A check that refuses an ELF file that can't be this guest's image."""

    def __init__(self, system: System, place: GuestPlan) -> None:
        self._system = system
        self._document = system.document
        self._place = place
        self._guest = place.guest

    def judge(self, content: bytes, lines: int, functions: frozenset[str] = frozenset()) -> Image:
        """Return the image, unless it is refused."""
        elf = self._parse(content)
        segments = tuple(each for each in elf.segments if each.memory_size)
        if elf.machine != "EM_ARM" or not elf.is_executable or not segments:
            linked = "linked to fixed addresses" if elf.is_executable else "not linked to fixed addresses"
            raise self._refuse(
                "S142",
                f"the image of guest '{self._guest.name}' is no static ARM executable",
                found=f"{elf.machine}, {linked}, {len(segments)} loadable segments",
                expected="EM_ARM, linked to fixed addresses (ET_EXEC), with something to load",
                fix="compile for armv7-a and link with -static -no-pie",
            )
        for segment in segments:
            self._judge_segment(segment)
        self._judge_overlaps(segments)
        self._judge_entry(segments, elf.entry)
        if self._guest.level is Level.NRT:
            last = max(each.virtual + each.memory_size for each in segments)
            check_limit(self._system, self._guest, last - self._place.ram_gpa)
        names = functions or self._names(elf)
        self._judge_level(names)
        return Image(self._guest.name, content, elf.entry, segments, lines, bool(names))

    def _parse(self, content: bytes) -> Elf:
        try:
            elf = Elf(content)
            for segment in elf.segments:
                if segment.memory_size < len(segment.data):
                    raise ValueError("a segment is larger in the file than in memory")
            if _end_in_file(content) > len(content):
                raise ValueError("the file is cut off")
        except (BuildError, ELFError, ValueError, OverflowError, AssertionError, struct.error) as error:
            raise self._refuse(
                "S141",
                f"the image of guest '{self._guest.name}' is not a whole ELF file",
                found=f"{size_text(len(content))} starting with {content[:4].hex(' ') or 'nothing'}",
                expected="7f 45 4c 46, a valid header and every segment it lists",
                fix="link the guest to a static ELF executable",
            ) from error
        return elf

    def _names(self, elf: Elf) -> frozenset[str]:
        """Return its symbols; none for a damaged table, which no loader needs."""
        try:
            return frozenset(elf.symbols)
        except (ELFError, ValueError, KeyError, IndexError, OverflowError, AssertionError, struct.error):
            return frozenset()

    def _judge_segment(self, segment: Segment) -> None:
        place, guest = self._place, self._guest
        where = Range(segment.virtual, segment.memory_size)
        ram = Range(place.ram_gpa, guest.memory)
        if where.start < place.link_base:
            page = "" if guest.plain else f", and its first {size_text(IMAGE_OFFSET)} hold the page shared with OVM"
            raise self._refuse(
                "S143",
                f"the image of guest '{guest.name}' is linked below where its image may start",
                found=f"a segment at {where}",
                expected=f"{address_text(place.link_base)} or above: RAM starts at {address_text(ram.start)}{page}",
                fix=self._fix_of_place(where),
            )
        if not ram.contains(where):
            needed = align_up(where.end - ram.start, MIB)
            raise self._refuse(
                "S143",
                f"the image of guest '{guest.name}' doesn't fit into its memory",
                found=f"a segment at {where}",
                expected=f"within {ram}, {size_text(guest.memory)}",
                notes=[self._document.note(f"memory = {size_text(guest.memory)}", (*guest.path, "memory"))],
                fix=f"write memory = '{needed // MIB}MiB'" if where.start < ram.end else "link it within its memory",
            )

    def _fix_of_place(self, segment: Range) -> str:
        """Say how an image below its RAM gets there: a plain one was linked by others, so its RAM moves."""
        if self._guest.plain:
            return f"write address = {address_text(segment.start // MIB * MIB)}"
        return f"link the guest at {address_text(self._place.link_base)}"

    def _judge_overlaps(self, segments: tuple[Segment, ...]) -> None:
        ordered = sorted((Range(each.virtual, each.memory_size) for each in segments), key=lambda each: each.start)
        for before, after in pairwise(ordered):
            if before.overlaps(after):
                raise self._refuse(
                    "S121", f"two segments of the image of guest '{self._guest.name}' overlap",
                    found=f"{before} and {after}", expected="segments that share no byte",
                    fix="correct the linker script: each section has a place of its own",
                )  # fmt: skip

    def _judge_level(self, names: frozenset[str]) -> None:
        guest = self._guest
        level = made_for(names)
        if level and guest.plain:
            raise self._refuse(
                "S155", f"the image of guest '{guest.name}' is made for OVM, and abi = 'none' gives it no page",
                found=f"start-up code for {_LEVELS[level]}", expected="a program that knows nothing of OVM",
                notes=[self._document.note("abi = none", (*guest.path, "abi"))], fix="remove abi",
            )  # fmt: skip
        if level and (level == HRT_ONLY) != (guest.level is Level.HRT):
            raise self._refuse(
                "S155", f"the image of guest '{guest.name}' is made for {_LEVELS[level]}, not for {guest.level_name.upper()}",
                found="start-up code for an HrtPage" if level == HRT_ONLY else "start-up code that makes hypercalls by SVC",
                expected="a guest that starts as its level does: docs/guide/add-a-guest.md",
                notes=[self._document.note(f"level = {guest.level_name}", (*guest.path, "level"))],
                fix=f"write level = '{_LEVELS[level].split()[-1].lower()}', or name an image for {guest.level_name.upper()}",
            )  # fmt: skip

    def _judge_entry(self, segments: tuple[Segment, ...], entry: int) -> None:
        guest = self._guest
        if not any(Range(each.virtual, len(each.data)).contains(Range(entry & ~1, 2)) for each in segments):
            raise self._refuse(
                "S143",
                f"guest '{guest.name}' would start outside its image",
                found=f"entry at {address_text(entry)}",
                expected="an entry within a loaded segment",
                fix=f"link with the entry symbol '{ENTRY}'",
            )
        if entry & 3 == 2:
            raise self._refuse(
                "S156",
                f"guest '{guest.name}' would start between two instructions",
                found=f"entry at {address_text(entry)}, bit 0 clear: Arm state, whose instructions are words",
                expected="a multiple of 4, or an odd address for Thumb state",
                fix="mark the entry's symbol as a function: .thumb_func before it, or .type NAME, %function",
            )

    def _refuse(self, code: str, message: str, **facts: Any) -> DescriptionError:
        return DescriptionError([self._document.problem(code, (*self._guest.path, "image"), message, **facts)])
