# SPDX-License-Identifier: Apache-2.0
"""The virtual board, as the debugger's server needs it."""

from collections.abc import Callable, Sequence

from ovm.board.api import Board, BoardError, Stop
from ovm.machines.gdb.console import Once
from ovm.machines.gdb.history import History
from ovm.machines.gdb.target import (
    ASLEEP,
    BREAKPOINT,
    FINISHED,
    ILLEGAL,
    INTERRUPTED,
    STEP,
    WATCHPOINT,
    Halt,
    TargetError,
)
from ovm.machines.inspect_board import tables_of
from ovm.machines.inspect_walk import Fault
from ovm.system.units import size_text

_SLICE_CYCLES = 5_000_000
_HELP = (
    "walk ADDRESS                show what this CPU's tables say of a virtual address",
    "tlb                         show what this CPU's main TLB holds",
    "time                        show the time and what each CPU has done",
)


class BoardTarget:
    """A board that `begin` has loaded and started; `finished` says when the run is over."""

    reversible = True

    def __init__(
        self,
        board: Board,
        begin: Callable[[], None],
        console: Once,
        finished: Callable[[], bool] = lambda: False,
        said: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.board = board
        self.cores = len(board.cores)
        self._begin, self._finished, self._said = begin, finished, said
        self._over = False
        self.history = History(board, console)
        self.history.begin()

    def register_names(self) -> Sequence[str]:
        """Return every register's name."""
        return self.board.cores[0].names

    def get(self, core: int, name: str) -> int:
        """Return the value of a register."""
        try:
            return self.board.cores[core].get(name)
        except BoardError as error:
            raise TargetError(error.message) from error

    def set(self, core: int, name: str, value: int) -> None:
        """Change a register. History begins here."""
        if self.get(core, name) == value:
            return
        try:
            self.board.cores[core].set(name, value)
        except BoardError as error:
            raise TargetError(error.message) from error
        self.history.begin()

    def describe(self, core: int) -> str:
        """Return world, mode and progress of a core."""
        each = self.board.cores[core]
        world = "Secure" if each.secure else "Non-secure"
        return f"{world} {each.mode}, {each.instructions:,} instructions, {each.cycles:,} cycles"

    def translate(self, core: int, address: int) -> int | None:
        """Return the physical address behind a virtual one."""
        return tables_of(self.board, core).translate(address)

    def read(self, core: int, physical: int, size: int) -> bytes:
        """Return physical memory."""
        try:
            return self.board.read(physical, size, core=core)
        except BoardError as error:
            raise TargetError(error.message) from error

    def read_virtual(self, core: int, address: int, size: int) -> bytes:
        """Return memory behind virtual addresses."""
        try:
            return self.board.cores[core].read_virtual(address, size)
        except BoardError as error:
            raise TargetError(error.message) from error

    def write(self, physical: int, data: bytes) -> None:
        """Change physical memory. History begins here."""
        try:
            self.board.write(physical, data)
        except BoardError as error:
            raise TargetError(error.message) from error
        self.history.begin()

    def add_breakpoint(self, address: int) -> int:
        """Stop any core before it executes the instruction there."""
        try:
            return self.board.breakpoints.add(address)
        except BoardError as error:
            raise TargetError(error.message) from error

    def remove_breakpoint(self, number: int) -> None:
        """Remove a breakpoint."""
        self.board.breakpoints.remove(number)

    def add_watchpoint(self, address: int, size: int, *, read: bool, write: bool) -> int:
        """Stop any core after it accesses one of these bytes."""
        try:
            return self.board.watchpoints.add(address, size, write=write, read=read)
        except BoardError as error:
            raise TargetError(error.message) from error

    def remove_watchpoint(self, number: int) -> None:
        """Remove a watchpoint."""
        self.board.watchpoints.remove(number)

    def resume(self, step: int | None, interrupted: Callable[[], bool]) -> Halt:
        """Run until something stops the machine."""
        if self._over:
            return Halt(FINISHED)
        if step is not None:
            self.board.call("processor.debug_steps.arm_step", step, self.board.cores[step].pc)
        try:
            while True:
                stop = self.board.run(cycles=_SLICE_CYCLES)
                self.history.note()
                halt = self._halt(stop)
                if halt is not None:
                    return halt
                if interrupted():
                    return Halt(INTERRUPTED, stop.core)
        finally:
            self.board.call("processor.debug_steps.disarm")

    def _halt(self, stop: Stop) -> Halt | None:
        """Return the meaning of a stop of the board; None if the run continues."""
        if self._finished() and not self._over:
            self._over = True
            self._said("the run is over; the machine can still be looked at")
            return Halt(ASLEEP, stop.core)
        if stop.reason == "breakpoint":
            return Halt(BREAKPOINT, stop.core, stop.pc)
        if stop.reason == "watchpoint":
            return Halt(WATCHPOINT, stop.core, stop.detail)
        if stop.reason in ("request", "step"):
            return Halt(STEP, stop.core)
        if stop.reason in ("unpredictable", "absent"):
            text = f"CPU {stop.core}: the instruction {stop.detail:#010x} at {stop.pc:#010x} is {stop.reason}"
            self._said(text)
            return Halt(ILLEGAL, stop.core, stop.pc, text)
        if stop.reason == "asleep":
            self._said("both CPUs wait for an interrupt that nothing will raise")
            return Halt(ASLEEP, stop.core)
        return None

    def back(self, step: int | None, interrupted: Callable[[], bool]) -> Halt:
        """Go back in time."""
        self._over = False
        if step is not None:
            return self.history.back_one(step, interrupted)
        return self.history.back_to_stop(0, interrupted)

    def reset(self) -> None:
        """Load and start anew."""
        self._begin()
        self._over = False
        self.history.begin()

    def monitor(self, words: Sequence[str], core: int) -> str | None:
        """Answer a `monitor` command of the board's own."""
        match list(words):
            case ["time"]:
                lines = [f"{self.board.now:,} cycles, {self.board.now / self.board.hz:.6f} s"]
                return "\n".join([*lines, *(f"CPU {n}: {self.describe(n)}" for n in range(self.cores))]) + "\n"
            case ["tlb"]:
                return _entries(self.board, core)
            case ["walk", address]:
                return _walked(self.board, core, int(address, 0) & 0xFFFF_FFFF)
            case _:
                return None

    def monitor_help(self) -> Sequence[str]:
        """Return help on these commands."""
        return _HELP


def _walked(board: Board, core: int, address: int) -> str:
    tables = tables_of(board, core)
    if not tables.context.enabled:
        return "the MMU is off: addresses are physical\n"
    found = tables.find(address)
    if isinstance(found, Fault):
        return f"{found.text} (status {found.status:#04x}, level {found.level})\n"
    domain = f"domain {found.domain} ({tables.context.domain(found.domain)})"
    world = "Non-secure" if found.non_secure else "Secure"
    return (
        f"{found.size} {found.virtual:#010x} to {found.physical:#010x} ({world} if the walk is Secure)\n"
        f"{found.rights(tables.context.access_flag)}\n{found.memory(tables.context.tex_remap)}\n{domain}, "
        f"{'global' if found.is_global else 'of one ASID'}, descriptor {found.descriptor:#010x}\n"
    )


def _entries(board: Board, core: int) -> str:
    tlb = board.tlb(core)
    named = [(f"lock {number}", each) for number, each in enumerate(tlb.lockable)]
    named += [(f"way {number // 64} set {number % 64}", each) for number, each in enumerate(tlb.main)]
    lines = [
        f"{name:13} {'Non-secure' if each.ns else 'Secure    '} "
        f"{'global   ' if each.asid is None else f'ASID {each.asid:#04x}'} {each.virtual:#010x} to {each.physical:#010x} "
        f"{size_text(each.bytes)}, domain {each.domain}{', locked' if each.locked else ''}"
        for name, each in named
        if each.valid
    ]
    return "\n".join(lines or ["empty"]) + "\n"
