# SPDX-License-Identifier: Apache-2.0
"""One core of the board, seen from outside: registers, mode, counters.

Register names are the manuals': `r0` to `r15`, `sp`, `lr`, `pc`, `cpsr`; `sp_irq`, `lr_svc`, `spsr_mon`, `r8_fiq` for
banked ones; `s0`, `d0`, `q0`, `fpscr` and so on; CP15 registers by name, `TTBR0_S` and `TTBR0_NS` where each world has its
own (without a suffix: the one that an MRC would read now).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from ovm.board import state
from ovm.board.api import coprocessor
from ovm.board.api.errors import BoardError, unknown
from ovm.board.api.events import COUNTERS
from ovm.board.api.floating import NAMES as FLOATING_NAMES
from ovm.board.api.floating import FloatingRegisters
from ovm.board.api.inputs import Recorder
from ovm.board.api.translation import VirtualMemory
from ovm.board.api.view import View, scalar_fields
from ovm.board.clock import SLOTS_PER_CYCLE
from ovm.board.events import Counts
from ovm.metal.build.host import HostProgram

Path = tuple[str | int, ...]
MODES = {0x10: "usr", 0x11: "fiq", 0x12: "irq", 0x13: "svc", 0x16: "mon", 0x17: "abt", 0x1B: "und", 0x1F: "sys"}
_BANKS = {"usr": 0, "sys": 0, "fiq": 1, "irq": 2, "svc": 3, "abt": 4, "und": 5, "mon": 6}
_COMMON = ("scr", "sder", "nsacr", "vcr", "vir", "mvbar", "actlr", "cpacr")
_ALIASES = {"sp": "r13", "lr": "r14", "pc": "r15"}
_GENERAL = 16


class Machine(Protocol):
    """The interface of a core to its board."""

    program: HostProgram
    recorder: Recorder

    def call(self, name: str, *arguments: int) -> int:
        """Call a function of the board by its dotted name below `ovm.board`."""
        ...


class Core(VirtualMemory):
    """One Cortex-A9; `number` is its MPIDR number."""

    def __init__(self, machine: Machine, number: int) -> None:
        self._machine = machine
        self.number = number
        program = machine.program
        self._running = View(program.memory, state.Cpu, program.address_of("ovm.board.state.CPU"))
        parked = program.address_of("ovm.board.state.CORES") + number * state.Cpu.LAYOUT.size
        self._parked = View(program.memory, state.Cpu, parked)
        self._counts = View(program.memory, Counts, program.address_of("ovm.board.events.CORE_COUNTS"))
        self._world = scalar_fields(state.WorldRegisters)
        self._floating = FloatingRegisters(program, number)

    @property
    def view(self) -> View:
        """Return its state, which may be in one of two places."""
        return self._running if self._running.get("number") == self.number else self._parked

    @contextmanager
    def running(self) -> Iterator[Callable[..., int]]:
        """Make it the core on which functions of the board work; yield the function that calls them."""
        before = self._running.get("number")
        self._machine.call("run.machine.select_core", self.number)
        try:
            yield self._machine.call
        finally:
            self._machine.call("run.machine.select_core", before)

    @property
    def registers(self) -> tuple[int, ...]:
        """Return r0 to r14 of the present mode."""
        view = self.view
        return tuple(view.get("r", index) for index in range(15))

    @property
    def pc(self) -> int:
        """Return the address of the next instruction, bit 0 clear."""
        view = self.view
        offset = (view.get("at") - view.get("page_records")) & 0xFFFF_FFFF
        return (view.get("page_virtual") + (offset >> view.get("page_shift"))) & 0xFFFF_FFFF

    @property
    def cpsr(self) -> int:
        """Return the program status register, put together."""
        with self.running() as call:
            return call("processor.status.cpsr")

    @property
    def mode(self) -> str:
        """Return the mode's name, as `svc`."""
        number = self.view.get("mode")
        return MODES.get(number, f"{number:#x}")

    @property
    def secure(self) -> bool:
        """Return whether it is in the Secure state; Monitor mode always is."""
        view = self.view
        return view.get("scr") & 1 == 0 or view.get("mode") == 0x16

    @property
    def cycles(self) -> int:
        """Return cycles since the start, waiting included."""
        view = self.view
        return view.get("slots") // SLOTS_PER_CYCLE + view.get("stalled")

    @property
    def instructions(self) -> int:
        """Return instructions executed since the start."""
        return self.view.get("instructions")

    @property
    def counts(self) -> dict[str, int]:
        """Return its counters since the start, by name: walks, misses, exceptions and so on."""
        return {name: self._counts.get(self.number, "of", index) for name, index in COUNTERS.items()}

    @property
    def names(self) -> list[str]:
        """Return every name that `get` knows."""
        general = [f"r{number}" for number in range(_GENERAL)] + ["sp", "lr", "pc", "cpsr", "spsr"]
        banked = [f"{kind}_{mode}" for mode in _BANKS for kind in ("sp", "lr")]
        saved = [f"spsr_{mode}" for mode in _BANKS if _BANKS[mode]]
        world = [name.upper() + suffix for name in self._world for suffix in ("", "_S", "_NS")]
        common = [f"r{n}_fiq" for n in range(8, 13)] + [name.upper() for name in _COMMON]
        return general + banked + saved + common + world + FLOATING_NAMES + list(coprocessor.rows())

    def get(self, name: str) -> int:
        """Return the value of a register; `BoardError` R203 if there is none with this name."""
        plain = _ALIASES.get(name.lower(), name.lower())
        if plain == "r15":
            return self.pc
        if plain == "cpsr":
            return self.cpsr
        if name.upper() in coprocessor.rows():
            with self.running() as call:
                return call("cp15.dispatch.read", coprocessor.rows()[name.upper()])
        floating = self._floating.place(plain)
        return self._floating.get(floating) if floating else self.view.get(*self._path(name, plain))

    def set(self, name: str, value: int) -> None:
        """Change a register.

        CP15 registers take the value unchanged: TLBs and lines are dropped, and there is no other effect.
        """
        with self._machine.recorder.input(self.number, "set", name, value):
            self._set(name, value)

    def _set(self, name: str, value: int) -> None:
        plain = _ALIASES.get(name.lower(), name.lower())
        if name.upper() in coprocessor.rows():
            raise BoardError("R203", f"'{name}' can only be read")
        if plain in ("r15", "cpsr"):
            self._machine.call("processor.debug_steps.forget_pass", self.number)
        if plain == "r15":
            with self.running() as call:
                call("run.loop.start", value & 0xFFFF_FFFF)
        elif plain == "cpsr":
            pc = self.pc
            with self.running() as call:
                call("processor.status.return_to", value & 0xFFFF_FFFF)
                call("run.loop.start", pc)
        elif floating := self._floating.place(plain):
            self._floating.set(floating, value)
        else:
            self.view.set(value, *self._path(name, plain))
            if name.isupper() or "_" in plain:
                with self.running() as call:
                    call("shortcuts.lines.drop_lines")

    def _path(self, name: str, plain: str) -> Path:
        """Return the place of a register in the state."""
        view = self.view
        kind, _, bank = plain.partition("_")
        if plain[1:].isdigit() and plain[0] == "r" and int(plain[1:]) < _GENERAL:
            return ("r", int(plain[1:]))
        mode = MODES.get(view.get("mode"), "usr")
        if plain == "spsr":
            return ("spsr", _BANKS[mode])
        if bank in _BANKS and kind in ("sp", "lr", "r13", "r14", "spsr"):
            number = {"sp": "r13", "lr": "r14"}.get(kind, kind)
            if number != "spsr" and _BANKS[mode] == _BANKS[bank]:
                return ("r", int(number[1:]))
            return (number, _BANKS[bank])
        if bank == "fiq" and kind in ("r8", "r9", "r10", "r11", "r12"):
            return ("r", int(kind[1:])) if mode == "fiq" else ("r8_fiq", int(kind[1:]) - 8)
        if plain in _COMMON:
            return (plain,)
        if kind in self._world and bank in ("", "s", "ns"):
            return ("world", view.get("scr") & 1 if not bank else int(bank == "ns"), kind)
        raise unknown("R203", "register", name, self.names)
