# SPDX-License-Identifier: Apache-2.0
"""GDB itself on the virtual board, while OVM and its guests run there."""

import random
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ovm.board.api import Board
from ovm.machines import virtual
from ovm.machines.gdb.board import BoardTarget
from ovm.machines.gdb.console import Once
from ovm.machines.gdb.drive import Debugger, commands
from ovm.machines.gdb.packets import framed
from ovm.machines.gdb.session import Session as Talk
from ovm.machines.result import RunResult
from ovm.machines.running import RunOptions
from ovm.machines.stream import Event
from ovm.metal.build.elf import Elf
from ovm.system.archive import Archive
from ovm.system.build import build
from tests.debugger import run_gdb
from tests.machines.test_debug_hypervisor import shown_places
from tests.machines.test_gdb_protocol import receive

WHERE = "ovm/core/boot.py"
LINE = "data_cache_invalidate()"
CORTEX_A9_R3P0 = 0x413F_C090  # MIDR, A9 TRM table 4-1
RELEASED = 0x4F56_4D31  # ovm.core.boot.RELEASED
HELD = 0xFFFF_FF00  # where the BootROM begins: CPU 1 is in reset until OVM lets it begin
GUEST = "ovm/guests/tick/guest.py"


@dataclass
class Session:
    """A run that waits for GDB, and what it prints for a script."""

    source: Path
    folder: Path
    where: str
    program: str
    said: list[str]
    results: list[RunResult] = field(default_factory=list)

    def gdb(self, *script: str) -> list[str]:
        begin = [f"directory {self.source}", f"file {self.folder / 'ovm.elf'}", f"target remote {self.where}"]
        printed = run_gdb(self.program, self.folder.parent, ["set remotetimeout 100", *begin, *script])
        print("\n".join(printed))
        return printed


@pytest.fixture(scope="module")
def repository() -> Path:
    return Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def archive(repository: Path) -> Archive:
    return build(repository / "systems" / "mixed.toml", lambda _: None, board="zc702")


@pytest.fixture
def session(repository: Path, archive: Archive, tmp_path: Path, require_tool: Callable[[str], str]) -> Iterator[Session]:
    program = require_tool("gdb-multiarch")
    said: list[str] = []
    debugger = Debugger(0, said.append)
    made = Session(repository / "src", archive.write(tmp_path / "mixed"), debugger.where, program, said)
    options = RunOptions(drive=debugger, timeout_seconds=60)
    thread = threading.Thread(target=lambda: made.results.append(virtual.run(archive, lambda event: None, options)))
    thread.start()
    yield made
    thread.join(60)
    assert not thread.is_alive()


def line_of(session: Session, file: str, text: str) -> int:
    lines = [line.strip() for line in (session.source / file).read_text().splitlines()]
    return lines.index(text) + 1


def value(printed: list[str], number: int) -> int:
    return int(next(line for line in printed if line.startswith(f"${number} = ")).partition(" = ")[2], 0)


def test_stepping_the_hypervisors_python(session: Session) -> None:
    number = line_of(session, WHERE, LINE)
    printed = session.gdb(f"tbreak {WHERE}:{number}", "continue", "backtrace", "echo stepping\\n", *["step"] * 4, "kill")
    stop = printed.index("stepping")
    places = shown_places(printed, WHERE)
    reached = shown_places(printed[:stop], WHERE)
    assert reached[-1] == (WHERE, number, LINE)
    steps = places[len(reached) :]
    assert len(steps) == 4 and len(set(steps)) >= 3
    for file, line, text in steps:
        assert (session.source / file).read_text().splitlines()[line - 1].strip() == text
    assert any(each.startswith("#1") for each in printed[:stop])
    assert "the debugger has ended the run" in session.said


def test_a_guests_python_with_its_own_addresses(session: Session, archive: Archive) -> None:
    place = archive.plan.guests[1]
    assert place.guest.name == "tick"
    printed = session.gdb(
        f"add-symbol-file {session.folder / 'tick.elf'}",
        f"tbreak {GUEST}:main",
        "continue",
        "print/x $pc",
        "print/x $TTBR0_NS & ~0x3fff",
        "print/x *(unsigned *)$pc",
        "maintenance packet Qqemu.PhyMemMode:1",
        f"print/x *(unsigned *)($pc - {place.ram_gpa:#x} + {place.ram_phys:#x})",
        "maintenance packet Qqemu.PhyMemMode:0",
        "info threads",
        "kill",
    )
    reached = shown_places(printed, GUEST)
    assert reached[-1][0] == GUEST
    pc = value(printed, 1)
    assert place.ram_gpa < pc < place.ram_gpa + place.guest.memory
    assert value(printed, 2) == place.table_phys
    assert value(printed, 3) == value(printed, 4)
    threads = [line for line in printed if "Thread " in line and "CPU " in line]
    assert any("Non-secure usr" in line for line in threads) and len(threads) >= 2


def test_watching_memory_and_both_cpus(session: Session) -> None:
    printed = session.gdb(
        "watch -l *(unsigned *)&'ovm.core.boot.RELEASE'",
        "continue",
        "print/x *(unsigned *)&'ovm.core.boot.RELEASE'",
        "thread 2",
        "print/x $pc",
        "stepi",
        "print/x $SCR",
        "print/x $MIDR",
        "print/x $MPIDR & 3",
        "set $d3 = 1.5",
        "print $d3",
        "info threads",
        "kill",
    )
    assert any(line.startswith("Hardware watchpoint") for line in printed)
    assert f"New value = {RELEASED}" in printed
    assert value(printed, 1) == RELEASED
    assert value(printed, 2) == HELD and printed[printed.index(f"$2 = {HELD:#x}") + 1].startswith("start () at")
    assert value(printed, 3) == 0
    assert value(printed, 4) == CORTEX_A9_R3P0 and value(printed, 5) == 1
    assert any(line.startswith("$6 = ") and "1.5" in line for line in printed)
    assert any(line.startswith("* 2") and '"CPU 1" (Secure svc' in line for line in printed)


