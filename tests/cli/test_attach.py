# SPDX-License-Identifier: Apache-2.0
"""`ovm run --attach`: a user at a pseudo-terminal, a pipe, a file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from tests.tools import find_tool

ROOT = Path(__file__).parents[2]
OVM = Path(sys.executable).parent / "ovm"
SECONDS = 40
# Two guests with input, and nothing that real time could disturb.
SYSTEM = """
[system]
name = "talks"

[[guest]]
name = "first"
level = "nrt"
image = "metal:ovm.guests.chat"
memory = "1MiB"
input = true
[guest.expect]
exit = 0

[[guest]]
name = "second"
level = "srt"
image = "metal:ovm.guests.chat"
memory = "1MiB"
budget_us = 100
period_us = 1000
input = true
[guest.expect]
exit = 0
"""
MACHINES = ["board", "qemu"]
CTRL_A = "\x01"


@pytest.fixture
def machine(request: pytest.FixtureRequest) -> str:
    if request.param == "qemu":
        find_tool("qemu-system-arm")
    return str(request.param)


@pytest.fixture
def description(tmp_path: Path) -> Path:
    file = tmp_path / "talks.toml"
    file.write_text(SYSTEM)
    return file


def words(description: Path, *more: str) -> list[str]:
    return ["run", *more, "-o", str(description.parent / "out"), str(description)]


def terminal(description: Path, *more: str) -> pexpect.spawn[str]:
    return pexpect.spawn(str(OVM), words(description, *more), timeout=SECONDS, encoding="utf-8")


def consoles(description: Path) -> dict[str, list[str]]:
    result = json.loads((description.parent / "out" / "talks" / "run.json").read_text())
    return {guest["name"]: guest["console"] for guest in result["guests"]}


@pytest.mark.parametrize("machine", MACHINES, indirect=True)
def test_a_user_at_a_terminal(description: Path, machine: str) -> None:
    user = terminal(description, "--machine", machine, "--attach", "first")
    user.expect_exact("first has the keyboard")
    for typed, answer in (("hello\r", "line 1: hello"), ("äö\x7f\x7f\x03!\r", "line 2: "), ("abx\x7fc\r", "line 3: abc")):
        user.expect_exact("> ")
        user.send(typed)
        user.expect_exact(answer)
    user.send(CTRL_A + "?" + CTRL_A + "a" + "\r")
    user.expect_exact("Ctrl-A x: end the run")
    user.expect_exact("line 4: ")
    user.send(CTRL_A + "n")
    user.expect_exact("second has the keyboard")
    user.send("here\r")
    user.expect_exact("line 1: here")
    user.send("quit\r" + CTRL_A + "n")
    user.expect_exact("first has the keyboard")
    user.send("quit\r")
    user.expect(pexpect.EOF)
    user.close()
    assert user.exitstatus == 0
    found = consoles(description)
    assert found["first"][:2] == ["> hello", "line 1: hello"]
    assert found["first"][-1] == "> quit"
    assert found["second"] == ["> here", "line 1: here", "> quit"]


def test_a_user_ends_the_run(description: Path) -> None:
    user = terminal(description, "--attach", "second")
    user.expect_exact("> ")
    user.send(CTRL_A + "x")
    user.expect(pexpect.EOF)
    user.close()
    assert user.exitstatus == 130


def test_a_pipe(description: Path) -> None:
    """Bytes of a pipe are typed as they are; a line may be longer than the guest's buffer."""
    long = "x" * 600
    done = subprocess.run(
        [OVM, *words(description, "--attach", "first", "--timeout", "20")],
        input=f"one\n{long}\nquit\n", capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    first = consoles(description)["first"]
    assert first[:2] == ["> one", "line 1: one"]
    assert first[-1] == "> quit"
    assert sum(line.count("x") for line in first if not line.startswith("line")) == len(long)


@pytest.mark.parametrize("machine", MACHINES, indirect=True)
def test_a_file_is_typed_in_simulated_time(description: Path, machine: str) -> None:
    """Nobody waits for a user: on the board such a run is the same each time."""
    typed = description.parent / "typed"
    typed.write_bytes(b"a\rb\rquit\r")
    reports = []
    for _ in range(2 if machine == "board" else 1):
        subprocess.run(
            [OVM, *words(description, "--machine", machine, "--attach", "second", "--input", str(typed), "--timeout", "5")],
            capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
        result = json.loads((description.parent / "out" / "talks" / "run.json").read_text())
        guest = result["guests"][1]
        assert guest["console"] == ["> a", "line 1: a", "> b", "line 2: b", "> quit"]
        reports.append((guest["reports"], guest["use"] and guest["use"]["cycles"]))
    assert reports[0] == reports[-1]


def test_no_amount_of_input_disturbs_others(tmp_path: Path) -> None:
    """Of 8000 bytes none is lost, and the RTOS beside keeps its deadlines."""
    description = tmp_path / "beside.toml"
    whole = (ROOT / "systems" / "chat.toml").read_text()
    description.write_text("[[guest]]".join(part for part in whole.split("[[guest]]") if 'name = "second"' not in part))
    typed = tmp_path / "typed"
    typed.write_bytes(b"".join(b"line number %4d\r" % number for number in range(500)) + b"quit\r")
    subprocess.run(
        [OVM, "run", "--attach", "first", "--input", typed, "-o", tmp_path, description],
        capture_output=True, timeout=SECONDS, check=True,
    )  # fmt: skip
    result = json.loads((tmp_path / "chat" / "run.json").read_text())
    first, tick = result["guests"]
    answers = [f"line {number + 1}: line number {number:4}" for number in range(500)]
    assert [line for line in first["console"] if line.startswith("line")] == answers
    assert (tick["reports"]["deadlines_missed"], tick["state"]) == (0, "exited")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--attach", "tick"], "error[R114]: no guest is called 'tick'"),
        (["--input", "x.txt"], "--input is for --attach"),
        (["--attach", "first", "--input", "nowhere"], "does not exist"),
    ],
)
def test_what_can_not_be(description: Path, more: list[str], said: str) -> None:
    (description.parent / "x.txt").write_text("")
    done = subprocess.run([OVM, *words(description, *more)], cwd=description.parent, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr
