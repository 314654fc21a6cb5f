# SPDX-License-Identifier: Apache-2.0
"""MMU and CP15 of the board without the interpreter around them."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from ovm.board import events, parameters, state
from ovm.board.api.parameters import DEFAULT_FILE
from ovm.board.api.wiring import read_values, wire, wired
from ovm.board.cp15 import access, dispatch, monitors, reset
from ovm.board.cp15.registers import REGISTERS
from ovm.board.devices import scu
from ovm.board.mapping import Mapping
from ovm.board.mmu import main, micro, translate
from ovm.board.mmu.entry import Entry
from ovm.board.processor import status
from ovm.board.ram.storage import DDR_HOST
from ovm.metal import offsetof, sizeof
from ovm.metal.build.host import HostProgram, host_image
from ovm.metal.build.host_image import HostImage
from ovm.metal.compiler import Options, compile_unit
from tests.board.mmu import touch

READ, WRITE, FETCH, USER = 0, 1, 2, 4
SVC, USR, MON = 0x13, 0x10, 0x16
WIRED = wired(read_values(DEFAULT_FILE))
ROWS = {register.name: number for number, register in enumerate(REGISTERS)}
RULES = {register.name: register.rules for register in REGISTERS}
TZ_DDR_RAM = 0x430
_SCU = "ovm.board.devices.scu.SCU"
ROOTS = (
    translate.translate,
    dispatch.read,
    dispatch.write,
    dispatch.row_of,
    access.allowed,
    reset.reset_control,
    monitors.monitors_expire,
    status.set_mode,
    touch.touch_word,
)


@cache
def image() -> HostImage:
    return host_image(compile_unit(ROOTS, Options(target="host")), "0")


@dataclass(frozen=True)
class Result:
    """The result of a translation."""

    physical: int
    fault: int
    ns: int
    kind: int
    inner: int
    outer: int
    shareable: int
    micro: int


class Bare:
    """One core after reset, in Secure Supervisor mode."""

    def __init__(self) -> None:
        self.program = HostProgram(image())
        self.memory = self.program.memory
        self.cpu = self.program.address_of("ovm.board.state.CPU")
        self._mapping = self.program.address_of("ovm.board.mapping.MAPPING")
        self._main = self.program.address_of("ovm.board.mmu.main.MAIN")
        self._micro = self.program.address_of("ovm.board.mmu.micro.MICRO")
        self.reset()

    def reset(self) -> None:
        self.program.reset()
        wire(self.program, WIRED)
        if _SCU in self.program.static_symbols:
            # As a boot loader leaves it: low addresses are DDR's, which the Non-secure world may use too.
            self.memory.store(self.program.address_of(_SCU) + offsetof(scu.Scu, "control"), 4, 2)
            self.memory.store(self.program.address_of(_SCU) + offsetof(scu.Scu, "filter_end"), 4, 0xFFE0_0000)
            self.memory.store(self.program.address_of("ovm.board.devices.slcr.SLCR") + TZ_DDR_RAM, 4, 0xFFFF)
        self.set("mode", SVC)
        self.call(reset.reset_control)

    def call(self, function: Any, *arguments: int) -> int:
        return int(self.program.call(f"{function.__module__}.{function.__name__}", *arguments) or 0)

    def get(self, field: str) -> int:
        return int(self.memory.load(self.cpu + offsetof(state.Cpu, field), 4))

    def set(self, field: str, value: int) -> None:
        self.memory.store(self.cpu + offsetof(state.Cpu, field), 4, value)

    def parameter(self, field: str, value: int) -> None:
        place = self.program.address_of("ovm.board.parameters.PARAMETERS")
        self.memory.store(place + offsetof(parameters.Parameters, field), 4, value)

    def enter(self, mode: int, ns: int) -> None:
        """Be in a mode, with SCR.NS, as after an exception return."""
        self.set("scr", self.get("scr") & ~1 | ns)
        self.set("mode", mode)

    def write(self, name: str, value: int) -> None:
        """MCR, rights apart."""
        self.call(dispatch.write, ROWS[name], value)

    def read(self, name: str) -> int:
        """MRC, rights apart."""
        return self.call(dispatch.read, ROWS[name])

    def allowed(self, name: str, write: bool) -> bool:
        return bool(self.call(access.allowed, RULES[name], int(write)))

    def store(self, physical: int, value: int) -> None:
        self.memory.store(DDR_HOST + physical, 4, value)

    def translate(self, address: int, how: int = READ) -> Result:
        physical = self.call(translate.translate, address, how)
        fault = self.get("fault")
        self.set("fault", 0)
        names = ("ns", "kind", "inner", "outer", "shareable", "micro")
        found = (self.memory.load(self._mapping + offsetof(Mapping, name), 4) for name in names)
        return Result(physical, fault & 0x7FFF_FFFF, *map(int, found))

    def count(self, which: int) -> int:
        place = self.program.address_of("ovm.board.events.CORE_COUNTS") + self.get("number") * sizeof(events.Counts)
        return int(self.memory.load(place + 8 * which, 8))

    @property
    def walks(self) -> int:
        return self.count(events.COUNT_MAIN_MISSES)

    @property
    def micro_misses(self) -> int:
        return self.count(events.COUNT_DATA_MICRO_MISSES)

    def entry(self, index: int, core: int = 0) -> tuple[int, int, int, int]:
        """VA, PA, attributes, locked of an entry of the main TLB."""
        place = self._main + core * sizeof(main.MainTlb) + index * sizeof(Entry)
        virtual, physical, attributes, locked = (int(self.memory.load(place + 4 * word, 4)) for word in range(4))
        return virtual, physical, attributes, locked

    def valid(self, core: int = 0) -> list[int]:
        """Return which entries of the main TLB are valid."""
        return [index for index in range(main.ENTRIES) if self.entry(index, core)[1] & 1]

    def micro_entries(self, side: int = micro.DATA, core: int = 0) -> int:
        place = self._micro + (core * 2 + side) * sizeof(micro.MicroTlb)
        return sum(self.memory.load(place + 4 * index, 4) != 0 for index in range(micro.MOST_ENTRIES))
