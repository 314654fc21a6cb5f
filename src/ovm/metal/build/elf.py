# SPDX-License-Identifier: Apache-2.0
"""A reader of ELF files: symbols, segments, sections and source lines.

A typed view of the System V ABI's chapters 4 and 5. pyelftools reads headers, segments and debug information; sections and
symbols, of which there are thousands, are read here, in a tenth of its time.
"""

import bisect
import io
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile

from ovm.metal.build.errors import BuildError

_SHF_WRITE, _SHF_ALLOC, _SHF_EXECINSTR = 1, 2, 4
_SHT_SYMTAB, _SHT_NOBITS, _SHT_DYNSYM = 2, 8, 11
_SHN_UNDEF, _SHN_LORESERVE = 0, 0xFF00
_RESERVED = {0xFFF1: "SHN_ABS", 0xFFF2: "SHN_COMMON"}
_STB_LOCAL, _STT_OBJECT, _STT_FUNC, _STT_FILE = 0, 1, 2, 4
_KINDS = {_STT_FUNC: "function", _STT_OBJECT: "object"}
# By the file's class: name, type, flags, address, offset, size, link, ... of a section; the parts of a symbol.
_SECTION = {32: "10I", 64: "2I4Q2I2Q"}
_SYMBOL = {32: "3I2BH", 64: "I2BH2Q"}


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
class _Entry:
    """A symbol as the file has it; `section` is a number."""

    name: str
    address: int
    size: int
    type: int
    section: int
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
        found = (_section(name, header) for name, header in zip(self._names, self._headers, strict=True) if name)
        return {section.name: section for section in found}

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
        marks = sorted(
            (entry.address, entry.name[:2], entry.section)
            for entry in self._entries
            if entry.name[:2] in ("$a", "$d", "$t") and _SHN_UNDEF < entry.section < _SHN_LORESERVE
        )
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
        for entry in self._entries:
            if entry.name and not entry.name.startswith("$") and entry.type != _STT_FILE:
                kind = _KINDS.get(entry.type, "other")
                yield Symbol(entry.name, entry.address, entry.size, kind, self._section_of(entry), entry.is_global)

    def _section_of(self, entry: _Entry) -> str:
        if entry.section >= _SHN_LORESERVE:
            return _RESERVED.get(entry.section, str(entry.section))
        return self._names[entry.section] if entry.section != _SHN_UNDEF else ""

    @cached_property
    def _headers(self) -> list[tuple[int, ...]]:
        """Return the section headers."""
        form = self._form(_SECTION)
        start, step = self._file.header.e_shoff, self._file.header.e_shentsize
        return [form.unpack_from(self.content, start + step * number) for number in range(self._file.num_sections())]

    @cached_property
    def _names(self) -> list[str]:
        """Return the names of the sections."""
        table = self._file.get_shstrndx()
        return [self._string(table, header[0]) for header in self._headers]

    @cached_property
    def _entries(self) -> list[_Entry]:
        """Return all entries of the symbol tables."""
        form = self._form(_SYMBOL)
        found = []
        for _, kind, _, _, offset, size, link, *_ in self._headers:
            if kind in (_SHT_SYMTAB, _SHT_DYNSYM):
                for parts in form.iter_unpack(self.content[offset : offset + size]):
                    name, address, length, info, _, section = parts if self._file.elfclass == 32 else _as_32(*parts)
                    found.append(
                        _Entry(self._string(link, name), address, length, info & 15, section, info >> 4 != _STB_LOCAL)
                    )
        return found

    def _form(self, forms: Mapping[int, str]) -> struct.Struct:
        return struct.Struct(("<" if self._file.little_endian else ">") + forms[self._file.elfclass])

    def _string(self, table: int, offset: int) -> str:
        """Return a string of the string table in a section."""
        start = self._headers[table][4] + offset
        return self.content[start : self.content.index(b"\0", start)].decode(errors="replace")


def _as_32(name: int, info: int, other: int, section: int, address: int, size: int) -> tuple[int, ...]:
    """Return the parts of a 64-bit symbol in the order of a 32-bit one."""
    return name, address, size, info, other, section


def _section(name: str, header: tuple[int, ...]) -> Section:
    _, kind, flags, address, _, size, *_ = header
    return Section(
        name=name,
        address=address,
        size=size,
        allocated=bool(flags & _SHF_ALLOC),
        writable=bool(flags & _SHF_WRITE),
        executable=bool(flags & _SHF_EXECINSTR),
        has_data=kind != _SHT_NOBITS,
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
