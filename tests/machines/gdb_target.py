# SPDX-License-Identifier: Apache-2.0
"""A machine for the debugger's protocol alone: two cores that count, memory in a dictionary of pages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ovm.machines.gdb.target import BREAKPOINT, INTERRUPTED, STEP, WATCHPOINT, Halt, TargetError

PAGE = 4096
GENERAL = [*(f"r{number}" for number in range(16)), "sp", "lr", "pc", "cpsr", "spsr", "sp_irq", "lr_irq", "spsr_irq"]
VFP = [*(f"d{number}" for number in range(32)), "fpscr"]
CP15 = ["SCR", "TTBR0", "TTBR0_S", "TTBR0_NS"]
VIRTUAL = 0x8000_0000  # what is below is mapped one to one up to TOP, this to 0x1000
TOP = 0x10_0000
ALIASES = {"sp": "r13", "lr": "r14", "pc": "r15"}


@dataclass
class FakeTarget:
    cores: int = 2
    reversible: bool = True
    registers: list[dict[str, int]] = field(default_factory=lambda: [{}, {}])
    memory: bytearray = field(default_factory=lambda: bytearray(TOP))
    breakpoints: dict[int, int] = field(default_factory=dict)
    watchpoints: dict[int, tuple[int, int, bool, bool]] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    next_number: int = 0

    def register_names(self) -> Sequence[str]:
        return [*GENERAL, *VFP, *CP15]

    def get(self, core: int, name: str) -> int:
        if name not in self.register_names():
            raise TargetError(name)
        return self.registers[core].get(ALIASES.get(name, name), 0)

    def set(self, core: int, name: str, value: int) -> None:
        if name not in self.register_names():
            raise TargetError(name)
        self.registers[core][ALIASES.get(name, name)] = value

    def describe(self, core: int) -> str:
        return f"core {core} counts"

    def translate(self, core: int, address: int) -> int | None:
        if VIRTUAL <= address < VIRTUAL + PAGE:
            return address - VIRTUAL + PAGE
        return address if address < TOP else None

    def read_virtual(self, core: int, address: int, size: int) -> bytes:
        place = self.translate(core, address)
        if place is None:
            raise TargetError(f"nothing is mapped at {address:#x}")
        return self.read(core, place, size)

    def read(self, core: int, physical: int, size: int) -> bytes:
        if not 0 <= physical <= physical + size <= TOP:
            raise TargetError(f"no memory at {physical:#x}")
        return bytes(self.memory[physical : physical + size])

    def write(self, physical: int, data: bytes) -> None:
        self.read(0, physical, len(data))
        self.memory[physical : physical + len(data)] = data

    def _number(self) -> int:
        self.next_number += 1
        return self.next_number

    def add_breakpoint(self, address: int) -> int:
        if len(self.breakpoints) == 8:
            raise TargetError("no room")
        number = self._number()
        self.breakpoints[number] = address
        return number

    def remove_breakpoint(self, number: int) -> None:
        del self.breakpoints[number]

    def add_watchpoint(self, address: int, size: int, *, read: bool, write: bool) -> int:
        number = self._number()
        self.watchpoints[number] = (address, size, read, write)
        return number

    def remove_watchpoint(self, number: int) -> None:
        del self.watchpoints[number]

    def resume(self, step: int | None, interrupted: Callable[[], bool]) -> Halt:
        self.log.append(f"resume {step}")
        for _ in range(1000):
            core = 0 if step is None else step
            self.set(core, "pc", self.get(core, "pc") + 4 & 0xFFFF_FFFF)
            if step is not None:
                return Halt(STEP, core)
            if self.get(0, "pc") in self.breakpoints.values():
                return Halt(BREAKPOINT, 0, self.get(0, "pc"))
            if interrupted():
                return Halt(INTERRUPTED, 0)
        for address, _, _, _ in self.watchpoints.values():
            return Halt(WATCHPOINT, 1, address)
        return Halt(INTERRUPTED, 0)

    def back(self, step: int | None, interrupted: Callable[[], bool]) -> Halt:
        self.log.append(f"back {step}")
        core = 0 if step is None else step
        self.set(core, "pc", max(self.get(core, "pc") - 4, 0))
        return Halt(STEP, core)

    def reset(self) -> None:
        self.log.append("reset")
        self.registers = [{}, {}]

    def monitor(self, words: Sequence[str], core: int) -> str | None:
        return f"core {core} says hello\n" if list(words) == ["hello"] else None

    def monitor_help(self) -> Sequence[str]:
        return ["hello                       say hello"]
