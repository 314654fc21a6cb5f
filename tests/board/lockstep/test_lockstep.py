# SPDX-License-Identifier: Apache-2.0
"""The boot of `mixed`, the same image on QEMU and on the board, exception by exception.

Each exception of a guest into OVM is compared with all its registers: r0 to r14, PC, PSR and which vector it came by. The
guests' streams are compared each on its own, since how they take turns depends on time, and up to the first virtual
interrupt, which arrives by time too. Before that, nothing may differ but what EXPLAINED names.
"""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from ovm.abi.hypercalls import INTERRUPT_ACKNOWLEDGE, TIME
from ovm.core.entry.gate import RETURN_SUPERVISOR_CALL
from ovm.machines.qemu import command
from ovm.machines.running import RunOptions
from ovm.system.archive import Archive
from ovm.system.build import build
from tests.board.lockstep.qemu_side import watch
from tests.board.lockstep.remap import copy_of_sources
from tests.board.lockstep.watch import Places, Trace

ROOT = Path(__file__).parent.parent.parent.parent
MOST = int(os.environ.get("OVM_LOCKSTEP", "4000"))
GATE = 0xFFFF_F000

SCTLR_NMFI = 1 << 27
PSR_FLAGS = 0xF800_0000
# Register at reset that differs, and why.
RESET_EXPLAINED = {
    "r4": "SCTLR as OVM writes it, and",
    "r5": "as it was: SCTLR.NMFI is 1 on this core's configuration (A9 4.3.9), QEMU has 0",
    "cpsr": "flags are UNKNOWN at reset (ARM B1.9.1)",
}
# Words of OVM's memory that hold a time at the first exception, or what is left of one on its stack.
MOST_TIMES = 13
# The first virtual interrupts come after some 1000 and 2400 exceptions.
FEWEST = 3000
# monitor_call: stmia, ldr, ldmia, strd; then the frame is complete.
STORED = 16
# ovm_monitor_exit: cmp, beq; then r0 is the Vcpu that runs next.
LEAVING = 8
NAMES = (*(f"r{number}" for number in range(16)), "psr")


def places_in(archive: Archive, folder: Path) -> Places:
    file = folder / "ovm.elf"
    file.write_bytes(archive.core.content)
    symbols = {name: place for place, name in symbols_of(file)}
    return Places(
        reset_call=symbols["ovm_reset_vectors"] + 8,
        guest_stored=symbols["ovm.core.entry.monitor.monitor_call"] + STORED,
        interrupt=symbols["ovm.core.entry.monitor.monitor_interrupt"],
        leaving=symbols["ovm_monitor_exit"] + LEAVING,
        memory=zeroed_memory(file),
        time_call=TIME,
        call_links=(GATE + RETURN_SUPERVISOR_CALL,),
    )


def symbols_of(file: Path) -> list[tuple[int, str]]:
    with file.open("rb") as content:
        table = ELFFile(content).get_section_by_name(".symtab")
        assert isinstance(table, SymbolTableSection)
        return [(symbol["st_value"], symbol.name) for symbol in table.iter_symbols()]


def zeroed_memory(file: Path) -> tuple[int, int]:
    with file.open("rb") as content:
        section = ELFFile(content).get_section_by_name(".bss")
        assert section is not None
        return section["sh_addr"], section["sh_size"]


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory, qemu: str) -> tuple[Trace, Trace]:
    folder = tmp_path_factory.mktemp("lockstep")
    archive = build(ROOT / "systems" / "mixed.toml", lambda text: None, board="vexpress-a9")
    image = folder / "boot.elf"
    image.write_bytes(archive.boot)
    places = places_in(archive, folder)
    options = RunOptions(program=qemu)
    theirs = watch([*command(archive, image, folder / "qmp", options)], folder, places, MOST)
    return theirs, ours(folder, image, places, theirs)


