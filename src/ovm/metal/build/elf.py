# SPDX-License-Identifier: Apache-2.0
"""A reader of ELF files: symbols, segments, sections and source lines.

A thin typed view of what pyelftools parses (System V ABI, chapters 4 and 5), so that nothing else here depends on that
library's names.
"""

import bisect
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from ovm.metal.build.errors import BuildError

_SHF_WRITE, _SHF_ALLOC, _SHF_EXECINSTR = 1, 2, 4


@dataclass(frozen=True)
class Symbol:
    """A named address. `kind` is `function`, `object` or `other`; `section` is empty when undefined."""

    name: str
    address: int
    size: int
    kind: str
    section: str
    is_global: bool


@dataclass(frozen=True)
class Section:
    """A part of the image with one purpose."""

    name: str
    address: int
    size: int
    allocated: bool
    writable: bool
    executable: bool
    has_data: bool


@dataclass(frozen=True)
class Segment:
    """A loadable part: a loader copies `data` to `physical`, then zeros up to `memory_size`."""

    virtual: int
    physical: int
    memory_size: int
    data: bytes
    writable: bool
    executable: bool


@dataclass(frozen=True)
class SourceLine:
    """A place in the source."""

    file: str
    line: int


class Elf:
    """One ELF file, held whole in memory."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        try:
            self._file: Any = ELFFile(io.BytesIO(content))
        except ELFError as error:
            raise BuildError("B010", f"not an ELF file: {error}") from error

    @property
    def entry(self) -> int:
        """Return the address where execution starts."""
        return int(self._file.header.e_entry)

    @property
    def machine(self) -> str:
        """Return the processor that the file is for, such as `EM_ARM`."""
        return str(self._file.header.e_machine)

    @property
    def is_executable(self) -> bool:
        """Return whether it is linked to fixed addresses."""
        return str(self._file.header.e_type) == "ET_EXEC"

    @cached_property
    def sections(self) -> Mapping[str, Section]:
        """Return sections by name; of several with one name, as in object files, the last."""
        return {str(section.name): _section(section) for section in self._file.iter_sections() if section.name}

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """Return the loadable segments in file order."""
        return tuple(_segment(item) for item in self._file.iter_segments() if item.header.p_type == "PT_LOAD")

    @cached_property
    def all_symbols(self) -> tuple[Symbol, ...]:
        """Return every named symbol, local ones too, without mapping symbols (`$a`, `$d`, `$t`)."""
        return tuple(self._read_symbols())

    @cached_property
    def symbols(self) -> Mapping[str, Symbol]:
        """Return defined symbols by name; a global one hides local ones of its name."""
        defined = [symbol for symbol in self.all_symbols if symbol.section]
        return {symbol.name: symbol for symbol in sorted(defined, key=lambda each: each.is_global)}

    @cached_property
    def undefined(self) -> tuple[str, ...]:
        """Return names that this file expects from another, sorted."""
        return tuple(sorted({symbol.name for symbol in self.all_symbols if not symbol.section}))

    def address_of(self, name: str) -> int:
        """Return the address of the symbol `name`."""
        if name not in self.symbols:
            raise BuildError("B011", f"the image has no symbol '{name}'")
        return self.symbols[name].address

    def section_data(self, name: str) -> bytes:
        """Return the bytes of section `name`; empty when there is none."""
        section = self._file.get_section_by_name(name)
        return b"" if section is None or section.header.sh_type == "SHT_NOBITS" else bytes(section.data())

    @cached_property
    def data_in_code(self) -> tuple[tuple[int, int], ...]:
        """Return ranges of data inside code sections, by the mapping symbols (ELF for the ARM Architecture, §4.5.5)."""
        marks: list[tuple[int, str, int]] = []
        for entry in self._entries:
            if entry.name[:2] in ("$a", "$d", "$t") and isinstance(entry.entry.st_shndx, int):
                marks.append((int(entry.entry.st_value), entry.name[:2], entry.entry.st_shndx))
        marks.sort()
        ends = [start for start, _, _ in marks[1:]] + [1 << 32]
        return tuple((start, end) for (start, kind, _), end in zip(marks, ends, strict=False) if kind == "$d")

    def bytes_at(self, address: int, size: int) -> bytes:
        """Return bytes of the loaded image."""
        for segment in self.segments:
            offset = address - segment.virtual
            if offset >= 0 and offset + size <= segment.memory_size:
                return (segment.data[offset : offset + size]).ljust(size, b"\0")
        raise BuildError("B015", f"the image holds nothing at {address:#010x}")

    def symbol_at(self, address: int) -> Symbol | None:
        """Return the function or object that covers `address`."""
        index = bisect.bisect_right(self._starts, address) - 1
        if index < 0:
            return None
        found = self._ordered[index]
        return found if address < found.address + max(found.size, 1) else None

    def line_at(self, address: int) -> SourceLine | None:
        """Return the source line that the instruction at `address` came from, where debug information says so."""
        index = bisect.bisect_right(self._line_starts, address) - 1
        return self._lines[index][1] if index >= 0 else None

    def line_addresses(self, file: str, line: int) -> list[int]:
        """Return the addresses at which the code of a source line begins, lowest first; none if it has no code."""
        wanted = SourceLine(file, line)
        return [address for address, found in self._lines if found == wanted]

    @cached_property
    def _ordered(self) -> list[Symbol]:
        covering = [each for each in self.all_symbols if each.section and each.kind != "other"]
        return sorted(covering, key=lambda each: (each.address, each.is_global))

    @cached_property
    def _starts(self) -> list[int]:
        return [each.address for each in self._ordered]

    @cached_property
    def _line_starts(self) -> list[int]:
        return [address for address, _ in self._lines]

    @cached_property
    def _lines(self) -> list[tuple[int, SourceLine | None]]:
        """Return the start of each stretch of a line; None starts a stretch without a line."""
        if not self._file.has_dwarf_info():
            return []
        information = self._file.get_dwarf_info()
        found: dict[int, SourceLine | None] = {}
        for unit in information.iter_CUs():
            program = information.line_program_for_CU(unit)
            if program is not None:
                _read_line_program(program, found)
        return sorted(found.items())

    def _read_symbols(self) -> Iterator[Symbol]:
        names = [str(section.name) for section in self._file.iter_sections()]
        for entry in self._entries:
            if entry.name and not entry.name.startswith("$") and entry.entry.st_info.type != "STT_FILE":
                yield _symbol(entry, names)

    @cached_property
    def _entries(self) -> list[Any]:
        """Return all entries of the symbol tables."""
        tables = (each for each in self._file.iter_sections() if isinstance(each, SymbolTableSection))
        return [entry for table in tables for entry in table.iter_symbols()]


def _section(section: Any) -> Section:
    flags = int(section.header.sh_flags)
    return Section(
        name=str(section.name),
        address=int(section.header.sh_addr),
        size=int(section.header.sh_size),
        allocated=bool(flags & _SHF_ALLOC),
        writable=bool(flags & _SHF_WRITE),
        executable=bool(flags & _SHF_EXECINSTR),
        has_data=section.header.sh_type != "SHT_NOBITS",
    )


def _segment(item: Any) -> Segment:
    flags = int(item.header.p_flags)
    return Segment(
        virtual=int(item.header.p_vaddr),
        physical=int(item.header.p_paddr),
        memory_size=int(item.header.p_memsz),
        data=bytes(item.data()),
        writable=bool(flags & 2),
        executable=bool(flags & 1),
    )


def _symbol(entry: Any, section_names: list[str]) -> Symbol:
    index = entry.entry.st_shndx
    kinds = {"STT_FUNC": "function", "STT_OBJECT": "object"}
    if index == "SHN_UNDEF":
        section = ""
    else:
        section = section_names[index] if isinstance(index, int) else str(index)
    return Symbol(
        name=str(entry.name),
        address=int(entry.entry.st_value),
        size=int(entry.entry.st_size),
        kind=kinds.get(str(entry.entry.st_info.type), "other"),
        section=section,
        is_global=entry.entry.st_info.bind != "STB_LOCAL",
    )


def _read_line_program(program: Any, found: dict[int, SourceLine | None]) -> None:
    """Add the stretches of one line program (DWARF 4 §6.2; files count from 1, from 0 in DWARF 5)."""
    files = program.header.file_entry
    directories = program.header.include_directory
    first = 0 if program.header.version >= 5 else 1
    for entry in program.get_entries():
        state = entry.state
        if state is None:
            continue
        if state.end_sequence:
            found.setdefault(int(state.address), None)
            continue
        file = files[state.file - first]
        folder_index = file.dir_index - first
        folder = directories[folder_index].decode() if 0 <= folder_index < len(directories) else ""
        name = file.name.decode()
        found[int(state.address)] = SourceLine(f"{folder}/{name}" if folder not in ("", ".") else name, int(state.line))