def test_going_back(session: Session, archive: Archive) -> None:
    place = "ovm.core.boot.boot_primary"
    printed = session.gdb(
        f"break *&'{place}'",
        "continue",
        "print/x $pc",
        "print/x $sp",
        *["stepi"] * 6,
        *["reverse-stepi"] * 6,
        "print/x $pc",
        "print/x $sp",
        "tbreak gic_start_cpu",
        "continue",
        "echo back\\n",
        "reverse-continue",
        "print/x $pc",
        "delete",
        "reverse-continue",
        "print/x $pc",
        "kill",
    )
    assert value(printed, 1) == value(printed, 3) == value(printed, 5)
    assert value(printed, 2) == value(printed, 4)
    back = printed[printed.index("back") :]
    assert any("hit Breakpoint 1" in line for line in back)
    assert any("No more reverse-execution history" in line for line in back)
    assert value(printed, 6) == Elf(archive.boot).entry


def test_what_to_type_names_what_is_there(archive: Archive, tmp_path: Path) -> None:
    text = commands(archive, tmp_path, "127.0.0.1:1234")
    assert "target remote 127.0.0.1:1234" in text
    for name in archive.images:
        assert f"add-symbol-file {tmp_path / name}.elf" in text


def connected(session: Session) -> socket.socket:
    host, _, port = session.where.partition(":")
    link = socket.create_connection((host, int(port)), 60)
    link.settimeout(60)
    link.sendall(framed(b"QStartNoAckMode"))
    receive(link, framed(b"OK"))
    return link


def test_interrupting_and_leaving_a_run(session: Session) -> None:
    with connected(session) as link:
        link.sendall(framed(b"vCont;c"))
        link.sendall(b"\x03")
        assert receive(link, b";#").startswith(b"$T02thread:")
    # Gone without a word: the machine is halted and serves the next one.
    with connected(session) as link:
        link.sendall(framed(b"?"))
        assert receive(link, b"#").startswith(b"$T05thread:1")
        link.sendall(framed(b"k"))


@pytest.fixture
def small(repository: Path) -> Archive:
    return build(repository / "systems" / "hello.toml", lambda _: None, board="zc702")


def test_a_run_goes_on_to_its_end_when_the_debugger_leaves(
    small: Archive, repository: Path, tmp_path: Path, require_tool: Callable[[str], str]
) -> None:
    said: list[str] = []
    heard: list[Event] = []
    debugger = Debugger(0, said.append)
    results: list[RunResult] = []
    options = RunOptions(drive=debugger, timeout_seconds=60)
    thread = threading.Thread(target=lambda: results.append(virtual.run(small, heard.append, options)))
    thread.start()
    made = Session(repository / "src", small.write(tmp_path / "hello"), debugger.where, require_tool("gdb-multiarch"), said)
    printed = made.gdb("tbreak boot_primary", "continue", "stepi", "reverse-stepi", "detach")
    thread.join(60)
    assert any("Temporary breakpoint 1, boot_primary" in line for line in printed)
    assert said[-1] == "the debugger has detached"
    assert results[0].ended and not results[0].failures
    alone = virtual.run(small, lambda event: None)
    assert results[0].ticks == alone.ticks
    assert results[0].guests["hello"].console == alone.guests["hello"].console


def test_random_packets_on_a_real_machine(small: Archive) -> None:
    board = Board(small.plan.system.board.parameters)

    def begin() -> None:
        board.reset()
        board.start(board.load(small.boot))

    begin()
    target = BoardTarget(board, begin, Once(lambda uart, data: None))
    one = Talk(target, lambda: True)
    chance = random.Random(11)
    shapes = ["m{},4", "M{},2:{:04x}", "p{}", "P{}={:08x}", "g", "G{}", "Z0,{},4", "z0,{},4", "Z2,{},{}", "z2,{},4", "T{}"]
    shapes += ["vCont;s:{}", "vCont;c", "bs", "bc", "Hg{}", "qRcmd,{}", "qXfer:features:read:target.xml:{},{}", "{}", "{}{}"]
    answers = set()
    for _ in range(400):
        numbers = [chance.getrandbits(chance.choice((1, 3, 8, 20, 32, 40))) for _ in range(2)]
        shape = chance.choice(shapes)
        text = shape.replace("{:04x}", f"{numbers[1] & 0xFFFF:04x}").replace("{:08x}", f"{numbers[1] & 0xFFFF_FFFF:08x}")
        text = text.replace("{}", f"{numbers[0]:x}", 1).replace("{}", f"{numbers[1]:x}")
        answer = one.answer(text.encode())
        answers.add(answer if answer in ("", "OK", "E01", "E14") else "other")
    assert answers == {"", "OK", "E01", "E14", "other"}
    tlb, walk = (bytes.fromhex(one.answer(b"qRcmd," + text.hex().encode()) or "").decode() for text in (b"tlb", b"walk 0"))
    assert tlb == "empty\n" or "ASID" in tlb or "global" in tlb
    assert "MMU is off" in walk or "descriptor" in walk or "maps nothing" in walk
    one.forget()
    assert not list(board.breakpoints) and not list(board.watchpoints)
