# SPDX-License-Identifier: Apache-2.0
"""Patch a kernel module (.ko): as the kernel, in the parts that its mapping symbols call ARM code.

Debian signs its modules. A kernel refuses a module whose signature does not fit (EKEYREJECTED), also where it does not insist on
signatures; without one it is loaded and marks the kernel as tainted. So a changed module loses its signature.
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from ovm.linux.compression import compress, decompress, method_of
from ovm.linux.errors import LinuxError
from ovm.linux.patch import Site, bytes_of, found_in, words_of
from ovm.linux.sensitive import MOST_WORDS, Sensitive, Table, is_thread_access, other_thread_register, replacement

_EXECUTABLE = 4
_WORD = 4
_SIGNATURE_MARK = b"~Module signature appended~\n"
_SIGNATURE_INFO = struct.Struct(">5B3xI")
_NO_ADDRESSES = range(0)


@dataclass(frozen=True)
class PatchedModule:
    """A patched module; an address of a site is the offset in its section, which `span` names."""

    file: bytes
    sites: tuple[Site, ...]
    thread_swaps: int
    signature_removed: bool

    @property
    def changed(self) -> bool:
        """Return whether anything was replaced."""
        return bool(self.sites or self.thread_swaps)


@dataclass(frozen=True)
class _Code:
    """A piece of ARM code of a module: where it lies in the file, and where in its section."""

    section: str
    in_file: int
    in_section: int
    length: int


def patch_module(file: bytes, table: Table, *, swap_thread_registers: bool = False) -> PatchedModule:
    """Return a module with each sensitive word replaced, compressed as it was; words new to `table` are added to it."""
    method = method_of(file)
    content = decompress(method, file)[0] if method else file
    unsigned = without_signature(content)
    patched = bytearray(unsigned)
    sites: list[Site] = []
    swaps = 0
    for code in _code_of(unsigned):
        words = words_of(unsigned[code.in_file : code.in_file + code.length])
        for number, what in list(found_in(words, _NO_ADDRESSES)):
            offset = code.in_section + number * 4
            if not isinstance(what, Sensitive):
                raise LinuxError(f"a module has {what} in {code.section}+{offset:#x}, which is not in the table of patches")
            sites.append(Site(offset, "", code.section, table.index(what.word), what))
            words[number] = replacement(what, table.index(what.word))
        if swap_thread_registers:
            for number, word in enumerate(words):
                if is_thread_access(word):
                    words[number] = other_thread_register(word)
                    swaps += 1
        patched[code.in_file : code.in_file + len(words) * 4] = bytes_of(words)
    if len(table.words) > MOST_WORDS:
        raise LinuxError(f"kernel and modules have {len(table.words)} different sensitive words, more than {MOST_WORDS}")
    if not sites and not swaps:
        return PatchedModule(file, (), 0, signature_removed=False)
    packed = compress(method, bytes(patched)) if method else bytes(patched)
    return PatchedModule(packed, tuple(sites), swaps, signature_removed=len(unsigned) < len(content))


def without_signature(module: bytes) -> bytes:
    """Return a module without the signature at its end (include/linux/module_signature.h)."""
    if not module.endswith(_SIGNATURE_MARK):
        return module
    info_at = len(module) - len(_SIGNATURE_MARK) - _SIGNATURE_INFO.size
    if info_at < 0:
        raise LinuxError("a module's signature is cut off")
    _, _, _, signer, key, signature = _SIGNATURE_INFO.unpack_from(module, info_at)
    end = info_at - signer - key - signature
    if end < 0:
        raise LinuxError("a module's signature is longer than the module")
    return module[:end]


def _code_of(module: bytes) -> Iterator[_Code]:
    """Yield the ARM code of a module, by the mapping symbols $a, $d and $t (ELF for the ARM Architecture, 5.5.5)."""
    try:
        elf = ELFFile(io.BytesIO(module))
        symbols = elf.get_section_by_name(".symtab")
        if elf["e_machine"] != "EM_ARM" or elf["e_type"] != "ET_REL" or not isinstance(symbols, SymbolTableSection):
            raise LinuxError("this is no kernel module for ARM")
        marks = sorted(
            (symbol["st_shndx"], symbol["st_value"], symbol.name[1])
            for symbol in symbols.iter_symbols()
            if symbol.name[:2] in ("$a", "$d", "$t") and isinstance(symbol["st_shndx"], int)
        )
        sections = list(elf.iter_sections())
    except ELFError as error:
        raise LinuxError(f"this is no kernel module: {error}") from error
    for number, section in enumerate(sections):
        # `.plt` of a module is a byte that the kernel replaces by branches.
        if section["sh_flags"] & _EXECUTABLE and section["sh_size"] >= _WORD and section["sh_type"] != "SHT_NOBITS":
            here = [(value, kind) for index, value, kind in marks if index == number]
            yield from _marked(section.name, section["sh_offset"], section["sh_size"], here)


def _marked(name: str, offset: int, size: int, marks: list[tuple[int, str]]) -> Iterator[_Code]:
    if not marks or marks[0][0] != 0:
        raise LinuxError(f"a module has code in {name} without mapping symbols, so code and literals can't be told apart")
    ends = [value for value, _ in marks[1:]] + [size]
    for (start, kind), end in zip(marks, ends, strict=True):
        if kind == "a" and end > start:
            yield _Code(name, offset + start, start, end - start)
