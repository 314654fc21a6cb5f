# SPDX-License-Identifier: Apache-2.0
"""QEMU as a machine: its model of the board runs an image.

`-icount` ties simulated time to the number of instructions, so that a run is the same each time whatever else the host
does, and nanoseconds can be read as instructions. `sleep=off` lets time jump over idle stretches; while a keyboard is attached,
it follows real time there, and deadlines are no longer exact. The UART is QEMU's standard input and output; the control socket
(QMP) takes memory dumps and ends the machine.
"""

import ctypes
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ovm.machines.doing import tell_what_is_known
from ovm.machines.errors import MachineError
from ovm.machines.judge import judge
from ovm.machines.qmp import Qmp
from ovm.machines.result import RunResult, start_result
from ovm.machines.running import TIMEOUT, Dump, Listener, RunOptions, check_build, wanted_dumps
from ovm.machines.stream import Record, parse_line
from ovm.system.archive import BOOT, Archive
from ovm.system.model import Board
from ovm.system.units import MIB

PROGRAM = "qemu-system-arm"
_END_SECONDS = 5.0
_SP804_PERIODIC_32_BITS = 0xC2
_SHOWN_ERROR_LINES = 8
_POLL_SECONDS = 0.2
_TYPING_SECONDS = 0.02
# Linux: the signal that a process gets when its parent ends (prctl(2)).
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def find_qemu(program: str = "") -> str:
    """Return the QEMU to use: the one asked for, else `$OVM_QEMU`, else the one on the path."""
    wanted = program or os.environ.get("OVM_QEMU", "") or PROGRAM
    found = shutil.which(wanted)
    if found is None:
        raise MachineError("R100", f"there is no program '{wanted}'", fix="sudo apt-get install qemu-system-arm, or set OVM_QEMU")
    return found


def find_machine(board: Board, program: str = "") -> str:
    """Return the QEMU to use for `board`. Called before anything is built."""
    if not board.qemu.machine:
        raise MachineError(
            "R101",
            f"QEMU can't run {board.name}",
            fix="describe the system for vexpress-a9, or load the boot.elf of `ovm build` on the board",
        )
    return find_qemu(program)


def command(archive: Archive, image: Path, socket: Path, options: RunOptions) -> list[str]:
    """Return QEMU's command line."""
    board = archive.plan.system.board
    return [
        find_machine(board, options.program),
        *("-M", board.qemu.machine, "-smp", str(board.cpus), "-m", f"{board.ram.length // MIB}M"),
        *("-display", "none", "-monitor", "none", "-serial", "stdio", "-parallel", "none", "-net", "none"),
        *("-icount", f"shift={board.qemu.icount_shift},sleep={'on' if options.typist and options.typist.is_live else 'off'}"),
        *("-qmp", f"unix:{socket},server=on,wait=off"),
        *_slice_timer(board),
        *options.extra,
        *("-kernel", str(image)),
    ]


def _slice_timer(board: Board) -> list[str]:
    """Return options that start an SP804 timer, whose ticks end QEMU's turns (DDI0271: load at 0, control at 8, 1 MHz).

    QEMU 7.2 lets one CPU run up to the next timer event, even when another one has just been woken. The ticks raise no
    interrupt, so no guest notices them.
    """
    if not board.qemu.slice_timer:
        return []
    base = board.devices[board.qemu.slice_timer].range.start
    writes = ((base, board.qemu.slice_us), (base + 8, _SP804_PERIODIC_32_BITS))
    return [word for place, value in writes for word in ("-device", f"loader,addr={place:#x},data={value},data-len=4")]


def run(archive: Archive, listener: Listener, options: RunOptions | None = None) -> RunResult:
    """Run `archive` to its end; `listener` hears every event as it comes."""
    options = options or RunOptions()
    system = archive.plan.system
    result = start_result(archive.plan, 1 << system.board.qemu.icount_shift)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ovm-run-") as name:
        folder = Path(name)
        (folder / BOOT).write_bytes(archive.boot)
        machine = _Machine(command(archive, folder / BOOT, folder / "qmp", options), folder)
        try:
            _listen(machine, archive, result, listener, options, started + options.timeout_seconds)
            if result.ended:
                for dump in wanted_dumps(archive, result, options):
                    machine.dump(dump)
        finally:
            machine.end()
        if not result.ended and not result.reason:
            raise machine.death()
    result.wall_seconds = time.monotonic() - started
    tell_what_is_known(result)
    result.failures = judge(system, result)
    return result


