# SPDX-License-Identifier: Apache-2.0
"""`ovm trace`, `ovm inspect` and `ovm run --gdb`: what they print and refuse, and how they exit."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ovm.cli.main import main
from ovm.cli.moments import moment

ROOT = Path(__file__).parents[2]
HELLO = str(ROOT / "systems" / "hello.toml")


def ovm(*words: str) -> Result:
    result = CliRunner().invoke(main, words)
    assert "Traceback" not in result.output
    return result


@pytest.mark.parametrize(
    ("text", "cycles"), [("20ms", 20_000), ("1.5s", 1_500_000), ("300us", 300), ("4_000cycles", 4000), ("2", 2_000_000)]
)
def test_times(text: str, cycles: int) -> None:
    assert moment(text)(1_000_000) == cycles


@pytest.mark.parametrize("text", ["soon", "-1s", "20 minutes", "", "0x10"])
def test_what_is_no_time(text: str, tmp_path: Path) -> None:
    for words in (("trace", HELLO, "-o", str(tmp_path / "t"), f"--until={text}"), ("inspect", HELLO, f"--at={text}")):
        result = ovm(*words)
        assert result.exit_code == 2
        assert "is no time" in result.output


def test_a_timeline(tmp_path: Path) -> None:
    file = tmp_path / "trace.perfetto"
    result = ovm("trace", HELLO, "-o", str(file), "--until", "20ms")
    assert result.exit_code == 0, result.output
    assert file.stat().st_size > 1000
    assert f"{file}: " in result.output and "https://ui.perfetto.dev" in result.output
    assert [each.name for each in tmp_path.iterdir()] == [file.name]


def test_an_inspection(tmp_path: Path) -> None:
    file = tmp_path / "moment.svg"
    result = ovm("inspect", HELLO, "--until-console", "boot", "--picture", str(file))
    assert result.exit_code == 0, result.output
    assert "CPU 0: TLB" in result.output and file.read_text().startswith("<svg")
    only = ovm("inspect", HELLO, "--at", "1ms", "--show", "keys")
    assert "keys of frames" in only.output and "TLB" not in only.output.replace("TLB entries that no table", "")


def test_an_inspection_that_never_comes() -> None:
    result = ovm("inspect", HELLO, "--until-console", "nobody says this")
    assert result.exit_code == 1
    assert "the run ended before that moment" in result.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("inspect", HELLO), "say when to look"),
        (("inspect", HELLO, "--at", "1ms", "--break", "main"), "say when to look"),
        (("inspect", HELLO, "--break", "no_such_function"), "error[R112]"),
        (("inspect", HELLO, "--at", "1ms", "--guest", "nobody"), "no guest 'nobody'"),
        (("inspect", HELLO, "--at", "1ms", "--picture", "nowhere/x.svg"), "error[S190]: nowhere: there is no such folder\n  fix"),
        (("trace", HELLO, "-o", "nowhere/x"), "error[S190]: nowhere: there is no such folder\n  fix"),
        (("trace", HELLO, "-o", "/dev/null"), "error[S190]: /dev/null: this is no plain file"),
        (("run", HELLO, "-o", HELLO + "/out"), "error[S190]: " + HELLO + ": this is no folder"),
        (("measure", "lockdown", "-o", "/proc/nowhere"), "error[S190]: /proc/nowhere"),
        (("run", HELLO, "--set", "level2_hti=1"), "expected: one of: "),
        (("run", HELLO, "--set", "level2_hti=1"), "fix:      write 'level2_hit'"),
        (("run", HELLO, "--set", "level2_hit=-1"), "error[R201]"),
        (("run", HELLO, "--set", "level2_hit=abc"), "NAME=NUMBER"),
        (("run", HELLO, "--gdb", "--gdb-port", "70000"), "70000"),
        (("trace", str(ROOT / "nothing.toml")), "error[S100]"),
    ],
)
def test_refusals(words: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = ovm(*words)
    assert result.exit_code != 0
    assert said in result.output


def test_nothing_is_built_for_a_parameter_that_is_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert "building" not in ovm("run", HELLO, "--set", "foo=1").output


@pytest.mark.parametrize("words", [("run", HELLO), ("measure", "lockdown")])
def test_nothing_is_built_for_a_folder_that_cannot_be(words: tuple[str, ...]) -> None:
    result = ovm(*words, "-o", HELLO + "/out")
    assert "building" not in result.output and "checking" not in result.output
    assert "error[S190]" in result.output


def test_only_the_board_has_parameters(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OVM_QEMU", str(ROOT / "tests" / "machines" / "fake_qemu.py"))
    result = ovm("run", HELLO, "--machine", "qemu", "--set", "level2_hit=30", "-o", str(tmp_path))
    assert result.exit_code == 3
    assert "error[R113]" in result.output


def test_only_the_board_serves_gdb(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OVM_QEMU", str(ROOT / "tests" / "machines" / "fake_qemu.py"))
    result = ovm("run", HELLO, "--machine", "qemu", "--gdb", "-o", str(tmp_path))
    assert result.exit_code == 3
    assert "error[R111]" in result.output


def test_the_list_of_commands_cuts_no_sentence_short() -> None:
    assert "..." not in ovm("--help").output.partition("Commands:")[2]
