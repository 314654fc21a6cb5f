# SPDX-License-Identifier: Apache-2.0
"""The driver of the virtual board."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ovm.machines import machines, virtual
from ovm.machines.errors import MachineError
from ovm.machines.running import Dump, Pace, RunOptions
from ovm.machines.stream import OtherLine
from ovm.system.archive import Archive
from ovm.system.boot_elf import Load, boot_elf
from ovm.system.build import build

ROOT = Path(__file__).parents[2]
HELLO = ROOT / "systems" / "hello.toml"


@pytest.fixture(scope="module")
def hello() -> Archive:
    return build(HELLO, lambda step: None)


def with_program(archive: Archive, *words: int) -> Archive:
    """Return the same system with another boot image."""
    code = b"".join(word.to_bytes(4, "little") for word in words)
    return replace(archive, boot=boot_elf([Load("program", 0x20_0000, code, len(code))], 0x20_0000))


def test_events_come_as_they_happen(hello: Archive) -> None:
    heard: list[object] = []
    result = virtual.run(hello, heard.append)
    assert result.reason == "all-ended" and result.failures == []
    assert result.guests["hello"].console[0] == "hello from metal"
    assert result.guests["hello"].use is not None and result.guests["hello"].use["instructions"] > 0
    assert len(heard) > 5


def test_memory_is_saved(hello: Archive, tmp_path: Path) -> None:
    file = tmp_path / "below" / "dump"
    virtual.run(hello, lambda event: None, RunOptions(dumps=(Dump(0x10_0000, 64, file),)))
    assert len(file.read_bytes()) == 64
    assert list(file.parent.iterdir()) == [file]


def test_another_build_is_not_judged_by_this_description(hello: Archive) -> None:
    other = replace(hello, core=replace(hello.core, build="0x123456789abcdef"))
    heard: list[object] = []
    with pytest.raises(MachineError, match=r"error\[R107\]: another build") as refused:
        virtual.run(other, heard.append)
    said = str(refused.value)
    assert f"found:    build {hello.core.build} in its boot record" in said
    assert "expected: build 0x123456789abcdef, which was made of hello's description" in said
    assert "fix:      load the boot image of this build" in said
    # Nothing of it is shown as this system's.
    assert not [each for each in heard if not isinstance(each, OtherLine)]


def test_an_image_that_never_ends_is_given_up(hello: Archive) -> None:
    paces: list[Pace] = []
    result = virtual.run(
        with_program(hello, 0xEAFFFFFE), lambda event: None, RunOptions(timeout_seconds=0.3, observe=paces.append)
    )
    assert result.reason == "timeout"
    assert paces and paces[-1].instructions > paces[0].instructions


def test_an_unpredictable_instruction_ends_the_run(hello: Archive) -> None:
    # pop {sp, pc} of a write-back to sp: LDM with the base in the list and write-back.
    result = virtual.run(with_program(hello, 0xE1A00000, 0xE8B08001 | 0 << 16), lambda event: None)
    assert result.reason.startswith("UNPREDICTABLE instruction") and "pc 0x00200004" in result.reason
    assert any("did not come to its end" in failure for failure in result.failures)


def test_a_machine_that_sleeps_for_ever_is_ended(hello: Archive) -> None:
    result = virtual.run(with_program(hello, 0xE320F003, 0xEAFFFFFD), lambda event: None, RunOptions(timeout_seconds=30))
    assert result.reason.startswith("both CPUs wait for ever")


def test_parameters_instead_of_the_board_files(hello: Archive) -> None:
    def cycles(**parameters: int) -> int:
        result = virtual.run(hello, lambda event: None, RunOptions(parameters=parameters))
        assert result.failures == [] and result.guests["hello"].use is not None
        return int(result.guests["hello"].use["ovm"]["cycles"])

    usual = hello.plan.system.board.parameters["level2_hit"]
    assert cycles() == cycles(level2_hit=usual) < cycles(level2_hit=usual + 30)
    with pytest.raises(MachineError, match="R200"):
        cycles(level2_hitt=1)


@pytest.mark.parametrize("name", ["two-srt", "rogue-nrt"])
def test_nothing_forgets_cache_maintenance(name: str) -> None:
    """With lines that hold data of their own OVM and guests do as well."""
    archive = build(ROOT / "systems" / f"{name}.toml", lambda step: None)
    result = virtual.run(archive, lambda event: None, RunOptions(parameters={"stale_lines": 1}))
    assert result.failures == []


def test_choosing(tmp_path: Path) -> None:
    chosen = machines.choose(HELLO)
    assert (chosen.name, chosen.board, chosen.system.board.name) == ("board", "", "zc702")
    other = tmp_path / "t.toml"
    text = HELLO.read_text().replace('name = "hello"', 'name = "hello"\nboard = "vexpress-a9"', 1)
    other.write_text("\n".join(line for line in text.splitlines() if "console" not in line))
    with pytest.raises(MachineError, match="R104"):
        machines.choose(other, "board")


@pytest.mark.usefixtures("qemu")
def test_choosing_qemu_builds_for_its_board() -> None:
    chosen = machines.choose(HELLO, "qemu")
    assert (chosen.name, chosen.board, chosen.system.board.name) == ("qemu", "vexpress-a9", "vexpress-a9")


def test_a_run_needs_no_program_but_python(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ovm", "run", str(HELLO), "-o", str(tmp_path)]
    environment = {"PATH": "/nonexistent", "PYTHONPATH": str(ROOT / "src"), "HOME": os.environ["HOME"]}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    assert "hello | hello from metal" in done.stdout


def test_control_c_shows_the_summary(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ovm", "run", str(ROOT / "systems" / "mixed.toml"), "-o", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment) as process:
        assert process.stdout is not None
        assert "|" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
    assert process.returncode == 130
    assert "mixed on zc702" in rest and "ended: interrupted" in rest