def _listen(
    machine: "_Machine", archive: Archive, result: RunResult, listener: Listener, options: RunOptions, deadline: float
) -> None:
    """Take events in until OVM says that the run is over, or something else ends it."""
    typist = options.typist
    try:
        for line in machine.lines(_TYPING_SECONDS if typist else _POLL_SECONDS):
            if typist:
                typist.poll(0.0)
                typist.send(machine.type)
            if line is None:
                if time.monotonic() > deadline:
                    result.reason = TIMEOUT
                    return
                continue
            event = parse_line(line)
            check_build(archive, event)
            if typist:
                typist.hear(event)
            result.add(event)
            listener(event)
            if isinstance(event, Record) and event.kind in ("end", "broken"):
                return
        if result.boot:
            result.reason = "machine-ended"
    except KeyboardInterrupt:
        result.reason = "interrupted"


class _Machine:
    """A running QEMU. It gets a session of its own, so that Ctrl-C at the terminal reaches the driver alone."""

    def __init__(self, arguments: list[str], folder: Path) -> None:
        self._folder = folder
        self._errors = (folder / "errors").open("w+b")
        self._said: list[str] = []
        self._qmp: Qmp | None = None
        try:
            self._process = subprocess.Popen(
                arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,
                preexec_fn=_end_with_parent,
                env={**os.environ, "QEMU_AUDIO_DRV": "none"},
            )
        except OSError as error:
            self._errors.close()
            raise MachineError("R100", f"can't start {arguments[0]}: {error.strerror}") from error
        assert self._process.stdout is not None
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=_read, args=(self._process.stdout, self._queue), daemon=True)
        self._reader.start()

    def type(self, data: bytes) -> int:
        """Give bytes to the UART; return the number that was taken. A machine that has ended takes none."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(data)
            self._process.stdin.flush()
        except BrokenPipeError:
            return 0
        return len(data)

    def lines(self, poll_seconds: float) -> Iterator[bytes | None]:
        """Yield lines as they arrive, and None each so many seconds while there is none."""
        while True:
            try:
                line = self._queue.get(timeout=poll_seconds)
            except queue.Empty:
                yield None
                continue
            if line is None:
                return
            yield line

    def dump(self, dump: Dump) -> None:
        """Write guest-visible physical memory to a file, which appears whole."""
        dump.file.parent.mkdir(parents=True, exist_ok=True)
        part = self._folder / "dump"
        if dump.length:
            self._control().execute("pmemsave", val=dump.physical, size=dump.length, filename=str(part))
        else:
            part.write_bytes(b"")
        beside = dump.file.with_name(f".{dump.file.name}.part")
        shutil.move(part, beside)
        os.replace(beside, dump.file)

    def end(self) -> None:
        """End QEMU, by a request first."""
        if self._qmp:
            self._qmp.close()
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._reader.join(_END_SECONDS)
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()
        self._errors.seek(0)
        self._said = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        self._errors.close()

    def death(self) -> MachineError:
        """Return the message about a QEMU that ended before OVM printed anything."""
        shown = "\n            ".join(self._said[-_SHOWN_ERROR_LINES:]) or "no message"
        status = self._process.returncode
        return MachineError("R102", f"QEMU ended with status {status} before OVM started", found=shown)

    def _control(self) -> Qmp:
        if self._qmp is None:
            self._qmp = Qmp(self._folder / "qmp")
        return self._qmp


def _end_with_parent() -> None:
    """Ask the kernel to kill this process when the driver dies for any reason: a machine never outlives its run."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _read(stream: BinaryIO, lines: "queue.SimpleQueue[bytes | None]") -> None:
    """Pass on whole lines; the last one may lack its end."""
    try:
        for line in stream:
            lines.put(line.rstrip(b"\n"))
    except ValueError:
        pass  # closed while reading: the run is over
    lines.put(None)
