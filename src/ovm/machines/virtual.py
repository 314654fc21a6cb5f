# SPDX-License-Identifier: Apache-2.0
"""The virtual board as a machine: it runs an image.

The machine is the same each time: cycle counts depend on the image and the board's parameters alone. Only Python and the
compiler package are needed.
"""

import os
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from ovm.board.api import Board, BoardError, Stop
from ovm.board.api.parameters import checked
from ovm.board.api.program import board_image
from ovm.board.api.wiring import UARTS
from ovm.machines.board_file import check_board
from ovm.machines.doing import Watch, tell_what_guests_do
from ovm.machines.errors import MachineError
from ovm.machines.gdb.console import Once
from ovm.machines.judge import judge
from ovm.machines.result import RunResult, start_result
from ovm.machines.running import TIMEOUT, Dump, Listener, Pace, RunOptions, check_build, wanted_dumps
from ovm.machines.stream import Event, Port, Record, parse_line
from ovm.machines.use import guest_use, machine_use, start_accounts
from ovm.system.archive import Archive
from ovm.system.model import Board as BoardFile

__all__ = ["LOOK_SECONDS", "check_parameters", "find_machine", "run", "warm"]
# Simulated time between two looks at the consoles and the clock on the wall.
LOOK_SECONDS = 0.005

Progress = Callable[[str], None]


def find_machine(board: BoardFile) -> None:
    """Refuse a board that this machine can't be. Called before anything is built."""
    if not board.parameters:
        raise MachineError(
            "R104",
            f"the virtual board is no {board.name}",
            found=f"boards/{board.name}.toml has no [timing] table",
            fix="leave out `board` in [system], or run with --machine qemu",
        )
    check_board(board)


def check_parameters(parameters: Mapping[str, int]) -> None:
    """Refuse parameters that the board doesn't have. Called before anything is built."""
    try:
        checked(parameters)
    except BoardError as error:
        raise _refused(error) from error


def warm(progress: Progress) -> None:
    """Compile the board if that has not been done yet; `progress` is told."""
    board_image(progress)


def run(archive: Archive, listener: Listener, options: RunOptions | None = None) -> RunResult:
    """Run `archive` to its end; `listener` hears every event as it comes."""
    options = options or RunOptions()
    system = archive.plan.system
    find_machine(system.board)
    result = start_result(archive.plan, 0)
    started = time.monotonic()
    machine = _Machine(archive, result, listener, options, started)
    try:
        ended = options.drive(machine) if options.drive else ""
        if ended:
            result.reason = ended
        else:
            machine.run_until_over(options.observe)
    except KeyboardInterrupt:
        result.reason = "interrupted"
    if result.ended:
        for dump in wanted_dumps(archive, result, options):
            machine.dump(dump)
    machine.account(archive, result)
    result.wall_seconds = time.monotonic() - started
    result.failures = judge(system, result)
    return result


class _Machine:
    """A board with the image in it. `over` is true when OVM has reported the run's end."""

    def __init__(self, archive: Archive, result: RunResult, listener: Listener, options: RunOptions, started: float) -> None:
        self._deadline = started + options.timeout_seconds
        self._result = result
        self._listener = listener
        self._uart = UARTS.index(archive.plan.system.board.core.uart)
        self._rest = b""
        # What a guest prints on a UART of its own, by the UART's number.
        self._ports = {
            UARTS.index(name): Port(each.name, self._told)
            for each in archive.plan.system.guests
            for name in each.devices
            if name in UARTS
        }
        self._archive = archive
        self._typist = options.typist
        self._began = started
        self.over = False
        try:
            self.board = Board(options.parameters, described=archive.plan.system.board.document.values)
        except BoardError as error:
            raise _refused(error) from error
        self.watch = Watch(self.board)
        self.console = Once(self._hear)
        self.board.on_console(self.console)
        self._start()

    def begin(self) -> None:
        """Put everything back to before the first instruction."""
        self.board.reset()
        self._start()
        self._rest = b""
        for port in self._ports.values():
            port.forget()
        if self._typist:
            self._typist.forget()
        self.over = False

    def _start(self) -> None:
        self.board.start(self.board.load(self._archive.boot))
        start_accounts(self.board, self._archive)

    def account(self, archive: Archive, result: RunResult) -> None:
        """Put the guests' use of the board into the result."""
        self.board.accounts.settle()
        result.machine = machine_use(self.board)
        if not result.ticks:
            # OVM has not reported when it ended.
            result.ticks = self.board.now * result.timer_hz // self.board.hz
        for guest in archive.plan.system.guests:
            result.guests[guest.name].use = guest_use(self.board, guest.index)
        tell_what_guests_do(self.board, archive, self.watch, result)

    def late(self) -> bool:
        """Return whether the run has taken too much real time."""
        return time.monotonic() > self._deadline

    def run_until_over(self, observe: Callable[[Pace], None] | None = None) -> None:
        """Run until OVM reports the run's end, something stops the machine, or the real time is over."""
        look = int(LOOK_SECONDS * self.board.hz)
        while not self.over:
            stop = self.board.run(cycles=look)
            self.watch.look()
            if self.over:
                return
            self._type()
            if stop.reason != "budget":
                self._result.reason = _why(stop)
                return
            if observe:
                observe(Pace(stop.cycle / self.board.hz, sum(core.instructions for core in self.board.cores)))
            if self.late():
                self._result.reason = TIMEOUT
                return

    def _type(self) -> None:
        """Take what has been typed. While more may come, simulated time waits for real time."""
        if self._typist is None:
            return
        ahead = self._began + self.board.now / self.board.hz - time.monotonic()
        self._typist.poll(max(ahead, 0.0) if self._typist.is_live else 0.0)
        self._typist.send(lambda data: self.board.type(self._uart, data))

    def dump(self, dump: Dump) -> None:
        """Write physical memory to a file, which appears whole."""
        dump.file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{dump.file.name}-", dir=dump.file.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(self.board.read(dump.physical, dump.length, core=dump.core))
            Path(name).chmod(0o644)
            os.replace(name, dump.file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def _hear(self, uart: int, data: bytes) -> None:
        if uart in self._ports and not self.over:
            self._ports[uart].hear(data)
        if uart != self._uart:
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if self.over:
                return
            event = parse_line(line)
            check_build(self._archive, event)
            self._told(event)
            if isinstance(event, Record) and event.kind in ("end", "broken"):
                self._end()

    def _told(self, event: Event) -> None:
        if self._typist:
            self._typist.hear(event)
        self._result.add(event)
        self._listener(event)

    def _end(self) -> None:
        for port in self._ports.values():
            port.flush()
        self.over = True


def _refused(error: BoardError) -> MachineError:
    return MachineError(error.code, error.message, found=error.found, expected=error.expected, fix=error.fix)


def _why(stop: Stop) -> str:
    """Return a stop of the machine in words."""
    place = f"CPU {stop.core}, pc {stop.pc:#010x}"
    if stop.reason == "unpredictable":
        return f"UNPREDICTABLE instruction {stop.detail:#010x} ({place})"
    if stop.reason == "absent":
        return f"an instruction that the board does not have, {stop.detail:#010x} ({place})"
    if stop.reason == "asleep":
        return f"both CPUs wait for ever ({place})"
    return f"{stop.reason} ({place})"
