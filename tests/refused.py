# SPDX-License-Identifier: Apache-2.0
"""Inputs that are refused, many in one text file, each with the exact text of its refusal.

A case is a line `=== NAME`, the input, a line `--- refused:`, and the text. An empty line is between two cases. With
UPDATE_EXPECTED=1 a text that differs is written anew instead; look at the difference before committing it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tests.expected import UPDATES

_HEADER = re.compile(r"^=== (\S+)\n", re.MULTILINE)
_REFUSED = "--- refused:\n"


@dataclass(frozen=True)
class Case:
    """An input of a file, and what it is answered."""

    file: Path
    name: str
    given: str
    answer: str

    def __str__(self) -> str:
        return f"=== {self.name}\n{self.given}{_REFUSED}{self.answer}"

    def compare(self, answer: str) -> None:
        """Hold the answer to what it was, or write it."""
        if UPDATES and answer != self.answer:
            known = {case.name: case for case in cases_of(self.file)} | {self.name: replace(self, answer=answer)}
            self.file.write_bytes("\n".join(str(case) for case in known.values()).encode())
        else:
            assert answer == self.answer, f"{self.name} of {self.file.name}; UPDATE_EXPECTED=1 writes it anew"


def cases_of(file: Path) -> Iterator[Case]:
    """Yield the cases of one file."""
    # No newline is translated: some inputs are about them.
    _, *parts = _HEADER.split(file.read_bytes().decode())
    for name, text in zip(parts[::2], parts[1::2], strict=True):
        given, found, answer = text.partition(_REFUSED)
        assert found, f"{file.name}: {name} has no line {_REFUSED!r}"
        last = parts[-2] == name
        yield Case(file, name, given, answer if last else answer.removesuffix("\n"))


def cases_below(folder: Path) -> list[Case]:
    """Return the cases of all files of a folder, by name."""
    found = sorted((case for file in folder.glob("*.txt") for case in cases_of(file)), key=lambda case: case.name)
    assert len({case.name for case in found}) == len(found), f"{folder} has a name twice"
    return found
