# SPDX-License-Identifier: Apache-2.0
"""Commands: what they print, how they exit, and that nobody ever gets a traceback."""

import errno
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ovm.cli import build as build_command
from ovm.cli.consoles import refusal_text
from ovm.cli.main import main
from ovm.cli.summary import show_summary
from ovm.machines.result import GuestResult, RunResult
from ovm.machines.stream import Record
from ovm.system.archive import Archive
from ovm.system.codes import CODES
from tests.machines.archives import DESCRIPTION, archive
from tests.machines.test_judge import GOOD

ROOT = Path(__file__).parents[2]
FAKE = ROOT / "tests" / "machines" / "fake_qemu.py"
COMMANDS = ("check", "build", "run", "report", "sizes")


def ovm(*words: str) -> Result:
    result = CliRunner().invoke(main, words)
    assert "Traceback" not in result.output
    return result


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a description whose build takes no compiler, and a machine that plays a good run."""
    made = archive(tmp_path)

    def without_compiler(file: Path, progress: Any, board: str = "", change: Any = None) -> Archive:
        progress("nothing")
        return made

    monkeypatch.setattr(build_command, "build_archive", without_compiler)
    stream = tmp_path / "stream"
    stream.write_text(GOOD)
    monkeypatch.setenv("FAKE_STREAM", str(stream))
    monkeypatch.setenv("OVM_QEMU", str(FAKE))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "t.toml"


@pytest.mark.parametrize("name", sorted(file.name for file in (ROOT / "systems").glob("*.toml")))
def test_check_accepts_every_system(name: str) -> None:
    result = ovm("check", str(ROOT / "systems" / name))
    assert result.exit_code == 0, result.output


def test_check_for_another_board() -> None:
    result = ovm("check", str(ROOT / "systems" / "mixed.toml"), "--board", "zc702")
    assert result.exit_code == 0
    assert "mixed on zc702, 3 guests" in result.output


@pytest.mark.parametrize("command", COMMANDS)
def test_a_bad_description_is_a_message(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.toml").write_text(DESCRIPTION.replace('level = "hrt"', 'level = "hard"'))
    result = ovm(command, "bad.toml")
    assert result.exit_code == 2
    assert "error[S105]: bad.toml:7:9: [[guest]] has no such level: 'hard'" in result.output
    assert sorted(each.name for each in tmp_path.iterdir()) == ["bad.toml"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_missing_description_is_a_message(command: str) -> None:
    result = ovm(command, "no-such.toml")
    assert result.exit_code == 2
    assert "error[S100]: no-such.toml: cannot read the description" in result.output


@pytest.mark.parametrize("words", [(), ("--help",)])
def test_what_comes_with_ovm_is_listed(words: tuple[str, ...]) -> None:
    said = ovm(*words).output
    for folder in ("systems", "boards"):
        for each in (ROOT / folder).glob("*.toml"):
            assert f"\n  {each.stem} " in said


def test_a_system_that_comes_with_ovm_goes_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "mixed on zc702, 3 guests" in ovm("check", "mixed").output
    Path("mixed").write_text(DESCRIPTION)
    assert "mixed: t on vexpress-a9" in ovm("check", "mixed").output


def test_an_unknown_system_is_told_which_there_are() -> None:
    unknown = ovm("check", "systems/mixd.toml")
    assert unknown.exit_code == 2
    assert "expected: the path of a TOML file, or a system that comes with OVM: attacks, cee, " in unknown.output
    assert "fix:      write 'mixed'" in unknown.output
    missing = ovm("run")
    assert missing.exit_code == 2
    assert "or a system that comes with OVM: attacks, cee, " in missing.output


def test_a_mistake_of_ours_is_a_message(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Archive:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(build_command, "build_archive", broken)
    result = ovm("build", str(built))
    assert result.exit_code == 70
    assert "error[S199]: internal error: ZeroDivisionError: division by zero" in result.output


def test_an_output_that_cannot_be_written_is_a_message(built: Path) -> None:
    (built.parent / "file").write_text("")
    result = ovm("build", str(built), "-o", "file/below")
    assert result.exit_code == 2
    assert "error[S190]: " in result.output


def test_an_image_that_says_no_level_is_noted(tmp_path: Path) -> None:
    made = archive(tmp_path)
    assert build_command.level_notes(made) == []
    made.images["desk"] = replace(made.images["desk"], has_symbols=False)
    assert build_command.level_notes(made) == [
        "note: guest 'desk': its image has no symbols, so nothing says whether it is made for NRT"
    ]


def test_build_leaves_a_whole_archive_and_nothing_else(built: Path) -> None:
    assert ovm("build", str(built)).exit_code == 0
    first = sorted(each.name for each in (built.parent / "out" / "t").iterdir())
    assert first == ["boot.elf", "desk.elf", "ovm.elf", "pulse.elf", "report.json", "report.txt"]
    assert ovm("build", str(built)).exit_code == 0
    assert sorted(each.name for each in (built.parent / "out").iterdir()) == ["t"]


def test_what_a_guest_prints_moves_no_cursor(built: Path) -> None:
    stream = built.parent / "stream"
    stream.write_text(GOOD.replace("[desk] hello", "[desk] hello\n[desk] \x1b[2J\u009b31m größer\n\x1b]0;title"))
    result = ovm("run", str(built))
    assert " desk | \\x1b[2J\\x9b31m größer" in result.output and "\\x1b]0;title" in result.output
    assert "\x1b" not in result.output and "\u009b" not in result.output


def test_run_shows_consoles_and_succeeds(built: Path) -> None:
    result = ovm("run", str(built))
    assert result.exit_code == 0, result.output
    assert " desk | hello" in result.output
    assert "OK: 1 of 2 guests did what the description expects; unjudged: pulse" in result.output
    assert "\x1b" not in result.output
    assert (built.parent / "out" / "t" / "out.bin").stat().st_size == 4096


def test_a_narrow_terminal_loses_no_word(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    desk = GuestResult("desk", "nrt", "shadow pages, limit 8 MiB", 16 << 20, counters={"entries": 123456, "svc": 123456})
    show_summary(RunResult("t", "vexpress-a9", 100_000_000, {"desk": desk}))
    shown = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert max(len(line) for line in shown.splitlines()) <= 80
    assert "\u2026" not in shown
    assert "16 MiB, shadow pages, limit 8 MiB; by cause: svc 123456" in " ".join(shown.split())


def test_run_fails_when_a_guest_does(built: Path) -> None:
    stream = built.parent / "stream"
    stream.write_text(GOOD.replace("key=7 value=0", "key=7 value=4"))
    result = ovm("run", str(built))
    assert result.exit_code == 1
    assert "FAILED  desk: checks_failed is 4, expected 0" in result.output


def test_run_for_machines(built: Path) -> None:
    result = CliRunner().invoke(main, ["run", str(built), "--json"])
    value = json.loads(result.stdout)
    assert value["schema"] == "ovm-run-1"
    assert value["ok"] is True
    assert [each["name"] for each in value["guests"]] == ["pulse", "desk"]
    assert json.loads((built.parent / "out" / "t" / "run.json").read_text()) == value


def test_run_without_qemu(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVM_QEMU", "no-such-qemu")
    result = ovm("run", str(built))
    assert result.exit_code == 3
    assert "sudo apt-get install qemu-system-arm" in result.output


def test_run_on_a_machine_that_another_board_has_builds_nothing(built: Path) -> None:
    result = ovm("run", str(built), "--machine", "board")
    assert result.exit_code == 3
    assert "error[R104]: the virtual board is no vexpress-a9" in result.output
    assert not (built.parent / "out").exists()


def test_a_folder_of_the_user_is_not_replaced(built: Path) -> None:
    (built.parent / "t").mkdir()
    (built.parent / "t" / "main.c").write_text("mine")
    result = ovm("build", str(built), "-o", ".")
    assert result.exit_code == 2
    assert "error[S190]: t: the folder holds files that are no results of ovm" in result.output
    assert (built.parent / "t" / "main.c").read_text() == "mine"


def test_a_full_disk_is_a_message(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    result = ovm("build", str(built))
    assert result.exit_code == 2
    assert f"error[S190]: {Path('out') / 't'}: No space left on device" in result.output
    assert list((built.parent / "out").iterdir()) == []


@pytest.mark.parametrize("unbuffered", ["", "1"])  # empty: as if it were not there
def test_standard_output_on_a_full_disk_is_a_message(built: Path, unbuffered: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONUNBUFFERED": unbuffered}
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "ovm", "explain", "S123"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, env=environment, check=False)
    assert "Traceback" not in done.stderr and "Exception" not in done.stderr
    assert done.returncode == 2


def test_refused_calls_have_names() -> None:
    fields: dict[str, int | str] = {"kind": "call", "pc": 0x1000_8000, "address": 0x8600_000E, "owner": "ovm"}
    assert "the call GUEST_START (0x8600000e)" in refusal_text(Record("refusal", fields))


def test_sizes_compares(built: Path) -> None:
    Path("before.json").write_text('{"core": {"sections": {"text": 39000}, "functions": {"ovm.core.boot.start": 30}}}')
    result = ovm("sizes", str(built), "--compare", "before.json")
    assert result.exit_code == 0
    assert "42000 bytes; with its data 118 KiB = 11 % of 1 MiB" in result.output
    assert [line.split() for line in result.output.splitlines() if line.startswith("text")] == [["text", "40000", "+1000"]]


def test_report(built: Path) -> None:
    assert ovm("report", str(built)).output == "report\n"
    assert ovm("report", str(built), "--json").output == "{}\n"


def test_explain() -> None:
    assert "TLB entries that can be locked" in ovm("explain", "s123").output
    assert "recursion" in ovm("explain", "B022").output.lower() or ovm("explain", "B022").exit_code == 2
    everything = ovm("explain").output
    assert everything.count("\n") > 60
    result = ovm("explain", "S999")
    assert result.exit_code == 2


def test_every_code_that_is_raised_is_explained() -> None:
    raised: set[str] = set()
    for folder in ("system", "machines", "measure", "cli", "board/api"):
        for file in (ROOT / "src" / "ovm" / folder).rglob("*.py"):
            if file.name != "codes.py":
                raised |= set(re.findall(r"[\"\[]([SR][12]\d\d)[\"\]]", file.read_text()))
    assert raised == set(CODES)
