# SPDX-License-Identifier: Apache-2.0
"""The devices alone, compiled for this machine: the bus, no interpreter."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from ovm.board import events
from ovm.board.api.parameters import DEFAULT_FILE
from ovm.board.api.wiring import Wired, read_values, wire, wired
from ovm.board.clock import SLOTS_PER_CYCLE
from ovm.board.devices import due, gic_state, sd_card, signal, uart
from ovm.board.interconnect import bus
from ovm.board.parameters import Parameters
from ovm.board.ram import storage
from ovm.board.run import devices_reset, expiry
from ovm.board.state import ATTEND_STOP, Cpu, core_of
from ovm.metal import offsetof, sizeof
from ovm.metal.build.host import HostProgram, host_image
from ovm.metal.build.host_image import HostImage
from ovm.metal.compiler import Options, Unit, compile_unit

ROOTS = (
    devices_reset.devices_reset,
    bus.read,
    bus.write,
    storage.ram,
    storage.backing,
    due.next_due,
    expiry.expire_until,
    gic_state.raise_line,
    gic_state.raise_private,
    core_of,
    uart.uart_receive,
    sd_card.card_insert,
)
WIRED = wired(read_values(DEFAULT_FILE))
FAULT = 1 << 32
DISTRIBUTOR = 0xF8F0_1000
INTERFACE = 0xF8F0_0100
SLCR = 0xF800_0000
FIQ, IRQ = 1, 2
HOST = 3


@cache
def _image() -> HostImage:
    return host_image(compile_unit(ROOTS, Options(target="host")), "0")


class Devices:
    """Devices after reset, and a clock to set by hand."""

    def __init__(
        self, unit: Unit | None = None, parameters: Mapping[str, int] | None = None, machine: Wired = WIRED
    ) -> None:
        self.machine = machine
        self.program = HostProgram(unit or _image(), optimise="0")
        self.memory = self.program.memory
        self._cores = self.program.address_of("ovm.board.state.CORES")
        self._cpu = self.program.address_of("ovm.board.state.CPU")
        self.reset(**(parameters or {}))

    def reset(self, **parameters: int) -> None:
        self.program.reset()
        wire(self.program, self.machine)
        place = self.program.address_of("ovm.board.parameters.PARAMETERS")
        for name, value in parameters.items():
            self.memory.store(place + offsetof(Parameters, name), 4, value)
        self.memory.store(self._cores + sizeof(Cpu) + offsetof(Cpu, "number"), 4, 1)
        self.call(devices_reset.devices_reset)

    def call(self, function: Any, *arguments: int) -> int:
        return int(self.program.call(f"{function.__module__}.{function.__name__}", *arguments) or 0)

    def read(self, address: int, size: int = 4, *, ns: int = 0, master: int = 0) -> int | None:
        """Return what a master reads; None for an external abort."""
        value = self.call(bus.read, address, size, ns, master)
        return None if value & FAULT else value

    def write(self, address: int, value: int, size: int = 4, *, ns: int = 0, master: int = 0) -> bool:
        """Write; False for an external abort."""
        return not self.call(bus.write, address, value, size, ns, master)

    @property
    def now(self) -> int:
        return int(self.memory.load(self._cpu + offsetof(Cpu, "slots"), 8)) // SLOTS_PER_CYCLE

    @now.setter
    def now(self, cycles: int) -> None:
        """Let time pass: devices do what is due in between."""
        self.memory.store(self._cpu + offsetof(Cpu, "slots"), 8, cycles * SLOTS_PER_CYCLE)
        self.call(expiry.expire_until, cycles)

    def lines(self, core: int) -> int:
        place = self._cpu if core == 0 else self._cores + sizeof(Cpu)
        return int(self.memory.load(place + offsetof(Cpu, "lines"), 4))

    def signal(self, name: str, core: int = 0) -> int:
        """Return what devices ask of the machine's loop."""
        place = self.program.address_of("ovm.board.devices.signal.SIGNALS")
        return int(self.memory.load(place + offsetof(signal.Signals, name) + 4 * core, 4))

    def attention(self) -> bool:
        """Tell whether the loop of the machine is asked to stop."""
        return bool(self.memory.load(self._cpu + offsetof(Cpu, "attention"), 4) & ATTEND_STOP)

    def listen(self, *kinds: int) -> None:
        """Keep events of these kinds."""
        place = self.program.address_of("ovm.board.events.EVENTS")
        self.memory.store(place + offsetof(events.Events, "mask"), 4, sum(1 << kind for kind in kinds))

    def heard(self) -> list[tuple[int, int, int]]:
        """Kind and numbers of the events since the last call."""
        place, ring = (self.program.address_of(f"ovm.board.events.{name}") for name in ("EVENTS", "RING"))
        head = int(self.memory.load(place + offsetof(events.Events, "head"), 4))
        found = []
        for number in range(int(self.memory.load(place + offsetof(events.Events, "tail"), 4)), head):
            at = ring + number % events.RING_EVENTS * sizeof(events.Event)
            kind = int(self.memory.load(at + offsetof(events.Event, "kind"), 1))
            numbers = (int(self.memory.load(at + offsetof(events.Event, name), 4)) for name in ("first", "second"))
            found.append((kind, *numbers))
        self.memory.store(place + offsetof(events.Events, "tail"), 4, head)
        return found

    def unlock(self) -> None:
        self.write(SLCR + 8, 0xDF0D)
