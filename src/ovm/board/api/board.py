# SPDX-License-Identifier: Apache-2.0
"""The machine as one object.

Time is counted in cycles of the CPU clock (`hz`). Nothing here changes what the machine does: its future is the same for any
division of a run into calls of `run`, and for any reads in between. Only `write`, `set`, `type`,
`start`, `boot` and `insert_card` are inputs.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ovm.board import state
from ovm.board.api.accounts import Accounts
from ovm.board.api.caches import CacheState, data_cache, instruction_cache, level2_cache
from ovm.board.api.console import Consoles
from ovm.board.api.core import Core
from ovm.board.api.errors import BoardError, unknown
from ovm.board.api.events import Event, Subscribers, Subscription
from ovm.board.api.history import History
from ovm.board.api.inputs import SLICE_CYCLES, Recorder
from ovm.board.api.loading import Loading
from ovm.board.api.parameters import DEFAULT_FILE, checked, parameters_of
from ovm.board.api.program import Progress, load_program
from ovm.board.api.stops import Breakpoints, Watchpoints, suspended
from ovm.board.api.tlb import MAIN_TLBS, MICRO_TLBS, Tlb, read_tlb
from ovm.board.api.view import View
from ovm.board.api.wiring import read_values, wire, wired
from ovm.board.arena.place import ARENA, ARENA_BYTES, Blocks
from ovm.board.devices.signal import Signals
from ovm.board.parameters import Parameters
from ovm.board.run.machine import MACHINE_ASLEEP, MACHINE_BUDGET, MACHINE_RESET, Machine

REASONS = {value: name.removeprefix("STOP_").lower() for name, value in vars(state).items() if name.startswith("STOP_")} | {
    MACHINE_BUDGET: "budget",
    MACHINE_ASLEEP: "asleep",
    MACHINE_RESET: "reset",
}


@dataclass(frozen=True)
class Stop:
    """The reason why a run stopped: `reason` is `budget`, `until`, or one of the words of `ovm.board.state`'s STOP_ numbers.

    `pc` is the place of `core`, or, if an instruction caused the stop, that instruction; `detail` is its word, or
    the address for a watchpoint. `cycle` is that core's time, or the machine's where no core caused the stop.
    """

    reason: str
    core: int
    pc: int
    detail: int
    cycle: int


class Board(History, Loading):
    """A Zynq-7000 as a board file describes it, reset and stopped.

    The file is `file`, by default `boards/zc702.toml`; `described` are such a file's values instead. `parameters` override
    its own. `progress` is told the steps of a cold start, which compiles the machine. Raises `BoardError` for parameters that
    don't exist and for a board that it can't be, `BuildError` without a compiler.
    """

    def __init__(
        self,
        parameters: Mapping[str, int] | None = None,
        *,
        file: Path | None = None,
        described: Mapping[str, Any] | None = None,
        progress: Progress | None = None,
    ) -> None:
        values = read_values(file or DEFAULT_FILE) if described is None else described
        self.parameters = parameters_of(values) | checked(parameters or {})
        self.wired = wired(values)
        self.program = load_program(progress)
        self.cores = tuple(Core(self, number) for number in range(self.wired.cores))
        self.recorder = Recorder(self)
        self._machine = self.static("run.machine.MACHINE", Machine)
        self._signals = self.static("devices.signal.SIGNALS", Signals)
        self._subscribers = Subscribers(self.program)
        self._consoles = Consoles(self.program)
        self.accounts = Accounts(self)
        self._traced = range(0)
        self.breakpoints = Breakpoints(self)
        self.watchpoints = Watchpoints(self)
        self.reset()

    @property
    def hz(self) -> int:
        """Return cycles of the CPU clock in a second."""
        return self.wired.hz

    @property
    def now(self) -> int:
        """Return the cycles since the start that both cores have reached, unless they sleep or are held."""
        signals = self._signals.get
        awake = [core.cycles for core in self.cores if not signals("asleep", core.number) and not signals("held", core.number)]
        return max(self.slice_begin, min(awake)) if awake else self.slice_begin

    @property
    def slice_begin(self) -> int:
        """Return the cycle at which the slice in progress began (`ovm.board.run.machine`), and all devices have reached."""
        return self._machine.get("time")

    def call(self, name: str, *arguments: int) -> int:
        """Call a function of the board by its dotted name below `ovm.board`."""
        return int(self.program.call(f"ovm.board.{name}", *arguments) or 0)

    def static(self, name: str, kind: object) -> View:
        """Return a static of the board by its dotted name below `ovm.board`."""
        return View(self.program.memory, kind, self.program.address_of(f"ovm.board.{name}"))

    def reset(self) -> None:
        """Make everything as after power-on, memory included; subscriptions stay."""
        self.program.reset()
        values = self.static("parameters.PARAMETERS", Parameters)
        for name, value in self.parameters.items():
            values.set(value, name)
        wire(self.program, self.wired)
        self.call("run.machine.machine_reset")
        self._renew()

    def _renew(self) -> None:
        """Set the user's stops and this process's addresses in a machine that has lost them, or comes from another board."""
        blocks = self.static("arena.place.BLOCKS", Blocks)
        allowed = self.parameters["blocks"] != 0 and self.program.memory.allow_code(ARENA, ARENA_BYTES)
        blocks.set(int(allowed), "allowed")
        blocks.set(self.program.code_of("ovm.board.blocks.floating.compute") if allowed else 0, "compute")
        self._subscribers.renew()
        self.call("processor.debug.forget_stops")
        self.breakpoints.renew()
        self.watchpoints.renew()
        self.trace(self._traced)

    def trace(self, addresses: range) -> None:
        """Make an event `instruction` of each one that is executed at these virtual addresses; an empty range ends that."""
        self._traced = addresses
        self.call("processor.debug_steps.trace", addresses.start, min(len(addresses), 0xFFFF_FFFF))

    def without_stops(self) -> AbstractContextManager[None]:
        """Return a context in which no breakpoint and no watchpoint stops the machine."""
        return suspended(self, self.breakpoints, self.watchpoints)

    def run(self, cycles: int | None = None, until: Callable[["Board"], bool] | None = None) -> Stop:
        """Run for this many cycles, or until `until`, called between slices, returns true; or until something stops the machine.

        A budget may be passed by the rest of a quantum: the cores' turns never depend on where a run is cut. A core continues
        from a breakpoint that stopped it. `BoardError` R215 for a budget below zero.
        """
        if cycles is not None and cycles < 0:
            raise _no_time(cycles)
        return self.run_to(None if cycles is None else self.now + cycles, until)

    def run_to(self, end: int | None, until: Callable[["Board"], bool] | None = None) -> Stop:
        """Run up to a moment of `now`; otherwise as `run`. It stops at once if the moment has passed."""
        if end is not None and end < 0:
            raise _no_time(end)
        while True:
            slice_end = (self.slice_begin // SLICE_CYCLES + 1) * SLICE_CYCLES
            why = self.call("run.machine.machine_run", slice_end if end is None else min(slice_end, end))
            self._subscribers.deliver()
            self._consoles.deliver()
            if why not in (MACHINE_BUDGET, state.STOP_EVENTS):
                return self._stop(REASONS.get(why, str(why)), self._machine.get("core"))
            if until is not None and until(self):
                return self._stop("until")
            if end is not None and self.slice_begin >= end:
                return self._stop("budget")

    def step(self, core: int = 0, cycles: int | None = None) -> Stop:
        """Run until a core has executed one instruction; the other one continues in its turns, as it would anyway.

        A step over an instruction that waits ends when the core wakes. If that takes more than `cycles`, a second, the
        reason is `asleep`, although the rest of the machine could continue. `BoardError` R216 for a core that isn't there.
        """
        if core not in range(len(self.cores)):
            there = " or ".join(str(each.number) for each in self.cores)
            raise BoardError("R216", "the board has no such core", found=str(core), expected=there)
        self.call("processor.debug_steps.arm_step", core, self.cores[core].pc)
        try:
            stop = self.run(cycles=self.hz if cycles is None else cycles)
        finally:
            self.call("processor.debug_steps.disarm")
        if stop.reason == "request":
            return replace(stop, reason="step")
        return self._stop("asleep", core) if stop.reason == "budget" and self._signals.get("asleep", core) else stop

    def _stop(self, reason: str, core: int = 0) -> Stop:
        view = self.cores[core].view
        if reason in ("unpredictable", "absent", "breakpoint", "watchpoint"):
            return Stop(reason, core, view.get("event_pc"), view.get("event_word"), self.cores[core].cycles)
        cycle = self.now if reason in ("budget", "until", "asleep", "reset") else self.cores[core].cycles
        return Stop(reason, core, self.cores[core].pc, 0, cycle)

    def on_console(self, callback: Callable[[int, bytes], None]) -> None:
        """Give the bytes that a UART sends to `callback`, with the UART's number, after each slice of a run."""
        self._consoles.callbacks.append(callback)

    def type(self, uart: int, data: bytes) -> int:
        """Give bytes to a UART; return the number that it took. An input of the machine."""
        with self.recorder.input(None, "type", uart, data):
            for taken, byte in enumerate(data):
                if not self.call("devices.uart.uart_receive", uart, byte):
                    return taken
        return len(data)

    def subscribe(self, kinds: Iterable[str], callback: Callable[[Event], None]) -> Subscription:
        """Give events of these kinds (`KINDS`) to `callback`, after each slice of a run."""
        return self._subscribers.add(kinds, callback)

    def subscribe_raw(self, kinds: Iterable[str], callback: Callable[[bytes], None]) -> Subscription:
        """Give events to `callback` in bulk, as records of `ovm.board.api.events.LAYOUT`; others may be among them."""
        return self._subscribers.add_raw(kinds, callback)

    def unsubscribe(self, subscription: Subscription) -> None:
        """End a subscription."""
        self._subscribers.remove(subscription)

    def tlb(self, core: int) -> Tlb:
        """Return the content of a core's TLBs."""
        return read_tlb(self.static("mmu.main.MAIN", MAIN_TLBS), self.static("mmu.micro.MICRO", MICRO_TLBS), core)

    def cache(self, which: int | str) -> CacheState:
        """Return the content of a cache: the L1 data cache of core 0 or 1, `i0` and `i1` for instructions, `l2`."""
        if which == "l2":
            return level2_cache(self.program)
        if which in ("i0", "i1"):
            return instruction_cache(self.program, int(str(which)[1]))
        if which in (0, 1):
            return data_cache(self.program, int(which))
        raise unknown("R211", "cache", str(which), ("0", "1", "i0", "i1", "l2"))

    def counts(self, core: int) -> dict[str, int]:
        """Return a core's counters since the start, by name."""
        return self.cores[core].counts


def _no_time(cycles: int) -> BoardError:
    return BoardError("R215", "time doesn't go back", found=f"{cycles} cycles", expected="0 or more", fix="restore a snapshot")
