# SPDX-License-Identifier: Apache-2.0
"""From reset to `boot_primary` after a boot loader: the very assembly, under Unicorn with CP15 and NMFI added."""

from __future__ import annotations

import importlib
import tempfile
from pathlib import Path
from typing import Any

import pytest

from ovm.core.boot import boot_primary, boot_quiet
from ovm.core.boot_hard import boot_secondary
from ovm.core.config import BOOT_CPU
from ovm.core.entry import start as reset
from ovm.metal import symbol
from ovm.metal.build.elf import Elf
from ovm.metal.build.image import link_arm
from ovm.metal.build.objects import Source

BASE, LENGTH = 0x0001_0000, 0x0001_0000
PRIMARY = symbol(boot_primary)
STUBS = (PRIMARY, symbol(boot_secondary), "ovm_monitor_exit", "ovm_abort_taken", reset.RELEASE, reset.BEGUN)
STACKS = ("ovm.core.cpu.STACK_0", "ovm.core.cpu.STACK_1")
SCRIPT = f"SECTIONS {{ . = {BASE:#x}; .text : {{ *(.text) }} /DISCARD/ : {{ *(.ARM.*) *(.comment) }} }}"
HEAD = ".syntax unified\n.cpu cortex-a9\n.text\n.global _start\n_start:\n"
SVC, F, MASKS = 0x13, 1 << 6, 0x1C0
# As p15 operands: opc1, CRn, CRm, opc2.
SCTLR, MVBAR, MPIDR, CCSIDR, DCCISW = (0, 1, 0, 0), (0, 12, 0, 1), (0, 0, 0, 5), (1, 0, 0, 0), (0, 7, 14, 2)
# SCTLR: MMU and caches on; and big-endian, Thumb exception entry.
CACHES_ON, ODD_ENTRY = 0x00C5_187D, 1 << 25 | 1 << 30
# 32 KiB, 4 ways, lines of 32 bytes (A9 TRM 4.3.5).
GEOMETRY = 0x701F_E019
Register = tuple[int, int, int, int]


def reset_image(monkeypatch: pytest.MonkeyPatch) -> Elf:
    """Return the reset code alone, with labels for what it calls."""
    bodies: list[str] = []
    monkeypatch.setattr(reset, "asm_block", bodies.append)
    body: Any = reset.start
    body.python()
    labels = "".join(f'"{name}": b .\n' for name in STUBS) + f'"{symbol(boot_quiet)}": bx lr\n'
    stacks = "".join(f'.set "{name}", {BASE + LENGTH // 2}\n' for name in STACKS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reset.S"
        path.write_text(f"{HEAD}{bodies[0]}\n{labels}{stacks}")
        return Elf(link_arm([Source(path, Path(folder))], SCRIPT, "_start", collect_garbage=False))


class Processor:
    """Unicorn for the core's instructions; CP15, Monitor entry and NMFI in Python."""

    def __init__(self, elf: Elf, control: int) -> None:
        unicorn = importlib.import_module("unicorn")
        self.names = importlib.import_module("unicorn.arm_const")
        self.registers: dict[Register, int] = {SCTLR: control, CCSIDR: GEOMETRY, MPIDR: 0x8000_0000 | BOOT_CPU}
        self.writes: list[tuple[Register, int]] = []
        self.entered_monitor = False
        self.core = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_ARM)
        self.core.mem_map(BASE, LENGTH)
        self.core.mem_write(BASE, elf.section_data(".text"))
        self.core.hook_add(unicorn.UC_HOOK_CODE, self._step)
        self.core.reg_write(self.names.UC_ARM_REG_CPSR, SVC)
        self.core.emu_start(elf.entry, elf.symbols[PRIMARY].address, count=20_000)
        self.place = int(self.core.reg_read(self.names.UC_ARM_REG_PC))
        self.psr = int(self.core.reg_read(self.names.UC_ARM_REG_CPSR))

    def _step(self, core: Any, address: int, _size: int, _data: object) -> None:
        word = int.from_bytes(core.mem_read(address, 4), "little")
        psr = core.reg_read(self.names.UC_ARM_REG_CPSR)
        if not self.entered_monitor and psr & F:
            core.reg_write(self.names.UC_ARM_REG_CPSR, psr & ~F)
        if word & 0xFFFF_FFF0 == 0xE160_0070:
            # SMC: only an exception sets F (ARM B1.8.1, B1.8.3). Unicorn's core has no Monitor mode: the number stays.
            self.entered_monitor = True
            core.reg_write(self.names.UC_ARM_REG_CPSR, psr | MASKS)
            core.reg_write(self.names.UC_ARM_REG_PC, self.registers[MVBAR] + 8)
        elif word & 0xFF00_0F10 == 0xEE00_0F10:
            self._coprocessor(core, word)
            core.reg_write(self.names.UC_ARM_REG_PC, address + 4)

    def _coprocessor(self, core: Any, word: int) -> None:
        register = (word >> 21 & 7, word >> 16 & 15, word & 15, word >> 5 & 7)
        general = self.names.UC_ARM_REG_R0 + (word >> 12 & 15)
        if word >> 20 & 1:
            core.reg_write(general, self.registers[register])
        else:
            value = int(core.reg_read(general))
            self.registers[register] = value
            self.writes.append((register, value))


@pytest.mark.parametrize("control", [0x00C5_0078, CACHES_ON, CACHES_ON | ODD_ENTRY])
def test_f_is_set_in_monitor_mode_though_only_an_exception_can_set_it(monkeypatch: pytest.MonkeyPatch, control: int) -> None:
    elf = reset_image(monkeypatch)
    run = Processor(elf, control)
    assert run.place == elf.symbols[PRIMARY].address
    assert run.entered_monitor
    assert run.psr & MASKS == MASKS
    # Exceptions are entered in ARM state and little-endian; MMU and data cache are off, instructions are cached.
    assert run.registers[SCTLR] & (ODD_ENTRY | 0x0000_3807) == 0x1000


def test_a_loaders_dirty_lines_are_cleaned_once_its_cache_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Processor(reset_image(monkeypatch), CACHES_ON)
    lines = [value for register, value in run.writes if register == DCCISW]
    assert sorted(lines) == sorted(way << 30 | index << 5 for way in range(4) for index in range(256))
    names = [register for register, _ in run.writes]
    assert names.index(SCTLR) < names.index(DCCISW)


def test_noise_of_a_cache_that_was_off_is_not_written_back(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Processor(reset_image(monkeypatch), 0x00C5_0078)
    assert DCCISW not in [register for register, _ in run.writes]
