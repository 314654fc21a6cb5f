# SPDX-License-Identifier: Apache-2.0
"""The state that a boot loader may leave behind, as a small program in front of the boot image on the virtual board.

Every state is a few instructions in Secure Supervisor mode. One program holds all of them; a word of memory for each
says whether it is wanted, so that a hundred combinations need one assembly. At length:

    PYTHONPATH=src python -m tests.machines.leftovers --combinations 1000 --seed 1
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
from collections.abc import Callable, Iterable
from itertools import zip_longest
from pathlib import Path

from ovm.board.api import Board
from ovm.metal.build.elf import Elf
from ovm.metal.build.image import link_arm
from ovm.metal.build.objects import Source
from ovm.system.archive import Archive
from ovm.system.build import build
from tests.machines.leftover_registers import registers
from tests.machines.leftover_states import PARTS, REFUSED, STATES, possible

BASE = 0x3000_0000
SYSTEM = Path(__file__).parent / "leftovers.toml"
SCRIPT = f"SECTIONS {{ . = {BASE:#x}; .text : {{ *(.text) }} /DISCARD/ : {{ *(.ARM.*) *(.comment) }} }}"
MOST_MILLISECONDS = 60
ALL = STATES | REFUSED
# Figures that count time: they may differ a little, by what caches and DRAM rows hold at the start.
TIMES = re.compile(r"(runtime_ticks|idle_ticks|ticks|maintenance_ticks)=\S+")
# Figures that count OVM's interrupts, which come by time; where printing begins a little later there is one more or less.
INTERRUPTS = re.compile(r"\b(entries|fiq|gate_fiq)=(\d+)")
MOST_INTERRUPTS_MORE = 2
# The last record, whole.
LAST = re.compile(rb"\x1e(end|broken) [^\n]*\n")


def program() -> Elf:
    """Return all states, each behind a test of its word; then the way into the boot image."""
    parts = [PARTS["prelude"]]
    for number, name in enumerate(ALL):
        parts.append(f"ldr r0, =wanted + {4 * number}\nldr r0, [r0]\ncmp r0, #0\nblne state_{number} @ {name}\n")
    parts.append("ldr r0, =entry\nldr lr, [r0]\nb last\n.ltorg\n")
    for number, body in enumerate(ALL.values()):
        parts.append(f"state_{number}:\nmov r11, lr\n{body}\nbx r11\n.ltorg\n")
    parts += [PARTS["last"], PARTS["routines"]]
    parts.append(f".balign 8\nentry: .word 0\nwanted: .space {4 * len(ALL)}\n")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "leftovers.S"
        path.write_text("".join(parts))
        return Elf(link_arm([Source(path, Path(folder))], SCRIPT, "_start", collect_garbage=False))


class Trial:
    """One built system that is entered from many states."""

    def __init__(self, **parameters: int) -> None:
        self.archive: Archive = build(SYSTEM, lambda _: None)
        self.elf = program()
        self.board = Board({"uart_timed": 0, **parameters})
        self.text = b""
        self.board.on_console(self._hear)

    def _hear(self, uart: int, data: bytes) -> None:
        self.text += data if uart == 1 else b""

    def run(self, wanted: Iterable[str], spoilt: int | None = None) -> list[str]:
        """Lines of the run from this state; `spoilt` is an address whose byte the loader got wrong."""
        return self.lines(lambda _: self.enter(wanted, spoilt))

    def enter(self, wanted: Iterable[str], spoilt: int | None = None) -> None:
        """Put everything in memory and let core 0 begin."""
        entry = self.board.load(self.archive.boot)
        if spoilt is not None:
            self.board.write(spoilt, bytes((self.board.read(spoilt, 1)[0] ^ 1,)))
        self.board.load(self.elf.content)
        self.board.write(self.elf.symbols["entry"].address, entry.to_bytes(4, "little"))
        names = list(ALL)
        for name in wanted:
            self.board.write(self.elf.symbols["wanted"].address + 4 * names.index(name), b"\1\0\0\0")
        self.board.start(self.elf.entry)

    def lines(self, begin: Callable[[Trial], None], more: int = 0) -> list[str]:
        """Lines of a run that `begin` prepares, after a reset; so many milliseconds more are for loading."""
        self.board.reset()
        self.text = b""
        begin(self)
        for _ in range(MOST_MILLISECONDS + more):
            stop = self.board.run(cycles=666_667)
            if LAST.search(self.text) or stop.reason != "budget":
                break
        lines = self.text.decode("ascii", "backslashreplace").split("\n")
        if stop.reason not in ("budget", "asleep"):
            lines.append(f"machine: {stop}")
        return lines


def comparable(lines: list[str]) -> list[str]:
    """Return what may be compared of a run: everything but times; in no order, as guests take turns by time."""
    kept = [line for line in lines if line and not line.startswith(("\x1eloader", "\x1eboot"))]
    return sorted(TIMES.sub(r"\1", line) for line in kept)


def is_alike(one: str, other: str) -> bool:
    """Return whether two lines are the same, except one interrupt more or less."""
    counts = zip(INTERRUPTS.findall(one), INTERRUPTS.findall(other), strict=False)
    is_near = all(abs(int(first) - int(second)) <= MOST_INTERRUPTS_MORE for (_, first), (_, second) in counts)
    return is_near and INTERRUPTS.sub(r"\1", one) == INTERRUPTS.sub(r"\1", other)


def what_shows(found: list[str], right: list[str]) -> list[str]:
    """Lines that differ from those of the undisturbed run, beside them."""
    pairs = zip_longest(comparable(found), comparable(right), fillvalue="")
    return [f"{one} instead of {other}" for one, other in pairs if not is_alike(one, other)]


def combinations(count: int, seed: int) -> Iterable[list[str]]:
    """Random sets of states, as far as one loader could leave them."""
    chance = random.Random(seed)
    for _ in range(count):
        yield possible(chance.sample(list(STATES), chance.randint(2, 14)))


def main() -> None:
    """Try many combinations; exit status 1 if one of them shows."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--combinations", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    trial = Trial()
    right, expected = trial.run([]), registers(trial.board)
    failed = 0
    for chosen in [[each] for each in STATES] + list(combinations(options.combinations, options.seed)):
        found = what_shows(trial.run(chosen), right)
        differ = {name: value for name, value in registers(trial.board).items() if expected[name] != value}
        if found or differ:
            failed += 1
            print(chosen, *found, differ, sep="\n    ")
    print(f"{len(STATES)} states, {options.combinations} combinations: {failed} show")
    raise SystemExit(failed > 0)


if __name__ == "__main__":
    main()
