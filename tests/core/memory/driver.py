# SPDX-License-Identifier: Apache-2.0
"""Drive `ovm.core.memory` from outside: compiled for this machine, or interpreted by CPython.

Both drivers take symbols and numbers, so that a scenario doesn't know which one it runs on. Everything that the code does to
the processor (CP15 writes, barriers) is logged in order, and told to a listener at once.
"""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ovm.abi.config import GuestConfig
from ovm.arm import cp15
from ovm.core import config
from ovm.core import guest as slots
from ovm.core.emulate.cp15 import register_write
from ovm.core.memory import balloon, fault, frames, guest, guest_access, guest_map, lockdown, maintenance, pool, space, tables
from ovm.core.memory import refusal as refusals
from ovm.core.memory.access import FaultOutcome
from ovm.core.memory.guest_map import Lookup, Place, Touch
from ovm.core.vcpu import VCPUS, Vcpu
from ovm.metal import Cp15, Struct, simulate, sizeof
from ovm.metal.build.handlers import Handlers
from ovm.metal.build.host import HostProgram
from ovm.metal.compiler import Options, Unit, compile_unit

BARRIERS = ("dsb", "dmb", "isb", "clrex", "sev", "wfe", "wfi")
REGISTERS = {cp15.key_of(register): register.name for register in vars(cp15).values() if isinstance(register, Cp15)}
ROOTS = (
    register_write,
    guest.memory_initialise,
    guest.memory_cpu_initialise,
    guest.guest_memory_start,
    guest.guest_memory_stop,
    guest.guest_memory_release,
    space.space_activate,
    space.space_mode,
    fault.fault,
    maintenance.maintain_all,
    maintenance.maintain_asid,
    maintenance.maintain_address,
    balloon.balloon_release,
    guest_access.guest_fetch_word,
    guest_access.guest_fetch_half,
    guest_access.guest_load,
    guest_access.guest_store,
    guest_access.guest_locate,
    guest_map.look_up,
    lockdown.srt_switch,
    lockdown.lock_entries_clear,
    frames.frame_key,
    frames.owner_of,
    pool.pool_take,
    pool.pool_return,
)
STATICS = {
    "CONFIG": config.CONFIG,
    "GUESTS": slots.GUESTS,
    "REGIONS": config.REGIONS,
    "VCPUS": VCPUS,
    "REFUSAL": refusals.REFUSALS,
    "SHARES": tables.SHARES,
    "TABLES": tables.TABLES,
    "STAMPS": tables.STAMPS,
    "POOL": pool.POOLS,
    "HOLDINGS": guest_map.HOLDINGS,
}
_SYMBOLS = {
    "CONFIG": "ovm.core.config.CONFIG",
    "GUESTS": "ovm.core.guest.GUESTS",
    "REGIONS": "ovm.core.config.REGIONS",
    "VCPUS": "ovm.core.vcpu.VCPUS",
    "REFUSAL": "ovm.core.memory.refusal.REFUSALS",
    "SHARES": "ovm.core.memory.tables.SHARES",
    "TABLES": "ovm.core.memory.tables.TABLES",
    "STAMPS": "ovm.core.memory.tables.STAMPS",
    "POOL": "ovm.core.memory.pool.POOLS",
    "HOLDINGS": "ovm.core.memory.guest_map.HOLDINGS",
}
Log = list[tuple[str, int]]
# Room for a result: RAM that the board of these tests has, and nobody uses.
PLACE = 0x8078_0000


def symbol_of(name: str) -> str:
    """Return the symbol of one of the statics above."""
    return _SYMBOLS[name]


