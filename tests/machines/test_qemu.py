# SPDX-License-Identifier: Apache-2.0
"""The QEMU driver against a stand-in that plays recorded streams."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ovm.machines.errors import MachineError
from ovm.machines.qemu import Dump, RunOptions, command, find_qemu, run
from ovm.machines.stream import ConsoleLine, Event
from tests.machines.archives import DESCRIPTION, archive
from tests.machines.test_judge import GOOD

FAKE = Path(__file__).parent / "fake_qemu.py"


@pytest.fixture
def stream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "stream"
    file.write_text(GOOD)
    monkeypatch.setenv("FAKE_STREAM", str(file))
    return file


def options(**changes: object) -> RunOptions:
    return RunOptions(**{"program": str(FAKE), "timeout_seconds": 20.0, **changes})  # type: ignore[arg-type]


def test_plays_a_run_to_its_end(tmp_path: Path, stream: Path) -> None:
    heard: list[Event] = []
    result = run(archive(tmp_path), heard.append, options())
    assert result.failures == []
    assert result.reason == "all-ended"
    assert ConsoleLine("desk", "hello") in heard
    assert result.as_json()["ok"] is True


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ("state=waiting status=0 entries=9", "asleep: waits for its timer or an interrupt; what and where is known on"),
        ("state=ready status=0 entries=9", "still at work, or asleep; what and where is known on the virtual board alone"),
        ("state=ready status=0 entries=0", "never started: it never got the CPU"),
        ("state=held status=0 entries=0", "never started: it is held, and no manager started it"),
    ],
)
def test_what_guests_do_is_said_as_far_as_it_is_known(tmp_path: Path, stream: Path, records: str, said: str) -> None:
    stream.write_text(GOOD.replace("\x1eexit guest=desk status=0\n", "").replace("state=exited status=0 entries=12", records))
    result = run(archive(tmp_path), lambda event: None, options())
    assert result.guests["desk"].doing.startswith(said)
    assert f"desk: expected to be exited, but is running: {said}" in result.failures[0]
    assert result.guests["pulse"].doing.startswith("asleep: ")


def test_saves_regions_and_dumps(tmp_path: Path, stream: Path) -> None:
    stream.write_text(GOOD.replace("key=7", "key=13 value=10\n\x1ereport guest=desk key=7"))
    dump = Dump(0x6000_0000, 300, tmp_path / "deep" / "dump.bin")
    result = run(archive(tmp_path), lambda event: None, options(save_to=tmp_path / "out", dumps=(dump,)))
    assert result.saved == [str(tmp_path / "out" / "out.bin")]
    assert (tmp_path / "out" / "out.bin").read_bytes() == bytes(range(10))
    assert len(dump.file.read_bytes()) == 300
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == ["out.bin"]


def test_a_refused_dump_is_said(tmp_path: Path, stream: Path) -> None:
    dump = Dump(0x13, 1, tmp_path / "dump.bin")
    with pytest.raises(MachineError, match=r"error\[R103\]: QEMU refused 'pmemsave': unlucky address"):
        run(archive(tmp_path), lambda event: None, options(dumps=(dump,)))
    assert not dump.file.exists()


def test_a_silent_machine_times_out(tmp_path: Path, stream: Path) -> None:
    stream.write_text(GOOD.replace("\x1eend", "\x1eEND"))
    result = run(archive(tmp_path), lambda event: None, options(timeout_seconds=0.5))
    assert result.reason == "timeout"
    assert result.failures == ["the run did not come to its end: timeout"]


def test_a_machine_that_ends_by_itself(tmp_path: Path, stream: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stream.write_text(GOOD.replace("\x1eend", "\x1eEND"))
    monkeypatch.setenv("FAKE_AFTER", "exit")
    assert run(archive(tmp_path), lambda event: None, options()).reason == "machine-ended"


def test_a_machine_that_never_starts(tmp_path: Path, stream: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_AFTER", "fail")
    with pytest.raises(MachineError) as caught:
        run(archive(tmp_path), lambda event: None, options())
    assert str(caught.value) == (
        "error[R102]: QEMU ended with status 1 before OVM started\n"
        "  found:    fake-qemu: unsupported machine type\n"
        "            Use -machine help"
    )


def test_no_qemu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVM_QEMU", "no-such-qemu")
    with pytest.raises(MachineError, match="there is no program 'no-such-qemu'"):
        find_qemu()


def test_a_board_that_qemu_does_not_have(tmp_path: Path) -> None:
    built = archive(tmp_path, DESCRIPTION.replace("vexpress-a9", "zc702"))
    with pytest.raises(MachineError, match=r"error\[R101\]: QEMU can't run zc702"):
        run(built, lambda event: None, options())


def test_command_line(tmp_path: Path) -> None:
    words = command(archive(tmp_path), tmp_path / "boot.elf", tmp_path / "qmp", options())
    text = " ".join(words)
    assert "-M vexpress-a9 -smp 2 -m 256M" in text
    assert "-icount shift=1,sleep=off" in text
    assert "-device loader,addr=0x10012000,data=20,data-len=4" in text
    assert text.endswith(f"-kernel {tmp_path / 'boot.elf'}")


def test_interrupt_ends_the_run_and_the_machine(tmp_path: Path, stream: Path) -> None:
    stream.write_text(GOOD.replace("\x1eend", "\x1eEND"))
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    started = time.monotonic()
    result = run(archive(tmp_path), lambda event: None if timer.ident else timer.start(), options())
    timer.cancel()
    assert result.reason == "interrupted"
    assert time.monotonic() - started < 10


# Signals as a terminal's commands have them: the caller of the tests may ignore SIGHUP, and a run would keep ignoring it.
DRIVER = """
import signal
import sys
from pathlib import Path
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from tests.machines.archives import archive
from ovm.cli.exits import failures
from ovm.machines.qemu import RunOptions, run
with failures():
    run(archive(Path(sys.argv[1])), lambda event: print("event", flush=True), RunOptions(program=sys.argv[2]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no parent-death signal")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_no_machine_outlives_its_driver(tmp_path: Path, stream: Path, how: signal.Signals) -> None:
    stream.write_text(GOOD.replace("\x1eend", "\x1eEND"))
    marker = tmp_path / "pid"
    fake = tmp_path / "qemu"
    fake.write_text(f'#!/bin/sh\necho $$ > {marker}\nexec {sys.executable} {FAKE} "$@"\n')
    fake.chmod(0o755)
    search = os.pathsep.join(each for each in sys.path if each)
    arguments = [sys.executable, "-c", DRIVER, str(tmp_path), str(fake)]
    environment = {**os.environ, "PYTHONPATH": search}
    driver = subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert driver.stdout is not None
    assert driver.stdout.readline() == b"event\n"
    machine = Path("/proc") / marker.read_text().strip()
    assert machine.exists()
    driver.send_signal(how)
    driver.wait(20)
    driver.stdout.close()
    for _ in range(100):
        if not machine.exists() or "(zombie)" in (machine / "status").read_text():
            return
        time.sleep(0.1)
    raise AssertionError(f"the machine still runs after {how.name}")


def test_stand_in_runs_by_itself() -> None:
    done = subprocess.run([sys.executable, str(FAKE)], env={**os.environ, "FAKE_AFTER": "fail"}, capture_output=True)
    assert done.returncode == 1
