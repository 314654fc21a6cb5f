# SPDX-License-Identifier: Apache-2.0
"""Instructions under test, encoded by LLVM's assembler: nobody here wrote the encodings."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from ovm.metal.build.elf import Elf
from ovm.metal.build.image import link_arm
from ovm.metal.build.objects import Source

BASE = 0x0001_0000
_SCRIPT = f"SECTIONS {{ . = {BASE:#x}; .text : {{ *(.text) }} /DISCARD/ : {{ *(.ARM.*) *(.comment) }} }}"
_MARK = 0xDEAD_BEEF


@functools.cache
def assemble(lines: tuple[str, ...], thumb: bool = False) -> tuple[bytes, ...]:
    """Return the bytes of each line, in order; marks in between tell where one ends."""
    state = ".thumb" if thumb else ".arm"
    body = "\n".join(f"{line}\n.inst_mark" for line in lines).replace(".inst_mark", f".balign 4, 0\n.word {_MARK:#x}")
    text = f".syntax unified\n.arch armv7-a\n.arch_extension sec\n.text\n.global _start\n_start:\n{state}\n{body}\n"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines.S"
        path.write_text(text)
        image = Elf(link_arm([Source(path, Path(folder))], _SCRIPT, "_start", collect_garbage=False))
    code = image.section_data(".text")
    parts = code.split(_MARK.to_bytes(4, "little"))
    assert len(parts) == len(lines) + 1
    return tuple(parts[:-1])


def word_of(code: bytes, thumb: bool) -> bytes:
    """Return one instruction's bytes: 4 for ARM; 2 or 4 for Thumb, without the padding behind it."""
    if not thumb:
        return code[:4]
    first = int.from_bytes(code[:2], "little")
    return code[: 4 if first >= 0xE800 else 2]
