# SPDX-License-Identifier: Apache-2.0
"""Complaints of clang and lld about a guest in C, in the form of OVM's messages: a place, the problem, a fix.

The tools see the guest's folder under the name `guest`, and other trees of sources under names of theirs. A complaint that
isn't recognised stays in their own words.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from ovm.metal.build.errors import BuildDiagnostic, BuildError
from ovm.metal.diagnostics import MetalError

STAGED: Final = "guest/"
_COMPILER: Final = re.compile(r"^ *(?P<file>[^:\n]+):(?P<line>\d+):(?P<column>\d+): (?:fatal )?error: (?P<reason>.*)$", re.M)
_UNDEFINED: Final = re.compile(r"error: undefined symbol: (?P<name>\S+)(?P<rest>(?:\n *>>>.*)*)")
_TWICE: Final = re.compile(r"error: duplicate symbol: (?P<name>\S+)(?P<rest>(?:\n *>>>.*)*)")
_THREAD: Final = "has an STT_TLS symbol"
_PLACE: Final = re.compile(r"\((?P<file>[^:()\n]+):(?P<line>\d+)\)")
_HEADERS: Final = "guest.h, ovm_abi.h, stddef.h, stdint.h, string.h, stdlib.h and assert.h are there"


def told(error: BuildError, folder: Path, trees: Mapping[str, Path] | None = None) -> MetalError:
    """Return the same failure as diagnostics with places in `folder`, or in one of `trees`, by the names that the tools saw."""
    text = error.diagnostics[0].message
    for name, place in (trees or {}).items():
        text = re.sub(rf"(?<![\w/.-]){re.escape(name)}", f"{place}/", text)
    found = [*_of_compiler(text, folder), *_of_linker(text, folder)]
    if found:
        return MetalError(found)
    return BuildError(error.code, text, found=f"guest/ above is the folder {folder}", fix="correct the guest's sources")


def _of_compiler(text: str, folder: Path) -> Iterator[BuildDiagnostic]:
    for match in _COMPILER.finditer(text):
        fix = "correct this line"
        if "file not found" in match["reason"]:
            fix = f"{_HEADERS}; put other headers into the guest's folder, or name theirs in guest.toml: include"
        yield _at(folder, match["file"], int(match["line"]), int(match["column"]), match["reason"], fix)


def _of_linker(text: str, folder: Path) -> Iterator[BuildDiagnostic]:
    for match in _UNDEFINED.finditer(text):
        name, place = match["name"], _PLACE.search(match["rest"])
        if name == "guest_main":
            fix = "write int guest_main(struct ovm_vcpu_page *page) in one of its .c files, or a _start of its own in assembly"
            yield BuildDiagnostic("B003", "the guest has no function 'guest_main'", str(folder), 0, 0, fix=fix)
        else:
            fix = f"define it in the guest's folder; there is no C library, but {_HEADERS}"
            file, line = (place["file"], int(place["line"])) if place else ("", 0)
            yield _at(folder, file, line, 1, f"nothing defines '{name}'", fix)
    if _THREAD in text:
        fix = "make what is declared with __thread or _Thread_local a plain static variable"
        yield BuildDiagnostic("B003", "a guest has one thread, and no thread-local variables", str(folder), 0, 0, fix=fix)
    for match in _TWICE.finditer(text):
        places = [(each["file"], int(each["line"])) for each in _PLACE.finditer(match["rest"])] or [("", 0)]
        first, last = places[0], places[-1]
        other = f", first at {_shown(folder, first[0])}:{first[1]}" if len(places) > 1 else ""
        message = f"'{match['name']}' is defined twice{other}"
        yield _at(folder, *last, 1, message, "rename one, or make it static")


def _shown(folder: Path, file: str) -> str:
    return str(folder / file.removeprefix(STAGED)) if file.startswith(STAGED) else file


def _at(folder: Path, file: str, line: int, column: int, message: str, fix: str) -> BuildDiagnostic:
    source = ""
    if file.startswith(STAGED) and line:
        try:
            source = (folder / file.removeprefix(STAGED)).read_text("utf-8", "replace").split("\n")[line - 1]
        except (OSError, IndexError):
            source = ""
        if column == 1:
            column += len(source) - len(source.lstrip())
    return BuildDiagnostic("B003", message, _shown(folder, file) or str(folder), line, column, fix=fix, source=source)
