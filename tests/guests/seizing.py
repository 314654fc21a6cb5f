# SPDX-License-Identifier: Apache-2.0
"""An HRT guest does what it can't be kept from, beside an SRT and an NRT guest: OVM goes on, and no byte of it changes."""

from collections.abc import Iterator
from pathlib import Path

from ovm.abi.config import KEY_OVM
from ovm.board.api import Board
from ovm.core.memory.frames import FRAME_SHIFT
from ovm.machines import virtual
from ovm.machines.result import RunResult
from ovm.machines.running import Driven, RunOptions
from ovm.metal.build.elf import Elf
from ovm.system.archive import Archive
from ovm.system.build import build
from ovm.system.model import Range
from tests.machines.test_victims import Memory

LEVEL2, WATCHDOG = 5, 6
# PMCR: E, D and DP; E alone is set while the counter counts each cycle.
ENABLE, RULES = 1, 1 | 1 << 3 | 1 << 5
# What it does, by its number in rogue_hrt.seize, and parameters of the board for it.
ATTACKS: dict[str, tuple[int, dict[str, int]]] = {
    "the gate page: a stub that never ends": (1, {}),
    "the gate page: System mode for good, CP15 and the GIC's interface of CPU 0 ruined": (2, {}),
    "the gate page: traps that never happened, with noise in all registers": (3, {}),
    "shadow tables, pool and the others' memory overwritten, over and over": (4, {}),
    "lines of level 2 dropped by way, over and over": (LEVEL2, {"stale_lines": 1}),
    "its CPU reset by its own watchdog": (WATCHDOG, {"stale_lines": 1}),
}
DESCRIPTION = """
[system]
name = "seize"
seconds = 0.06
[[guest]]
name = "rogue"
level = "hrt"
image = "metal:ovm.guests.rogue_hrt"
memory = "1MiB"
arguments = [0x0010_0000, 0x0400_0000, {attack}, 0x0440_0000]
[[guest]]
name = "tick"
level = "srt"
image = "metal:ovm.guests.tick"
memory = "1MiB"
budget_us = 400
period_us = 1000
arguments = [2]
[[guest]]
name = "churn"
level = "nrt"
image = "metal:ovm.guests.churn"
memory = "1MiB"
"""


def _run(attack: int, parameters: dict[str, int], folder: Path) -> tuple[Archive, RunResult, Memory]:
    description = folder / "seize.toml"
    description.write_text(DESCRIPTION.format(attack=attack))
    archive = build(description, lambda step: None)
    memory = Memory(folder)
    memory.want(archive.plan.ovm.start, archive.plan.ovm.length)
    boards: list[Board] = []

    def drive(machine: Driven) -> str:
        boards.append(machine.board)
        return ""

    options = RunOptions(dumps=memory.dumps, parameters=parameters, drive=drive)
    result = virtual.run(archive, lambda event: None, options)
    core = boards[0].cores[0]
    assert (core.get("PMCR") & RULES, core.get("PMCNTENSET") >> 31) == (ENABLE, 1), "the cycle counter stands"
    return archive, result, memory


def _keys(archive: Archive, memory: Memory) -> None:
    """OVM's frames and the fixed memory of guests have their keys, whether or not the guest was stopped."""
    plan = archive.plan
    fixed = [(Range(each.ram_phys, each.guest.memory), each.guest.key) for each in plan.guests if each.ram_phys]
    for where, key in [(plan.ovm, KEY_OVM), *fixed]:
        keys = memory.read(plan.frame_table.start + (where.start >> FRAME_SHIFT), where.length >> FRAME_SHIFT)
        assert set(keys) == {key}, where


def harm(name: str, folder: Path) -> str:
    """Let it happen. Return what became of the guests on CPU 0, after OVM was found unharmed."""
    attack, parameters = ATTACKS[name]
    archive, result, memory = _run(attack, parameters, folder)
    assert result.reason == "time", (name, result.failures)
    assert result.guests["rogue"].state == ("stopped" if attack == WATCHDOG else "running"), name
    assert any("seizing" in line for line in result.guests["rogue"].console), name
    for each in Elf(archive.core.content).segments:
        assert each.writable or memory.read(each.physical, len(each.data)) == each.data, f"{name}: code was changed"
    _keys(archive, memory)
    if attack == LEVEL2:
        # Which lines are dirty when they are dropped is a matter of single cycles: another build has other victims.
        return "tick (SRT) and churn (NRT) go on or end, by which lines are lost"
    return ", ".join(_states(result))


def _states(result: RunResult) -> Iterator[str]:
    for name in ("tick", "churn"):
        yield f"{name} ({result.guests[name].level.upper()}) {result.guests[name].state}"