class Driver(ABC):
    """The common part of both drivers."""

    memory: Any

    def __init__(self) -> None:
        self.log: Log = []
        self.listener: Callable[[str, int], None] | None = None
        self.alarm: Callable[[], bool] = lambda: False
        self.stay = 0

    def interrupt_waits(self, waits: bool) -> None:
        """Let ISR show a FIQ from now on, or none. `alarm` is asked at each look."""
        self.alarm = lambda: waits

    def looks(self, register: str) -> int | None:
        """Return what ISR shows, and how many cycles the stay has taken, always `stay`; None for another register."""
        if register == "PMCCNTR":
            return self.stay
        return self.alarm() << 6 if register == "ISR" else None

    def note(self, name: str, value: int = 0) -> None:
        self.log.append((name, value))
        if self.listener:
            self.listener(name, value)

    @abstractmethod
    def address_of(self, name: str) -> int:
        """Return where a static lies."""

    @abstractmethod
    def call(self, function: Any, *arguments: int) -> int:
        """Call a metal function with numbers; structs are passed by their address."""

    def view(self, kind: type[Any], name: str, index: int = 0) -> Any:
        """Return a static struct, or an element of a static array of structs."""
        return kind.refer(self.address_of(name) + index * sizeof(kind))

    def vcpu(self, index: int) -> Vcpu:
        view: Vcpu = self.view(Vcpu, "VCPUS", index)
        return view

    def config(self, index: int) -> GuestConfig:
        guest: slots.Guest = self.view(slots.Guest, "GUESTS", index)
        return guest.config

    def word(self, address: int) -> int:
        return int(self.memory.load(address, 4))

    def store(self, address: int, value: int) -> None:
        self.memory.store(address, 4, value)

    def touch(self, index: int, gpa: int) -> int:
        """Return where a guest's page lies, after a first touch; 0 if it isn't the guest's to write."""
        write = int(Touch.YES.value)
        while (found := self.call(guest_map.look_up, self.vcpu(index).address, gpa, write, PLACE)) == int(Lookup.LATER.value):
            pass
        place = Place.refer(PLACE)
        return int(place.phys) if found == int(Lookup.FOUND.value) and place.writable and not place.device else 0

    def fault(self, index: int, va: int, access: int, status: int) -> int:
        """Let OVM answer a fault, and again as long as it says so because a frame isn't zero yet."""
        ready = self.view(pool.Pool, "POOL")
        while True:
            before = int(ready.next), int(ready.zeroed)
            outcome = self.call(fault.fault, self.vcpu(index).address, va, access, status)
            if outcome != int(FaultOutcome.RETRY.value) or before == (int(ready.next), int(ready.zeroed)):
                return outcome
            if int(ready.next) == pool.NO_FRAME:
                return outcome

    def words(self, address: int, count: int) -> Sequence[int]:
        """Words of this little-endian machine's memory, which the modelled one is too."""
        return memoryview(bytearray(self.memory.read(address, 4 * count))).cast("I")


class _Forward(Handlers):
    def __init__(self, driver: Driver) -> None:
        self.driver = driver

    def cp15_read(self, encoding: int) -> int:
        shown = self.driver.looks(REGISTERS[encoding])
        return super().cp15_read(encoding) if shown is None else shown

    def cp15_write(self, encoding: int, value: int) -> None:
        self.driver.note(REGISTERS[encoding], value)

    def barrier(self, kind: int) -> None:
        self.driver.note(BARRIERS[kind])


@functools.cache
def host_unit(lockdown_on: bool, checked: bool = True) -> Unit:
    """Return the code under test, compiled for this machine."""
    constants = {"ovm.core.config.LOCKDOWN": lockdown_on}
    return compile_unit(ROOTS, Options(target="host", checked=checked, constants=constants))


@functools.cache
def _program(lockdown_on: bool) -> HostProgram:
    return HostProgram(host_unit(lockdown_on))


class Compiled(Driver):
    """The code compiled for this machine."""

    def __init__(self, lockdown_on: bool = False) -> None:
        self.handlers = _Forward(self)
        super().__init__()
        self.program = _program(lockdown_on)
        self.program.handlers = self.handlers
        self.program.reset()
        self.memory = self.program.memory

    def address_of(self, name: str) -> int:
        return self.program.address_of(_SYMBOLS[name])

    def call(self, function: Any, *arguments: int) -> int:
        return self.program.call(function.symbol, *arguments) or 0


def _value(kind: Any, bits: int) -> Any:
    if kind is bool:
        return bits != 0
    return kind.refer(bits) if issubclass(kind, Struct) else kind.from_bits(bits)


class _Registers(dict[Cp15, int]):
    """The processor's registers under CPython."""

    def __init__(self, driver: Driver, values: dict[Cp15, int]) -> None:
        super().__init__(values)
        self.driver = driver
        self.setdefault(cp15.ISR, 0)
        self.setdefault(cp15.PMCCNTR, 0)

    def __getitem__(self, register: Cp15) -> int:
        shown = self.driver.looks(register.name)
        return super().__getitem__(register) if shown is None else shown


class Interpreted(Driver):
    """The code under CPython."""

    def __init__(self, simulation: Any) -> None:
        self.simulation = simulation
        super().__init__()
        self.memory = simulation.memory
        simulation.on_cp15_write = lambda register, value: self.note(register.name, value)
        simulation.barrier = self.note
        simulation.cp15 = _Registers(self, simulation.cp15)

    def address_of(self, name: str) -> int:
        static: Any = STATICS[name]
        return int(static.address)

    def call(self, function: Any, *arguments: int) -> int:
        kinds = function.signature.kinds.values()
        values = [_value(kind, bits) for kind, bits in zip(kinds, arguments, strict=True)]
        result = function(*values)
        if result is None:
            return 0
        return int(result if isinstance(result, bool) else result.to_bits())


@contextmanager
def compiled(lockdown_on: bool = False) -> Iterator[Driver]:
    """Yield the code compiled for this machine, in fresh memory, which struct views see."""
    driver = Compiled(lockdown_on)
    with driver.memory.current():
        yield driver


@contextmanager
def interpreted() -> Iterator[Driver]:
    """Yield the code under CPython, in fresh memory."""
    with simulate.simulate() as simulation:
        yield Interpreted(simulation)
