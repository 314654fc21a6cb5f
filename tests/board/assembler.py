# SPDX-License-Identifier: Apache-2.0
"""LLVM's assembler for Cortex-A9 over many lines at once; a line that it refuses gives its message."""

import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from elftools.elf.elffile import ELFFile

from ovm.metal.build.zig import zig_binary

_ERROR = re.compile(r"a\.s:(\d+):\d+: error: (.*)")
_BYTES_OF_LINE = 8


def assemble(lines: Sequence[str], thumb: bool) -> list[bytes | str]:
    """Return the code of each line, or why there is none."""
    outcome: list[bytes | str] = [b""] * len(lines)
    left = dict(enumerate(lines))
    for _ in range(3):
        with tempfile.TemporaryDirectory() as name:
            done = _run(Path(name), left, thumb)
            if done.returncode == 0:
                _collect(Path(name), left, thumb, outcome)
                return outcome
        places = list(left)
        for number, message in _ERROR.findall(done.stderr):
            place = places[(int(number) - 3) // 2]
            outcome[place] = message
            left.pop(place, None)
    raise AssertionError(done.stderr[:2000])


def _run(folder: Path, lines: dict[int, str], thumb: bool) -> subprocess.CompletedProcess[str]:
    head = f".syntax unified\n.{'thumb' if thumb else 'arm'}\n"
    (folder / "a.s").write_text(head + "".join(f"{line}\n.p2align 3\n" for line in lines.values()))
    target = "thumbv7a-none-eabi" if thumb else "armv7a-none-eabi"
    options = ("-mcpu=cortex-a9", "-mimplicit-it=never", "-ferror-limit=0", "-c", "a.s", "-o", "a.o")
    command = [str(zig_binary()), "clang", f"--target={target}", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def _collect(folder: Path, lines: dict[int, str], thumb: bool, outcome: list[bytes | str]) -> None:
    with (folder / "a.o").open("rb") as file:
        text = ELFFile(file).get_section_by_name(".text")
        code = b"" if text is None else text.data()
    for number, place in enumerate(lines):
        part = code[number * _BYTES_OF_LINE : number * _BYTES_OF_LINE + 4]
        wide = not thumb or int.from_bytes(part[:2], "little") >> 11 >= 0b11101
        outcome[place] = part if wide else part[:2]
