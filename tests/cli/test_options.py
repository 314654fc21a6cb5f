# SPDX-License-Identifier: Apache-2.0
"""Options that contradict each other or name nobody are refused before anything is built; so is output that nobody takes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from ovm.cli.main import main
from ovm.cli.moments import moment

HELLO = str(Path(__file__).parents[2] / "systems" / "hello.toml")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["trace", HELLO, "--from", "20ms", "--until", "10ms"], "no later than --from"),
        (["trace", HELLO, "--from", "20ms", "--until", "20ms"], "no later than --from"),
        (["inspect", HELLO, "--at", "1ms", "--guest", "nobody"], "no guest 'nobody': there are hello"),
        (["inspect", HELLO, "--at", "1ms", "--guest", "hello", "--show", "tlb"], "--guest chooses whose tables are shown"),
        (["inspect", HELLO], "say when to look"),
        (["inspect", HELLO, "--at", "9" * 400], "is no time"),
        (["run", HELLO, "--set", "quantum=1", "--set", "quantum=2"], "'quantum' is given twice"),
        (["run", HELLO, "--set", "quantm=1"], "no parameter of the board is called 'quantm'"),
        (["run", HELLO, "--set", "quantum=" + "9" * 5000], "is not of the form NAME=NUMBER"),
        (["inspect", HELLO, "--at", "1ms", "--timeout", "nan"], "nan is no number of seconds"),
        (["trace", HELLO, "--timeout", "nan"], "nan is no number of seconds"),
        (["run", HELLO, "--timeout", "nan"], "nan is no number of seconds"),
        (["run", HELLO, "--timeout", "inf"], "inf is no number of seconds"),
        (["run", HELLO, "--timeout", "1e999"], "inf is no number of seconds"),
        (["run", HELLO, "--timeout", "-5"], "-5.0 is not in the range x>=1"),
        (["run", HELLO, "--timeout", "0x10"], "'0x10' is not a valid float"),
        (["trace", HELLO, "--last", "9" * 30], "is not in the range 1<=x<=100000000"),
        (["trace", HELLO, "--last", "0"], "0 is not in the range"),
        (["run", HELLO, "--gdb", "--gdb-port", "-1"], "-1 is not in the range"),
        (["measure", "attacks", "--activations", "9" * 30], "is not in the range"),
        (["inspect", HELLO, "--break", "nobody:main"], "error[R112]: no guest 'nobody'\n  fix:      one of: hello"),
        (["inspect", HELLO, "--break", "nobody:main.py:3"], "error[R112]: no guest 'nobody'"),
        (["inspect", HELLO, "--break", ""], "error[R112]: '' names no place"),
        (["inspect", HELLO, "--break", "hello:"], "error[R112]: 'hello:' names no place"),
        (["inspect", HELLO, "--until-console", ""], "this is in every line"),
        (["run", HELLO, "--gdb-port", "9"], "--gdb-port is for --gdb"),
    ],
)
def test_refused_before_anything_is_built(words: list[str], said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def built(*_: object) -> None:
        raise AssertionError("something was built")

    monkeypatch.setattr("ovm.system.build.build_image", built)
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, words)
    assert result.exit_code in (2, 3), result.output
    assert said in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", '{"core": 5}', '{"core": {"sections": {"text": "x"}}}', "[" * 100_000),
        '{"core": {"sections": {"text": 1e999}, "functions": {}}}',
    ],
)
def test_a_comparison_with_what_is_no_report(text: str, tmp_path: Path) -> None:
    (tmp_path / "before.json").write_text(text)
    os.mkfifo(tmp_path / "pipe")
    for name in ("before.json", "pipe"):
        result = CliRunner().invoke(main, ["sizes", HELLO, "--compare", str(tmp_path / name)])
        assert result.exit_code == 2 and "is no report.json of a build" in result.output


def test_a_time_has_as_many_digits_as_make_sense() -> None:
    assert moment("20ms")(1000) == 20 and moment("7cycles")(1) == 7


def test_nearly_nothing_is_imported_before_ctrl_c_is_heard() -> None:
    """While Python itself starts, Ctrl-C ends it in its own words; OVM's part of that time stays short."""
    program = (
        "import sys; import ovm.cli.entry; print(*sorted(m for m in sys.modules if m.partition('.')[0] in ('ovm', 'click')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["ovm", "ovm.cli", "ovm.cli.entry"]


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["explain"], ["--version"]])
def test_output_that_nobody_takes(words: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run([sys.executable, "-m", "ovm", *words], stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(b"error[S190]: ") and b"Traceback" not in done.stderr