def ours(folder: Path, image: Path, places: Places, theirs: Trace) -> Trace:
    copy_of_sources(ROOT, folder)
    files = [image, folder / "places.json", folder / "theirs.json", folder / "ours.json"]
    files[1].write_text(json.dumps(asdict(places)))
    theirs.write(files[2])
    program = Path(__file__).with_name("board_side.py")
    path = f"{folder / 'src'}:{ROOT}"
    done = subprocess.run(
        [sys.executable, str(program), *map(str, files)],
        env={**os.environ, "PYTHONPATH": path},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Trace.read(files[3])


def first_difference(theirs: list[list[int]], mine: list[list[int]]) -> int:
    """Return where two streams first differ in vector, PC or PSR."""
    pairs = zip(theirs, mine, strict=False)
    same = (index for index, (a, b) in enumerate(pairs) if (a[0], *a[16:]) != (b[0], *b[16:]))
    return next(same, min(len(theirs), len(mine)))


def without_retries(stream: list[list[int]]) -> list[list[int]]:
    """Return a guest's exceptions, those once that follow themselves with every register the same.

    OVM ends a demand fill that an interrupt comes to, and lets the guest abort again; when one comes is a matter of time.
    """
    return [each for index, each in enumerate(stream) if index == 0 or each != stream[index - 1]]


def test_reset(traces: tuple[Trace, Trace]) -> None:
    theirs, mine = traces
    assert set(theirs.reset) == set(mine.reset) == {"0", "1"}
    for cpu, registers in theirs.reset.items():
        differing = {name for name, a, b in zip((*NAMES[:16], "cpsr"), registers, mine.reset[cpu], strict=True) if a != b}
        assert differing == set(RESET_EXPLAINED)
        assert registers[4] ^ mine.reset[cpu][4] == registers[5] ^ mine.reset[cpu][5] == SCTLR_NMFI
        assert (registers[16] ^ mine.reset[cpu][16]) & ~PSR_FLAGS == 0


def test_exceptions(traces: tuple[Trace, Trace]) -> None:
    theirs, mine = traces
    print(f"{'guest':>12} {'QEMU':>6} {'board':>6} {'compared':>8} {'equal':>6}")
    compared = 0
    for guest, all_theirs in theirs.guests.items():
        stream, other = without_retries(all_theirs), without_retries(mine.guests[guest])
        end = first_difference(stream, other)
        equal = sum(a == b for a, b in zip(stream[:end], other[:end], strict=True))
        print(f"{guest:>12} {len(stream):6} {len(other):6} {end:8} {equal:6}")
        wrong = [differing(index, stream[index], other[index]) for index in range(end) if stream[index] != other[index]]
        assert not wrong, "\n".join(wrong[:20])
        if end < min(len(stream), len(other)):
            # A virtual interrupt came to one of the two first: its handler asks which one it is.
            assert INTERRUPT_ACKNOWLEDGE in (stream[end][1], other[end][1]), differing(end, stream[end], other[end])
        compared += end
    assert compared > min(MOST // 2, FEWEST)


def differing(index: int, theirs: list[int], mine: list[int]) -> str:
    parts = (f"{name} {a:#x}/{b:#x}" for name, a, b in zip(("lr_mon", *NAMES), theirs, mine, strict=True) if a != b)
    return f"exception {index} at {theirs[16]:#x}: QEMU/board " + ", ".join(parts)


def test_memory_of_ovm(traces: tuple[Trace, Trace]) -> None:
    """All that OVM has written by the first exception of a guest, tables and accounts: only times differ."""
    theirs, mine = (bytes.fromhex(trace.memory) for trace in traces)
    assert len(theirs) == len(mine) > 0x1_0000
    words = [at for at in range(0, len(theirs), 4) if theirs[at : at + 4] != mine[at : at + 4]]
    print(len(theirs), "bytes,", len(words), "words differ:", [hex(at) for at in words])
    assert len(words) <= MOST_TIMES
