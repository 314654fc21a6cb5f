# SPDX-License-Identifier: Apache-2.0
"""Reports about a stopped guest name function, source line and instruction of its own program."""

from pathlib import Path

from ovm.machines.cause import instruction_text
from ovm.machines.places import Places, register_lines
from ovm.machines.stream import Record, parse_line
from ovm.metal.build.elf import Elf
from ovm.system.archive import Archive
from ovm.system.build import build
from tests.machines.archives import archive

SOURCE = """#include "guest.h"
int guest_main(struct ovm_vcpu_page *page) {
    (void)page;
    *(volatile int *)0x30 = 5;
    return 0;
}
"""
DESCRIPTION = """
[system]
name = "t"
board = "vexpress-a9"
[[guest]]
name = "bad"
level = "nrt"
image = "bad"
memory = "1MiB"
"""


def built(folder: Path) -> Archive:
    (folder / "bad").mkdir()
    (folder / "bad" / "main.c").write_text(SOURCE)
    (folder / "t.toml").write_text(DESCRIPTION)
    return build(folder / "t.toml", lambda step: None)


def stopped(pc: int) -> Record:
    text = f"\x1estopped guest=bad why=no-vectors pc={pc:#x} psr=0x13 address=0x30 status=0x808 instruction=0xe5801000"
    record = parse_line(f"{text} maps_fault=0x8".encode())
    assert isinstance(record, Record)
    return record


def test_a_stop_report_finds_the_source(tmp_path: Path) -> None:
    made = built(tmp_path)
    start = Elf(made.images["bad"].content).address_of("guest_main")
    lines = Places(made).stop_report(stopped(start))
    assert lines[0] == "OVM stopped this guest: it has no vectors that could take its exception"
    assert "in guest_main, guest/main.c:" in lines[1]
    assert lines[2] == "  instruction 0xe5801000  str r1, [r0]"
    assert lines[3] == "  address     0x00000030  its tables give fault status 0x008"
    assert "near " in Places(made).broken_report(Record("broken", {"vector": 16, "link": made_entry(made)}))[0]


def test_a_guest_stopped_by_a_manager_has_no_faulting_address(tmp_path: Path) -> None:
    record = stopped(0x1000_8000)
    lines = Places(archive(tmp_path)).stop_report(Record("stopped", {**record.fields, "why": "manager", "guest": "nobody"}))
    assert lines[0] == "OVM stopped this guest: a manager asked for it"
    assert not any("address" in line for line in lines)


def made_entry(made: Archive) -> int:
    return Elf(made.core.content).entry


def test_instructions() -> None:
    assert instruction_text(0xE1A00000, 0, False) == "0xe1a00000  mov r0, r0"
    assert instruction_text(0x0000BF00, 0, True) == "0x0000bf00  nop"
    assert instruction_text(0xFFFFFFFF, 0, False) == "0xffffffff  (not an instruction)"


def test_registers() -> None:
    record = Record("registers", {f"r{index}": index for index in range(16)})
    lines = register_lines(record)
    assert len(lines) == 4
    assert lines[3] == "  r12 0x0000000c  r13 0x0000000d  r14 0x0000000e  r15 0x0000000f"


def test_an_archive_that_is_no_elf_is_only_read_when_needed(tmp_path: Path) -> None:
    Places(archive(tmp_path))
