# SPDX-License-Identifier: Apache-2.0
"""Let QEMU's Cortex-A9 perform accesses under given tables, and say how each ended."""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ovm.metal.build.image import link_arm
from ovm.metal.build.objects import Source
from tests.core.memory.reference import FETCH, READ, WRITE, Registers

PROGRAM, CASES = 0x6000_0000, 0x6010_0000
KINDS = {(READ, True): 0, (READ, False): 1, (WRITE, True): 2, (WRITE, False): 3, (FETCH, True): 4, (FETCH, False): 5}
SCRIPT = f"SECTIONS {{ . = {PROGRAM:#x}; .text : {{ KEEP(*(.text.start)) *(.text) }} }}"
SOURCE = Path(__file__).with_name("qemu_probe.S")


@dataclass(frozen=True)
class Case:
    """One access."""

    registers: Registers
    va: int
    access: str
    privileged: bool

    def packed(self) -> bytes:
        registers = self.registers
        sctlr = 1 | (1 << 29 if registers.afe else 0)
        kind = KINDS[self.access, self.privileged]
        tables = registers.ttbr0, registers.ttbr1, registers.ttbcr, registers.dacr
        return struct.pack("<8I", *tables, sctlr, self.va, kind, 0)


def build(folder: Path) -> Path:
    """Assemble the probe."""
    image = folder / "probe.elf"
    image.write_bytes(link_arm([Source(SOURCE, SOURCE.parent)], SCRIPT, "_start"))
    return image


def run(qemu: str, folder: Path, memory: Mapping[int, int], cases: Sequence[Case]) -> list[tuple[int, int, int]]:
    """Return (how, status or value, fault address) of each case; `memory` gives words by physical address."""
    listing = folder / "cases.bin"
    listing.write_bytes(struct.pack("<I28x", len(cases)) + b"".join(case.packed() for case in cases))
    first, last = min(memory), max(memory)
    content = bytearray(last + 4 - first)
    for address, word in memory.items():
        struct.pack_into("<I", content, address - first, word)
    tables = folder / "memory.bin"
    tables.write_bytes(content)
    done = subprocess.run(
        [
            qemu, "-M", "vexpress-a9", "-m", "64M", "-display", "none", "-monitor", "none", "-serial", "stdio",
            "-semihosting", "-kernel", str(build(folder)),
            "-device", f"loader,file={listing},addr={CASES:#x},force-raw=on",
            "-device", f"loader,file={tables},addr={first:#x},force-raw=on",
        ],
        stdin=subprocess.DEVNULL, check=True, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    results = [tuple(int(word, 16) for word in line.split()) for line in done.stdout.splitlines() if line.strip()]
    return [(how, value, address) for how, value, address in results]
